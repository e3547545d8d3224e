"""Sliding-window rate limiter, in memory or in Redis."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.state.redis import RedisClient

EXPIRY_SWEEP_EVERY_HITS = 1_000
"""Hits between two removals of keys whose window is empty."""


@dataclass(frozen=True, slots=True)
class RateLimitDecision:
    """The result of one hit.

    Attributes:
        allowed: whether the hit is within the limit. A rejected hit is not counted.
        remaining: hits left in the window.
        retry_after: seconds until the next hit is allowed; 0 if this one is.
    """

    allowed: bool
    remaining: int
    retry_after: float


class RateLimiter(Protocol):
    """Counts hits by key in windows of `window` seconds. Every method raises StoreUnavailableError."""

    async def hit(self, key: str, limit: int, window: float) -> RateLimitDecision:
        """Count a hit if fewer than `limit` are in the window."""

    async def used(self, keys: Sequence[str], window: float) -> list[int]:
        """Return the hits in the window of each key without counting one."""

    async def reset(self, *keys: str) -> None:
        """Forget all hits of the keys."""


class InMemoryRateLimiter:
    """Implements RateLimiter for one process.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._hits: dict[str, tuple[float, list[float]]] = {}
        self._count = 0

    async def hit(self, key: str, limit: int, window: float) -> RateLimitDecision:
        """Count a hit if fewer than `limit` are in the window."""
        now = self._clock()
        times = self._times(key, window)
        if len(times) >= limit:
            return RateLimitDecision(allowed=False, remaining=0, retry_after=times[-limit] + window - now)
        self._hits[key] = (now + window, [*times, now])
        self._remove_expired(now)
        return RateLimitDecision(allowed=True, remaining=limit - len(times) - 1, retry_after=0.0)

    async def used(self, keys: Sequence[str], window: float) -> list[int]:
        """Return the hits in the window of each key without counting one."""
        return [len(self._times(key, window)) for key in keys]

    async def reset(self, *keys: str) -> None:
        """Forget all hits of the keys."""
        for key in keys:
            self._hits.pop(key, None)

    def _times(self, key: str, window: float) -> list[float]:
        since = self._clock() - window
        return [moment for moment in self._hits.get(key, (0.0, []))[1] if moment > since]

    def _remove_expired(self, now: float) -> None:
        self._count += 1
        if self._count % EXPIRY_SWEEP_EVERY_HITS == 0:
            self._hits = {key: entry for key, entry in self._hits.items() if entry[0] > now}


NOW_SCRIPT = """
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local window = tonumber(ARGV[2])
"""
SLIDING_WINDOW_SCRIPT = f"""{NOW_SCRIPT}
local limit = tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local count = redis.call('ZCARD', KEYS[1])
if count >= limit then
  local oldest = redis.call('ZRANGE', KEYS[1], count - limit, count - limit, 'WITHSCORES')
  return {{0, 0, tostring(oldest[2] + window - now)}}
end
redis.call('ZADD', KEYS[1], now, now .. '-' .. count .. '-' .. ARGV[4])
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return {{1, limit - count - 1, '0'}}
"""
"""One atomic round trip that also returns what remains; times are in microseconds."""
USED_SCRIPT = f"""{NOW_SCRIPT}
local used = {{}}
for index, key in ipairs(KEYS) do
  used[index] = redis.call('ZCOUNT', key, string.format('(%.0f', now - window), '+inf')
end
return used
"""
"""One round trip for any number of keys."""


class RedisRateLimiter:
    """Implements RateLimiter for several processes.

    Args:
        client: the connection to Redis; the state store closes it.
        clock: seconds. By default the clock of Redis is used, which is the same for all processes.
    """

    def __init__(self, client: RedisClient, clock: Callable[[], float] | None = None) -> None:
        self._client = client
        self._redis = client.redis
        self._clock = clock
        self._process_id = uuid.uuid4().hex[:8]
        self._count = 0

    async def hit(self, key: str, limit: int, window: float) -> RateLimitDecision:
        """Count a hit if fewer than `limit` are in the window."""
        self._count += 1
        arguments = [*self._times(window), limit, f"{self._process_id}-{self._count}"]
        allowed, remaining, wait = await self._client.run_script(SLIDING_WINDOW_SCRIPT, key, *arguments)
        return RateLimitDecision(
            allowed=bool(allowed), remaining=int(remaining), retry_after=float(wait) / 1_000_000
        )

    async def used(self, keys: Sequence[str], window: float) -> list[int]:
        """Return the hits in the window of each key without counting one."""
        counting = self._redis.eval(USED_SCRIPT, len(keys), *keys, *map(str, self._times(window)))
        used: list[int] = await self._client.run(counting)
        return used

    async def reset(self, *keys: str) -> None:
        """Forget all hits of the keys."""
        await self._client.run(self._redis.delete(*keys))

    def _times(self, window: float) -> list[str | int]:
        """Return the arguments of `NOW_SCRIPT`."""
        return [_microseconds(self._clock()) if self._clock else "", _microseconds(window)]


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)
