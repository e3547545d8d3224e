"""Admission: bounded, fair between clients, and never stuck, whatever the order of starts, ends and cancellations."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.resilience.admission import AdmissionController, AdmissionLimits, OverloadedError

FOREVER = 3600.0


class Load:
    """Requests of clients, each of which lasts until the test ends it."""

    def __init__(self, controller: AdmissionController) -> None:
        self._controller = controller
        self.started: list[str] = []
        self.rejected: list[str] = []
        self._running: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def send(self, *names: str) -> None:
        """Start requests; the first letter of a name is the client."""
        for name in names:
            self._tasks[name] = asyncio.create_task(self._serve(name))
            await settle()

    async def end(self, *names: str) -> None:
        """Let requests in progress end, one after the other."""
        for name in names:
            self._running[name].set()
            await settle()

    async def cancel(self, name: str) -> None:
        """Cancel a request, as when the server stops."""
        self._tasks[name].cancel()
        await settle()

    async def finish(self, name: str) -> None:
        """Wait until a request ends by itself."""
        await self._tasks[name]

    def running(self) -> list[str]:
        """Return the requests in progress."""
        return sorted(self._running)

    async def _serve(self, name: str) -> None:
        try:
            async with self._controller.admit(name[0]):
                self.started.append(name)
                self._running[name] = asyncio.Event()
                try:
                    await self._running[name].wait()
                finally:
                    del self._running[name]
        except OverloadedError:
            self.rejected.append(name)


async def settle() -> None:
    """Let all tasks run until they wait."""
    for _ in range(5):
        await asyncio.sleep(0)


def create_load(
    in_progress: int = 2, per_client: int = 2, waiting: int = 4, max_wait: float = FOREVER
) -> tuple[Load, AdmissionController]:
    """Return the load and the controller that admits it."""
    controller = AdmissionController(
        AdmissionLimits(
            in_progress=in_progress, in_progress_per_client=per_client, waiting=waiting, max_wait=max_wait
        )
    )
    return Load(controller), controller


async def test_requests_beyond_the_limit_wait_and_beyond_the_queue_are_rejected() -> None:
    """A rejected request was never started; an ended one makes room for the oldest."""
    load, controller = create_load(in_progress=2, waiting=2)

    await load.send("a1", "a2", "a3", "a4", "a5")
    before = (load.running(), load.rejected, controller.in_progress(), controller.waiting())
    await load.end("a2", "a1")

    assert before == (["a1", "a2"], ["a5"], 2, 2)
    assert (load.running(), controller.waiting()) == (["a3", "a4"], 0)


async def test_clients_take_turns() -> None:
    """The client that came first with many requests does not keep the others waiting."""
    load, _ = create_load(in_progress=1, per_client=1, waiting=10)

    await load.send("a1", "a2", "a3", "a4", "b1", "b2", "c1")
    await load.end("a1", "a2", "b1", "c1", "a3", "b2")

    assert load.started == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_client_that_fills_the_queue_makes_room_for_others() -> None:
    """Its latest request is rejected, not that of another client; with as many of its own the newcomer is."""
    load, _ = create_load(in_progress=1, per_client=1, waiting=4)

    await load.send("a1", "a2", "a3", "a4", "a5", "b1", "b2", "b3", "c1")

    assert load.rejected == ["a5", "a4", "b3", "a3"]


async def test_slow_requests_of_one_client_leave_room_for_others() -> None:
    """Whatever it sends, the difference of the two limits is left."""
    load, _ = create_load(in_progress=4, per_client=3)

    await load.send("a1", "a2", "a3", "a4", "a5", "b1")

    assert load.running() == ["a1", "a2", "a3", "b1"]


async def test_request_that_waited_too_long_is_rejected() -> None:
    """It leaves the queue, so that the next place is not lost on it."""
    load, controller = create_load(in_progress=1, max_wait=0.01)
    await load.send("a1", "a2")
    async with asyncio.timeout(20):
        await load.finish("a2")

    await load.end("a1")
    await load.send("a3")

    assert (load.rejected, load.running(), controller.waiting()) == (["a2"], ["a3"], 0)


async def test_cancelled_request_neither_keeps_nor_takes_a_place() -> None:
    """Neither one that waits nor one that is cancelled at the moment of its turn."""
    load, controller = create_load(in_progress=1, per_client=1)
    await load.send("a1", "a2", "a3", "a4")
    await load.cancel("a2")
    load._running["a1"].set()  # noqa: SLF001 - and cancelled before any task runs
    await asyncio.sleep(0)
    await load.cancel("a3")

    await load.end("a4")

    assert (load.started, controller.in_progress(), controller.waiting()) == (["a1", "a4"], 0, 0)


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["send", "end", "cancel"]), st.sampled_from("abc"), st.integers(0, 30)),
    max_size=60,
)


@given(
    actions=ACTIONS, in_progress=st.integers(1, 4), per_client=st.integers(1, 4), waiting=st.integers(0, 5)
)
def test_limits_hold_and_no_request_is_stuck(
    actions: list[tuple[str, str, int]], in_progress: int, per_client: int, waiting: int
) -> None:
    """In any order of requests, ends and cancellations; in the end every request has started or was rejected."""

    async def play() -> None:
        load, controller = create_load(in_progress, per_client, waiting)
        cancelled: set[str] = set()
        names: list[str] = []
        for action, client, number in actions:
            if action == "send":
                names.append(f"{client}{len(names)}")
                await load.send(names[-1])
            elif action == "end" and load.running():
                await load.end(load.running()[number % len(load.running())])
            elif action == "cancel" and names:
                cancelled.add(names[number % len(names)])
                await load.cancel(names[number % len(names)])
            running = load.running()
            assert controller.in_progress() == len(running) <= in_progress
            assert max(Counter(name[0] for name in running).values(), default=0) <= per_client
            assert controller.waiting() <= waiting
        while load.running():
            await load.end(load.running()[0])
        assert {*load.started, *load.rejected} | cancelled == {*names}
        assert (controller.in_progress(), controller.waiting()) == (0, 0)

    asyncio.run(play())


@pytest.mark.parametrize("waiting", [0, 1])
async def test_queue_may_be_empty(waiting: int) -> None:
    """Without a queue each request beyond the limit is rejected at once."""
    load, _ = create_load(in_progress=1, waiting=waiting)

    await load.send("a1", "b1", "c1")

    assert load.rejected == ["b1", "c1"][waiting:]
