"""A read-through TTL cache for asyncio whose concurrent reads of one key share one fetch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cachetools import TTLCache

from orchestrator.resilience.deadline import detach_from_deadline

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class CacheStats:
    """Reads by how they were served: from the cache, by a fetch, or by a fetch that was already running."""

    hits: int = 0
    misses: int = 0
    coalesced: int = 0

    def by_outcome(self) -> dict[str, int]:
        """Return the reads by outcome, as the metric `pms_cache_reads_total` labels them."""
        return {"hit": self.hits, "miss": self.misses, "coalesced": self.coalesced}


class CoalescingCache(Generic[K, V]):
    """A cache of values that are fetched asynchronously. Failed fetches are not cached.

    Args:
        max_size: the total size of all values; each counts 1, or what `size_of` returns.
        ttl_seconds: the lifetime of a value.
        size_of: the size of a value.
        clock: the current time in seconds.
    """

    def __init__(
        self,
        *,
        max_size: int,
        ttl_seconds: float,
        size_of: Callable[[V], int] = lambda _: 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._values: TTLCache[K, V] = TTLCache(max_size, ttl_seconds, timer=clock, getsizeof=size_of)
        self._pending: dict[K, asyncio.Task[V]] = {}
        self.stats = CacheStats()

    def get(self, key: K) -> V | None:
        """Return a cached value, or None."""
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Cache a value, unless it is larger than the whole cache."""
        try:
            self._values[key] = value
        except ValueError:
            # too large for cachetools; an older value of the key would be out of date
            self._values.pop(key, None)

    def known_keys(self) -> set[K]:
        """Return the keys that are cached or being fetched."""
        return {*self._values, *self._pending}

    def invalidate(self, key: K) -> None:
        """Remove a value; the result of a fetch that is running is not cached either."""
        self._values.pop(key, None)
        # the next read starts another fetch, because this one may have read before the change
        self._pending.pop(key, None)

    async def get_or_fetch(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        """Return the cached value, or await `fetch`; concurrent callers share one fetch.

        A caller that is cancelled does not cancel the fetch.
        """
        cached = self._values.get(key)
        if cached is not None:
            self.stats.hits += 1
            return cached
        task = self._pending.get(key)
        if task is None:
            self.stats.misses += 1
            task = self._pending[key] = asyncio.ensure_future(self._fetch(key, fetch))
            task.add_done_callback(retrieve_exception)
        else:
            self.stats.coalesced += 1
        # others wait for the same fetch, so a caller that leaves must not cancel it
        return await asyncio.shield(task)

    async def _fetch(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        task = asyncio.current_task()
        # the callers that share the result have deadlines of their own
        detach_from_deadline()
        try:
            value = await fetch()
            # a key that was invalidated meanwhile has no pending task, or another one
            if self._pending.get(key) is task:
                self.put(key, value)
            return value
        finally:
            if self._pending.get(key) is task:
                del self._pending[key]


def retrieve_exception(task: asyncio.Future[V]) -> None:
    """Avoid asyncio's warning about a failed fetch that every caller has stopped waiting for."""
    if not task.cancelled():
        task.exception()
