"""The read-through cache."""

from __future__ import annotations

import asyncio

from orchestrator.caching import CoalescingCache


async def test_value_larger_than_the_cache_is_returned_but_not_cached() -> None:
    """Smaller values stay."""
    cache: CoalescingCache[str, bytes] = CoalescingCache(max_size=10, ttl_seconds=60, size_of=len)
    cache.put("small", b"1234")

    async def fetch() -> bytes:
        return b"x" * 11

    large = await cache.get_or_fetch("large", fetch)

    assert (len(large), cache.get("large"), cache.get("small")) == (11, None, b"1234")


async def test_oldest_values_are_evicted_by_size() -> None:
    """The total size never exceeds the limit."""
    cache: CoalescingCache[int, bytes] = CoalescingCache(max_size=10, ttl_seconds=60, size_of=len)
    for key in range(4):
        cache.put(key, b"1234")

    assert [cache.get(key) for key in range(4)] == [None, None, b"1234", b"1234"]


async def test_cancelled_caller_does_not_cancel_the_others() -> None:
    """The shared fetch continues."""
    cache: CoalescingCache[str, str] = CoalescingCache(max_size=10, ttl_seconds=60)
    release = asyncio.Event()

    async def fetch() -> str:
        await release.wait()
        return "value"

    first, second = (asyncio.create_task(cache.get_or_fetch("key", fetch)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    release.set()

    assert await second == "value"
    assert cache.stats.coalesced == 1
