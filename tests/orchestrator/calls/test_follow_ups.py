"""Follow-ups are done once, by whichever process finds them, and completed after a crash."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from orchestrator.calls.follow_up_task import FollowUpTask
from orchestrator.calls.follow_ups import BUCKET, CLAIM_SECONDS, FollowUp, FollowUpKind, FollowUpQueue
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.journal import EventJournal
from orchestrator.calls.repository import CallRepository
from orchestrator.observability.correlation import correlation_id, safe_correlation_id
from tests.orchestrator.calls.call_flow import ended, interaction, started
from tests.orchestrator.calls.crashing import LONGEST_RINGING, SHORT_LEASE_SECONDS, World
from tests.orchestrator.calls.mortal_process import MortalProcess, ProcessDied

CONNECTING = "One moment, I am connecting you."
NO_ANSWER = "I am sorry, my colleagues do not answer just now. Is there anything I can do for you?"


class Worker:
    """Notes the follow-ups that it does; `fails` of them fail first."""

    def __init__(self, world: World, fails: int = 0) -> None:
        self.done: list[str] = []
        self.correlation_ids: list[str] = []
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()
        self._fails = fails
        self.queue = FollowUpQueue(world.store, world.now)
        self.task = FollowUpTask(
            self.queue,
            IdempotentExecutor(world.store),
            dict.fromkeys(FollowUpKind, self._do),
            poll_interval=0.0,
            drain_seconds=3600.0,
        )

    async def _do(self, follow_up: FollowUp, _: EventJournal) -> dict[str, str]:
        self.begun.set()
        await self.may_end.wait()
        if self._fails:
            self._fails -= 1
            raise ValueError("unexpected")
        self.done.append(follow_up.call_id)
        self.correlation_ids.append(safe_correlation_id())
        return {}

    async def look(self) -> None:
        """Do what is due."""
        await asyncio.gather(*await self.task.start_due())


async def begin_transfer(world: World) -> None:
    """Let a guest ask for a colleague."""
    response, _ = await world.send(started(), interaction("transfer_request"))
    assert (response["reply"], response["result"]) == (CONNECTING, {"transferring": True})


async def test_follow_up_is_done_once_by_one_of_several_processes() -> None:
    """Two look at the same time; nothing is left for the next look."""
    world = World()
    first, second = Worker(world), Worker(world)
    for number in range(5):
        await first.queue.add(FollowUpKind.TRANSFER, str(number), "event")

    await asyncio.gather(first.look(), second.look())
    world.seconds += CLAIM_SECONDS
    await second.look()

    assert sorted(first.done + second.done) == ["0", "1", "2", "3", "4"]
    assert await second.queue.list_due() == []


async def test_follow_up_that_was_added_twice_is_done_once() -> None:
    """Its event was delivered again, after a while."""
    world = World()
    worker = Worker(world)
    for _ in range(2):
        await worker.queue.add(FollowUpKind.AGENT_EXPECTED, "1", "event", delay=timedelta(seconds=10))
        world.seconds += 1

    world.seconds = 20
    await worker.look()
    world.seconds += CLAIM_SECONDS
    await worker.look()

    assert (worker.done, await worker.queue.list_due()) == (["1"], [])


async def test_follow_up_waits_for_its_time_and_survives_a_restart() -> None:
    """It is in the state store; a process that starts up to five minutes late still does it."""
    world = World()
    await FollowUpQueue(world.store, world.now).add(
        FollowUpKind.AGENT_EXPECTED, "1", "event", delay=timedelta(seconds=10)
    )
    worker = Worker(world)
    world.seconds = 9.9
    await worker.look()
    assert worker.done == []

    world.seconds = 10 + 5 * BUCKET.total_seconds()
    await worker.look()

    assert worker.done == ["1"]


async def test_follow_up_that_failed_is_done_when_its_claim_has_expired() -> None:
    """For example because the state store was away."""
    world = World()
    worker = Worker(world, fails=1)
    await worker.queue.add(FollowUpKind.TRANSFER, "1", "event")

    await worker.look()
    await worker.look()
    assert worker.done == []
    world.seconds += CLAIM_SECONDS
    await worker.look()

    assert worker.done == ["1"]


async def test_follow_up_has_the_correlation_id_of_its_cause() -> None:
    """So its log lines and vendor requests are found by the id of the event."""
    worker = Worker(World())
    cause = correlation_id.set("event-1")
    await worker.queue.add(FollowUpKind.TRANSFER, "1", "event")
    correlation_id.reset(cause)

    await worker.look()

    assert worker.correlation_ids == ["event-1"]


async def test_end_of_a_process_waits_for_what_it_does() -> None:
    """A transfer that is cut off would leave the guest without a word."""
    world = World()
    worker = Worker(world)
    await worker.queue.add(FollowUpKind.TRANSFER, "1", "event")
    worker.may_end.clear()
    running = asyncio.create_task(worker.task.run_forever())
    await worker.begun.wait()

    running.cancel()
    await asyncio.wait([running], timeout=0)
    is_over = running.done()
    worker.may_end.set()
    await asyncio.wait([running])

    assert (is_over, worker.done) == (False, ["1"])


async def test_transfer_of_a_process_that_died_is_never_begun_twice() -> None:
    """Wherever it dies: the caller is with a colleague, or hears that nobody answers; the call knows which."""
    undisturbed = World()
    await begin_transfer(undisturbed)
    process = MortalProcess()
    await undisturbed.do_follow_ups(process)
    assert process.points > 8

    transfers = []
    for point in range(process.points):
        world = World()
        await begin_transfer(world)
        with pytest.raises(ProcessDied):
            await world.do_follow_ups(MortalProcess(point))

        world.seconds += CLAIM_SECONDS + LONGEST_RINGING.total_seconds()
        await world.do_follow_ups(lease_seconds=SHORT_LEASE_SECONDS)

        [transfer] = (await CallRepository(world.store).get("1")).interactions
        is_transferred = bool(world.telephony.transferred)
        assert transfer.outcome == ("done" if is_transferred else "refused"), f"point {point}"
        fallback = [] if is_transferred else [NO_ANSWER]
        assert world.telephony.spoken[1:] == [CONNECTING, *fallback], f"point {point}"
        transfers.append(len(world.telephony.transferred))
    assert set(transfers) == {0, 1}


async def test_call_that_ended_before_its_transfer_is_not_transferred() -> None:
    """The caller hung up at once; the record says that nobody was reached."""
    world = World()
    await begin_transfer(world)
    await world.send(ended())

    await world.do_follow_ups()

    assert world.telephony.transferred == []
    [transfer] = world.records.by_id["1"].interactions
    assert (transfer.type, transfer.outcome) == ("transfer_request", "refused")
