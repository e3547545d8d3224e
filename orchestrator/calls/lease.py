"""The record of an event in the state store while one process executes it."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import suppress
from typing import Any

from orchestrator.calls.journal import Entries
from orchestrator.observability import logging
from orchestrator.state.store import StateStore, StoreUnavailableError

RECORD_TTL_SECONDS = 3600.0
"""How long the result of an event, or the journal of a failed one, is kept for redelivered events."""
DELETION_TTL_SECONDS = 0.001
"""The lifetime of a record that is no longer needed: a swap that deletes."""


class LeaseLostError(Exception):
    """Another process has taken over the event, because this one did not renew its lease in time."""


class Lease:
    """The right to execute an event, as long as its record changes from time to time.

    Every write replaces exactly the record that was written before, so that a process that was suspended and has lost
    its lease begins no further step.

    Args:
        store: the state store, which all processes share.
        key: the key of the record.

    Attributes:
        owner: identifies this lease in the record.
    """

    def __init__(self, store: StateStore, key: str) -> None:
        self._store = store
        self._key = key
        self.owner = uuid.uuid4().hex
        self._text = ""
        self._steps: Entries = {}
        self._renewals = 0
        self._writing = asyncio.Lock()
        self._ended = False
        self._next_renewal: asyncio.TimerHandle | None = None
        self._renewal: asyncio.Task[None] | None = None

    async def take(self, record: str | None, steps: Entries) -> bool:
        """Replace a record, None if there is none; return False if it has changed meanwhile."""
        text = self._as_text(steps)
        if not await self._store.compare_and_swap(self._key, record, text, RECORD_TTL_SECONDS):
            return False
        self._text, self._steps = text, steps
        return True

    async def write(self, steps: Entries) -> None:
        """Store the steps.

        Raises:
            LeaseLostError: another process executes the event.
        """
        self._steps = steps
        await self._renew()

    def renew_every(self, seconds: float) -> None:
        """Change the record from time to time until the lease ends, which shows other processes that this one runs."""

        async def renew() -> None:
            try:
                # a lost lease is noticed by the next write of the execution itself
                with suppress(LeaseLostError, StoreUnavailableError):
                    await self._renew()
            # this task is not awaited; the next renewal tries again
            except Exception as error:  # noqa: BLE001
                logging.exception("lease_renewal_failed", error)

        def start_renewal() -> None:
            # a timer and not a task that sleeps: it can be cancelled without breaking off a write to the store
            self._renewal = asyncio.create_task(renew())
            self.renew_every(seconds)

        self._next_renewal = asyncio.get_running_loop().call_later(seconds, start_renewal)

    def stop_renewal(self) -> None:
        """Renew no more."""
        self._ended = True
        if self._next_renewal:
            self._next_renewal.cancel()

    async def finish(self, result: dict[str, Any]) -> None:
        """Store the result, which ends the lease.

        Raises:
            LeaseLostError: another process executes the event.
        """
        await self._replace(json.dumps({"result": result}), RECORD_TTL_SECONDS)

    async def release(self, steps: Entries) -> None:
        """End the lease without a result; the next delivery continues after these steps at once.

        Raises:
            LeaseLostError: another process executes the event.
        """
        ttl = RECORD_TTL_SECONDS if steps else DELETION_TTL_SECONDS
        await self._replace(json.dumps({"steps": steps}), ttl)

    async def _renew(self) -> None:
        self._renewals += 1
        await self._replace(self._as_text(self._steps), RECORD_TTL_SECONDS)

    async def _replace(self, text: str, ttl: float) -> None:
        async with self._writing:
            # a renewal that waited for the last write must not replace it
            if self._ended:
                return
            if not await self._store.compare_and_swap(self._key, self._text, text, ttl):
                # A write that timed out may have arrived nevertheless; a restarted Redis knows no record.
                current = await self._store.get(self._key)
                is_own = current is None or json.loads(current).get("owner") == self.owner
                if not is_own or not await self._store.compare_and_swap(self._key, current, text, ttl):
                    raise LeaseLostError
            self._text = text

    def _as_text(self, steps: Entries) -> str:
        return json.dumps({"owner": self.owner, "renewal": self._renewals, "steps": steps})
