"""At-most-once execution by key, across processes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from orchestrator.errors import ServiceUnavailableError
from orchestrator.state.store import StateStore

RESULT_TTL_SECONDS = 3600.0
"""How long a result is kept for redelivered events."""
IN_PROGRESS = "in-progress"
LOCK_TTL_SECONDS = 30.0
"""After this time an execution counts as crashed, and the next one may start."""
LOCK_WAIT_SECONDS = 10.0
LOCK_POLL_SECONDS = 0.01
"""Polling finds a result within a hundredth of a second; Redis keyspace notifications are off by default."""


class IdempotentExecutor:
    """Runs work at most once per key, also under concurrency; later callers get the stored result.

    Args:
        store: the state store, which all processes share.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store

    async def run(self, key: str, work: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """Return the result of `work`, or the stored result of an earlier run. A failed run can be repeated.

        Raises:
            ServiceUnavailableError: another run of the same key does not finish in time.
        """
        key = f"answered:{key}"
        deadline = asyncio.get_running_loop().time() + LOCK_WAIT_SECONDS
        while not await self._store.compare_and_swap(key, None, IN_PROGRESS, LOCK_TTL_SECONDS):
            stored = await self._store.get(key)
            # None: the run failed between the swap and this read, so the swap is tried again
            if stored not in (None, IN_PROGRESS):
                result: dict[str, Any] = json.loads(str(stored))
                return result
            if asyncio.get_running_loop().time() > deadline:
                raise ServiceUnavailableError("The same event is still being processed.", retry_after=1)
            await asyncio.sleep(LOCK_POLL_SECONDS)
        try:
            result = await work()
        # also a cancelled run must release the key, or redelivery would wait for the lock to expire
        except BaseException:
            await self._store.delete(key)
            raise
        await self._store.set(key, json.dumps(result), RESULT_TTL_SECONDS)
        return result
