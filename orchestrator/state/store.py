"""Where calls, sessions and counts are kept while they live: Redis, or memory for one process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import redis.asyncio as redis_client
from redis.exceptions import RedisError

T = TypeVar("T")
REDIS_TIMEOUT_SECONDS = 1.0
"""Seconds an operation of Redis may take."""
EXPIRY_SWEEP_EVERY_WRITES = 1_000
"""Writes between two searches for what has expired in memory."""


class StoreUnavailableError(Exception):
    """The store does not answer."""


@dataclass(frozen=True, slots=True)
class RateLimitDecision:
    """What a sliding window says of one more: allowed or not, how many are left, seconds until there is one."""

    allowed: bool
    remaining: int
    retry_after: float


class StateStore(Protocol):
    """Text by key, each for as long as its `ttl` in seconds says. Raises StoreUnavailable from any method."""

    async def get(self, key: str) -> str | None:
        """The value, if there is one."""

    async def set(self, key: str, value: str, ttl: float) -> None:
        """Keep a value."""

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Keep a value only if the one there is `old` (None: there is none); of several at once, one wins."""

    async def delete(self, *keys: str) -> None:
        """Forget these."""

    async def set_add(self, key: str, member: str, ttl: float) -> None:
        """Put a member into a set, whose life begins anew."""

    async def set_remove(self, key: str, member: str) -> None:
        """Take a member out of a set."""

    async def set_members(self, key: str) -> frozenset[str]:
        """All of a set."""

    async def hit_rate_limit(self, key: str, limit: int, window: float) -> RateLimitDecision:
        """Take one of `limit` slots of a sliding window of so many seconds."""

    async def rate_limit_used(self, key: str, window: float) -> int:
        """How many slots of a sliding window are taken."""

    async def ping(self) -> None:
        """Nothing, if the store answers."""

    async def close(self) -> None:
        """Let go of what is held."""


class InMemoryStateStore:
    """A store in this process. Needs no locks: nothing in a method waits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._values: dict[str, tuple[float, Any]] = {}
        self._writes = 0

    async def get(self, key: str) -> str | None:
        """The value, if there is one."""
        found: str | None = self._read(key)
        return found

    async def set(self, key: str, value: str, ttl: float) -> None:
        """Keep a value."""
        self._write(key, value, ttl)

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Keep a value only if the one there is `old`."""
        if self._read(key) != old:
            return False
        self._write(key, new, ttl)
        return True

    async def delete(self, *keys: str) -> None:
        """Forget these."""
        for key in keys:
            self._values.pop(key, None)

    async def set_add(self, key: str, member: str, ttl: float) -> None:
        """Put a member into a set."""
        self._write(key, (self._read(key) or frozenset()) | {member}, ttl)

    async def set_remove(self, key: str, member: str) -> None:
        """Take a member out of a set."""
        if found := self._read(key):
            self._values[key] = (self._values[key][0], found - {member})

    async def set_members(self, key: str) -> frozenset[str]:
        """All of a set."""
        found: frozenset[str] = self._read(key) or frozenset()
        return found

    async def hit_rate_limit(self, key: str, limit: int, window: float) -> RateLimitDecision:
        """Take a slot of a sliding window."""
        now = self._clock()
        taken = [when for when in self._read(key) or () if when > now - window]
        if len(taken) >= limit:
            return RateLimitDecision(allowed=False, remaining=0, retry_after=taken[-limit] + window - now)
        self._write(key, [*taken, now], window)
        return RateLimitDecision(allowed=True, remaining=limit - len(taken) - 1, retry_after=0.0)

    async def rate_limit_used(self, key: str, window: float) -> int:
        """How many slots of a sliding window are taken."""
        return sum(when > self._clock() - window for when in self._read(key) or ())

    async def ping(self) -> None:
        """It answers as long as the process does."""

    async def close(self) -> None:
        """Nothing is held."""

    def _read(self, key: str) -> Any:
        expires, value = self._values.get(key, (0.0, None))
        return value if expires > self._clock() else None

    def _write(self, key: str, value: Any, ttl: float) -> None:
        self._values[key] = (self._clock() + ttl, value)
        self._writes += 1
        if self._writes % EXPIRY_SWEEP_EVERY_WRITES == 0:
            now = self._clock()
            self._values = {name: held for name, held in self._values.items() if held[0] > now}


COMPARE_AND_SWAP_SCRIPT = """
local there = redis.call('GET', KEYS[1])
if (ARGV[1] == '0' and there) or (ARGV[1] == '1' and there ~= ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
"""
SLIDING_WINDOW_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local count = redis.call('ZCARD', KEYS[1])
if count >= limit then
  local oldest = redis.call('ZRANGE', KEYS[1], count - limit, count - limit, 'WITHSCORES')
  return {0, 0, tostring(oldest[2] + window - now)}
end
redis.call('ZADD', KEYS[1], now, now .. '-' .. count .. '-' .. ARGV[3])
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return {1, limit - count - 1, '0'}
"""


class RedisStateStore:
    """A store that several processes share.

    Args:
        url: as `redis://host:6379/0` or `unix:///path`.
    """

    def __init__(self, url: str) -> None:
        self._redis = redis_client.from_url(
            url,
            decode_responses=True,
            socket_timeout=REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        )
        self._swap = self._redis.register_script(COMPARE_AND_SWAP_SCRIPT)
        self._slot = self._redis.register_script(SLIDING_WINDOW_SCRIPT)
        self._taken = 0

    async def get(self, key: str) -> str | None:
        """The value, if there is one."""
        found: str | None = await _translate_redis_errors(self._redis.get(key))
        return found

    async def set(self, key: str, value: str, ttl: float) -> None:
        """Keep a value."""
        await _translate_redis_errors(self._redis.set(key, value, px=_milliseconds(ttl)))

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Keep a value only if the one there is `old`."""
        arguments: list[str | int] = ["0" if old is None else "1", old or "", new, _milliseconds(ttl)]
        return bool(await _translate_redis_errors(self._swap(keys=[key], args=arguments)))

    async def delete(self, *keys: str) -> None:
        """Forget these."""
        if keys:
            await _translate_redis_errors(self._redis.delete(*keys))

    async def set_add(self, key: str, member: str, ttl: float) -> None:
        """Put a member into a set."""
        async with self._redis.pipeline(transaction=True) as together:
            together.sadd(key, member)
            together.pexpire(key, _milliseconds(ttl))
            await _translate_redis_errors(together.execute())

    async def set_remove(self, key: str, member: str) -> None:
        """Take a member out of a set."""
        await _translate_redis_errors(self._redis.srem(key, member))

    async def set_members(self, key: str) -> frozenset[str]:
        """All of a set."""
        return frozenset(await _translate_redis_errors(self._redis.smembers(key)))

    async def hit_rate_limit(self, key: str, limit: int, window: float) -> RateLimitDecision:
        """Take a slot of a sliding window, by the clock of Redis."""
        self._taken += 1
        arguments: list[str | int] = [limit, round(window * 1_000_000), f"{id(self)}-{self._taken}"]
        allowed, remaining, wait = await _translate_redis_errors(self._slot(keys=[key], args=arguments))
        return RateLimitDecision(
            allowed=bool(allowed), remaining=int(remaining), retry_after=float(wait) / 1_000_000
        )

    async def rate_limit_used(self, key: str, window: float) -> int:
        """How many slots of a sliding window are taken, by the clock of Redis."""
        seconds, microseconds = await _translate_redis_errors(self._redis.time())
        since = seconds * 1_000_000 + microseconds - round(window * 1_000_000)
        return int(await _translate_redis_errors(self._redis.zcount(key, f"({since}", "+inf")))

    async def ping(self) -> None:
        """Nothing, if Redis answers."""
        await _translate_redis_errors(self._redis.ping())

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


async def _translate_redis_errors(operation: Awaitable[Any]) -> Any:
    try:
        async with asyncio.timeout(2 * REDIS_TIMEOUT_SECONDS):
            return await operation
    except (RedisError, OSError) as error:
        raise StoreUnavailableError(type(error).__name__) from error


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


async def update_with_retry(
    store: StateStore, key: str, change: Callable[[str | None], str], ttl: float, attempts: int = 50
) -> str:
    """Change a value as if nobody else did: read, change, keep, again when somebody was faster.

    Raises:
        StoreUnavailableError: somebody was faster each time.
    """
    for _ in range(attempts):
        old = await store.get(key)
        new = change(old)
        if new == old or await store.compare_and_swap(key, old, new, ttl):
            return new
        await asyncio.sleep(0)
    raise StoreUnavailableError("too many changes at once")
