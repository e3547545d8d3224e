"""A bulkhead: limits how many calls to one service run at the same time."""

from __future__ import annotations

import asyncio

from orchestrator.resilience.deadline import limit_to_deadline
from orchestrator.resilience.errors import BULKHEAD_FULL, CallRejectedError


class Bulkhead:
    """Lets a limited number of calls run and makes further ones wait: `async with` holds a slot.

    Entering raises CallRejectedError if no slot became free within `queue_timeout`.

    Args:
        max_concurrent: calls that may run at the same time.
        queue_timeout: seconds a call waits for a free slot, at most its share of the event's deadline.
    """

    def __init__(self, *, max_concurrent: int, queue_timeout: float) -> None:
        self._slots = asyncio.Semaphore(max_concurrent)
        self._queue_timeout = queue_timeout

    async def __aenter__(self) -> None:
        if self._slots.locked():
            await self._wait_for_slot()
        else:
            await self._slots.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._slots.release()

    async def _wait_for_slot(self) -> None:
        try:
            # limits the wait for a slot only, not the block
            async with asyncio.timeout(limit_to_deadline(self._queue_timeout)):
                await self._slots.acquire()
        except TimeoutError:
            raise CallRejectedError(BULKHEAD_FULL) from None
