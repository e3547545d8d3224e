"""The state store in Redis, shared by several processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from orchestrator.state.store import StoreUnavailableError

REDIS_TIMEOUT_SECONDS = 2.0
MAX_CONNECTIONS = 100
"""With 20, 100 calls at once waited too long for a connection, which looked like an outage of Redis."""
# one atomic round trip, where WATCH with MULTI takes several and can be interrupted
COMPARE_AND_SWAP_SCRIPT = """
local current = redis.call('GET', KEYS[1])
if (ARGV[1] == '0' and current) or (ARGV[1] == '1' and current ~= ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
"""


class RedisClient:
    """A client with a bounded pool; operations wait for a free connection.

    Args:
        url: `redis://host:6379/0`, `rediss://…` or `unix:///path`.
        timeout_seconds: the limit of one operation. Connecting, one read or write, and waiting for a free connection may
            each take half of it.
    """

    def __init__(self, url: str, timeout_seconds: float = REDIS_TIMEOUT_SECONDS) -> None:
        self._timeout_seconds = timeout_seconds
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MAX_CONNECTIONS,
            timeout=timeout_seconds / 2,
            decode_responses=True,
            socket_timeout=timeout_seconds / 2,
            socket_connect_timeout=timeout_seconds / 2,
        )
        self.redis = Redis.from_pool(pool)

    async def run(self, operation: Awaitable[Any]) -> Any:
        """Await one operation within its time limit.

        Raises:
            StoreUnavailableError: Redis failed or did not respond in time.
        """
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await operation
        # OSError includes the TimeoutError of asyncio.timeout
        except (RedisError, OSError) as error:
            raise StoreUnavailableError(type(error).__name__) from error

    async def run_script(self, script: str, key: str, *arguments: str | float) -> Any:
        """Run a Lua script on one key.

        EVAL and not EVALSHA: after a restart Redis has lost its scripts, and many requests at once would each load them.

        Raises:
            StoreUnavailableError: Redis failed or did not respond in time.
        """
        return await self.run(self.redis.eval(script, 1, key, *map(str, arguments)))

    async def close(self) -> None:
        """Close all connections."""
        await self.redis.aclose()


class RedisStateStore:
    """Implements StateStore.

    Args:
        client: the connection to Redis; `close` closes it.
    """

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._redis = client.redis

    async def get(self, key: str) -> str | None:
        """Return the value, or None if it is missing or expired."""
        value: str | None = await self._client.run(self._redis.get(key))
        return value

    async def get_all(self, *keys: str) -> list[str | None]:
        """Return the values of several keys, read at the same moment."""
        values: list[str | None] = await self._client.run(self._redis.mget(keys))
        return values

    async def set(self, key: str, value: str, ttl: float) -> None:
        """Store a value."""
        await self._client.run(self._redis.set(key, value, px=_milliseconds(ttl)))

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Store `new` if the current value is `old`."""
        # an argument cannot be nil, so the first one says whether `old` is a value
        arguments: list[str | int] = ["0" if old is None else "1", old or "", new, _milliseconds(ttl)]
        return bool(await self._client.run_script(COMPARE_AND_SWAP_SCRIPT, key, *arguments))

    async def delete(self, *keys: str) -> None:
        """Delete values and sets."""
        if keys:
            await self._client.run(self._redis.delete(*keys))

    async def set_add(self, member: str, ttls: Mapping[str, float]) -> None:
        """Add a member to sets and restart their times to live."""
        # a transaction, because a process that stops in between would leave a set that never expires
        async with self._redis.pipeline(transaction=True) as pipeline:
            for key, ttl in ttls.items():
                pipeline.sadd(key, member)
                pipeline.pexpire(key, _milliseconds(ttl))
            await self._client.run(pipeline.execute())

    async def set_remove(self, member: str, *keys: str) -> None:
        """Remove a member from sets."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.srem(key, member)
            await self._client.run(pipeline.execute())

    async def set_members(self, key: str) -> frozenset[str]:
        """Return all members of a set."""
        return frozenset(await self._client.run(self._redis.smembers(key)))

    async def ping(self) -> None:
        """Check that Redis responds."""
        await self._client.run(self._redis.ping())

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


def _milliseconds(seconds: float) -> int:
    # Redis rejects a lifetime of 0
    return max(1, round(seconds * 1000))
