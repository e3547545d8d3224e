"""The lease of an event, and what is resumed when it ends."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest

from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.journal import EventJournal
from orchestrator.calls.lease import RECORD_TTL_SECONDS, LeaseLostError
from orchestrator.pms.errors import PmsUnavailableError
from orchestrator.state.memory import InMemoryStateStore
from orchestrator.state.store import StoreUnavailableError

LEASE_SECONDS = 0.05
RESULT = {"status": "success"}


async def _succeed(_journal: EventJournal) -> dict[str, Any]:
    return RESULT


async def _fail(_journal: EventJournal) -> dict[str, Any]:
    raise LookupError


async def test_long_run_renews_its_lease() -> None:
    """A delivery at the same time waits for it, longer than the lease."""
    store = InMemoryStateStore()
    runs = 0

    async def work(_journal: EventJournal) -> dict[str, Any]:
        nonlocal runs
        runs += 1
        await asyncio.sleep(4 * LEASE_SECONDS)
        return RESULT

    executors = [IdempotentExecutor(store, LEASE_SECONDS) for _ in range(4)]
    results = await asyncio.gather(*(executor.run("event", work) for executor in executors))

    assert (results, runs) == ([RESULT] * 4, 1)


async def test_run_whose_lease_was_taken_over_gets_the_other_result() -> None:
    """It begins no further step, because its record has been replaced."""
    store = InMemoryStateStore()
    # it renews so seldom that it looks like a suspended process
    suspended, other = IdempotentExecutor(store, 3600), IdempotentExecutor(store, LEASE_SECONDS)
    resume, steps = asyncio.Event(), []

    async def work(journal: EventJournal) -> dict[str, Any]:
        await resume.wait()

        async def perform() -> bool:
            steps.append("performed")
            return True

        await journal.run_step("step", {}, perform, perform)
        return {"status": "too late"}

    run = asyncio.create_task(suspended.run("event", work))
    await asyncio.sleep(0)

    result = await other.run("event", _succeed)
    resume.set()

    assert (result, await run, steps) == (RESULT, RESULT, [])


class BusyStore(InMemoryStateStore):
    """A store that has no time for renewals."""

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Swap a value, unless the lease of a running event is renewed."""
        if '"renewal"' in new and '"renewal": 0' not in new:
            raise StoreUnavailableError("busy")
        return await super().compare_and_swap(key, old, new, ttl)


async def test_delivery_waits_for_a_run_of_the_same_process() -> None:
    """However long its lease is not renewed: taking it over would make an overload worse."""
    executor = IdempotentExecutor(BusyStore(), LEASE_SECONDS)
    runs = 0

    async def work(_journal: EventJournal) -> dict[str, Any]:
        nonlocal runs
        runs += 1
        await asyncio.sleep(4 * LEASE_SECONDS)
        return RESULT

    assert await asyncio.gather(*(executor.run("event", work) for _ in range(3))) == [RESULT] * 3
    assert runs == 1


async def test_failed_run_is_repeated_at_once() -> None:
    """The next delivery does not wait for the lease of the failed one."""
    executor = IdempotentExecutor(InMemoryStateStore(), lease_seconds=3600)
    with pytest.raises(LookupError):
        await executor.run("event", _fail)

    assert await executor.run("event", _succeed) == RESULT


async def test_steps_of_a_failed_run_are_kept_for_a_late_redelivery() -> None:
    """An hour, as long as a result: what a vendor has done is not done again."""
    seconds, done = 0.0, []
    executor = IdempotentExecutor(InMemoryStateStore(lambda: seconds))

    async def act() -> str:
        done.append("booked")
        return "booked"

    async def book_and_fail(journal: EventJournal) -> dict[str, Any]:
        await journal.run_step("book", {}, act, act)
        raise LookupError

    async def book(journal: EventJournal) -> dict[str, Any]:
        return {"outcome": await journal.run_step("book", {}, act, act)}

    with pytest.raises(LookupError):
        await executor.run("event", book_and_fail)
    seconds += RECORD_TTL_SECONDS - 1

    assert await executor.run("event", book) == {"outcome": "booked"}
    assert done == ["booked"]


async def test_result_is_stored_although_the_store_lost_the_record() -> None:
    """A restarted Redis knows nothing of the running event."""
    store = InMemoryStateStore()
    executor = IdempotentExecutor(store)

    async def work(_journal: EventJournal) -> dict[str, Any]:
        await store.delete("idempotency:event")
        return RESULT

    await executor.run("event", work)

    assert await executor.run("event", _fail) == RESULT


async def test_write_that_arrived_without_an_answer_does_not_end_the_lease() -> None:
    """A stopped Redis executes what it received when it continues."""

    class LateStore(InMemoryStateStore):
        answers = True

        async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
            swapped = await super().compare_and_swap(key, old, new, ttl)
            if not self.answers:
                raise StoreUnavailableError("no answer")
            return swapped

    store = LateStore()

    async def work(journal: EventJournal) -> dict[str, Any]:
        async def perform() -> bool:
            return True

        store.answers = False
        with pytest.raises(StoreUnavailableError):
            await journal.run_step("step", {}, perform, perform)
        store.answers = True
        await journal.run_step("other step", {}, perform, perform)
        return RESULT

    assert await IdempotentExecutor(store).run("event", work) == RESULT


@pytest.mark.parametrize("happened", [True, False])
async def test_step_without_outcome_is_reconciled(*, happened: bool) -> None:
    """The vendor is asked first; the effect is repeated only if it did not happen."""
    executor = IdempotentExecutor(InMemoryStateStore())
    performed: list[str] = []

    async def perform() -> str:
        performed.append("effect")
        if len(performed) == 1:
            raise PmsUnavailableError("timeout")
        return "performed"

    async def reconcile() -> str | None:
        return "reconciled" if happened else None

    async def work(journal: EventJournal) -> dict[str, Any]:
        return {"outcome": await journal.run_step("step", {"seen": 1}, perform, reconcile)}

    with pytest.raises(PmsUnavailableError):
        await executor.run("event", work)
    result = await executor.run("event", work)

    assert result == {"outcome": "reconciled" if happened else "performed"}
    assert len(performed) == (1 if happened else 2)


async def test_lost_lease_is_an_error_of_its_own() -> None:
    """Nothing that handles the outage of a store or a vendor catches it."""
    assert not issubclass(LeaseLostError, StoreUnavailableError | PmsUnavailableError)


class UncancellableStore(InMemoryStateStore):
    """A store that finishes a renewal although it is cancelled, as redis-py can while Redis does not respond."""

    def __init__(self) -> None:
        super().__init__()
        self.renewal_started = asyncio.Event()
        self.finish_renewal = asyncio.Event()

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Swap a value; a renewal waits until it is told to go on."""
        if json.loads(new).get("renewal"):
            self.renewal_started.set()
            while not self.finish_renewal.is_set():
                with suppress(asyncio.CancelledError):
                    await self.finish_renewal.wait()
        return await super().compare_and_swap(key, old, new, ttl)


async def test_renewal_that_survives_its_cancellation_does_not_take_the_event_again() -> None:
    """The run has failed without the store; later deliveries do not wait for it for ever."""
    store = UncancellableStore()
    executor = IdempotentExecutor(store, LEASE_SECONDS)

    async def lose_store(_journal: EventJournal) -> dict[str, Any]:
        await store.renewal_started.wait()
        raise StoreUnavailableError("away")

    with pytest.raises(StoreUnavailableError):
        await executor.run("event", lose_store)
    store.finish_renewal.set()

    async with asyncio.timeout(20 * LEASE_SECONDS):
        assert await executor.run("event", _succeed) == RESULT
