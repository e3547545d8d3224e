"""Execution of events once, across processes and after crashes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

from orchestrator.calls.journal import REPLY_STEP, EventJournal
from orchestrator.calls.lease import RECORD_TTL_SECONDS, Lease, LeaseLostError
from orchestrator.errors import ServiceUnavailableError
from orchestrator.state.store import StateStore, StoreUnavailableError

Result: TypeAlias = dict[str, Any]
LEASE_SECONDS = 5.0
"""An execution whose record has not changed for this time counts as crashed, and the next delivery resumes it."""
RENEWALS_PER_LEASE = 4
WAIT_SECONDS = 10.0
MIN_POLL_SECONDS, MAX_POLL_SECONDS = 0.01, 0.2
"""The pause doubles: most results come at once, and many waiting deliveries must not keep Redis busy. Keyspace
notifications, which would tell, are off by default."""


class IdempotentExecutor:
    """Runs the work of an event once, also under concurrency; later deliveries get the stored result.

    The record of an event is JSON: `owner`, `renewal` and `steps` while it runs, `steps` after a failure, `result` in
    the end.

    Args:
        store: the state store, which all processes share.
        lease_seconds: how long an execution that crashed blocks the next one.
    """

    def __init__(self, store: StateStore, lease_seconds: float = LEASE_SECONDS) -> None:
        self._store = store
        self._lease_seconds = lease_seconds
        self._running: set[str] = set()

    async def run(self, event_id: str, work: Callable[[EventJournal], Awaitable[Result]]) -> Result:
        """Return the result of `work`, or the stored result of an earlier run; a failed or crashed run is resumed.

        Raises:
            ServiceUnavailableError: another run of the same event does not finish in time.
        """
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while True:
            acquired = await self._acquire(event_id, deadline)
            if not isinstance(acquired, tuple):
                return acquired
            # after a lost lease, the process that took over will have the result
            with suppress(LeaseLostError):
                return await self._execute(*acquired, work)

    async def redact(self, event_id: str, redact_result: Callable[[Result], Result]) -> None:
        """Replace the stored result of an event by `redact_result` of it; a failed event loses the reply to the guest."""
        record_key = _record_key(event_id)
        text = await self._store.get(record_key)
        record = json.loads(text) if text else {}
        if "result" in record:
            record = {"result": redact_result(record["result"])}
        elif record.get("steps", {}).pop(REPLY_STEP, None) is None:
            return
        # has no effect if the event is delivered again at this moment, or the record has expired
        await self._store.compare_and_swap(record_key, text, json.dumps(record), RECORD_TTL_SECONDS)

    async def _acquire(self, event_id: str, deadline: float) -> tuple[Lease, EventJournal] | Result:
        """Return a lease and the journal of earlier runs, or the result of another run."""
        time = asyncio.get_running_loop().time
        key = _record_key(event_id)
        lease = Lease(self._store, key)
        if await lease.take(None, {}):
            return lease, EventJournal(event_id, {}, lease.write)
        seen, seen_at, pause = "", time(), MIN_POLL_SECONDS
        while True:
            text = await self._store.get(key)
            record = json.loads(text) if text else {}
            if "result" in record:
                result: Result = record["result"]
                return result
            if text != seen:
                seen, seen_at = text or "", time()
            steps = record.get("steps", {})
            if self._is_free(record, time() - seen_at) and await lease.take(text, steps):
                return lease, EventJournal(event_id, steps, lease.write, repeated=True)
            if time() > deadline:
                raise ServiceUnavailableError("The same event is still being processed.", retry_after=1)
            await asyncio.sleep(pause)
            pause = min(2 * pause, MAX_POLL_SECONDS)

    def _is_free(self, record: dict[str, Any], unchanged_seconds: float) -> bool:
        owner = record.get("owner")
        # a run of this process is alive, however busy it is: taking it over would make an overload worse
        return owner is None or (owner not in self._running and unchanged_seconds >= self._lease_seconds)

    async def _execute(
        self, lease: Lease, journal: EventJournal, work: Callable[[EventJournal], Awaitable[Result]]
    ) -> Result:
        with self._renewed(lease):
            try:
                result = await work(journal)
                await lease.finish(result)
            # without the store nothing can be released, and the lease ends by itself
            except (LeaseLostError, StoreUnavailableError):
                raise
            # also a cancelled run must end its lease, or redelivery would wait for it
            except BaseException:
                with suppress(LeaseLostError, StoreUnavailableError):
                    await lease.release(journal.entries)
                raise
        return result

    @contextmanager
    def _renewed(self, lease: Lease) -> Iterator[None]:
        self._running.add(lease.owner)
        lease.renew_every(self._lease_seconds / RENEWALS_PER_LEASE)
        try:
            yield
        finally:
            lease.stop_renewal()
            self._running.discard(lease.owner)


def _record_key(event_id: str) -> str:
    return f"idempotency:{event_id}"
