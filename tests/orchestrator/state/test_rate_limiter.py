"""The rate limiter behaves the same in memory and in a real Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from orchestrator.state.rate_limiter import InMemoryRateLimiter, RateLimiter, RedisRateLimiter
from orchestrator.state.redis import RedisClient
from tests.redis_server import redis_server

LONG_WINDOW = 60.0
SHORT_WINDOW = 0.05
DEADLINE = 5.0
TIMEOUT_SECONDS = 60.0
"""The limit of an operation, which a busy machine does not reach."""


@pytest.fixture(params=["memory", "redis"])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[RateLimiter]:
    """A rate limiter of each kind."""
    if request.param == "memory":
        yield InMemoryRateLimiter()
        return
    with redis_server() as server:
        client = RedisClient(server.url, TIMEOUT_SECONDS)
        yield RedisRateLimiter(client)
        await client.close()


async def test_limit_is_reached_after_allowed_hits(limiter: RateLimiter) -> None:
    """The rejection says how long to wait, at most the window."""
    decisions = [await limiter.hit("w", 3, LONG_WINDOW) for _ in range(4)]

    assert [(decision.allowed, decision.remaining) for decision in decisions] == [
        (True, 2),
        (True, 1),
        (True, 0),
        (False, 0),
    ]
    assert LONG_WINDOW - DEADLINE < decisions[3].retry_after <= LONG_WINDOW


async def test_hit_is_allowed_again_after_window(limiter: RateLimiter) -> None:
    """Windows can be shorter than a second."""
    assert (await limiter.hit("w", 1, SHORT_WINDOW)).allowed

    deadline = time.monotonic() + DEADLINE
    while not (await limiter.hit("w", 1, SHORT_WINDOW)).allowed:
        assert time.monotonic() < deadline, "the window did not slide"


async def test_redis_keeps_the_hits_as_long_as_the_window() -> None:
    """Not less, for the whole limit would be back too early, and not for ever."""
    with redis_server() as server:
        client = RedisClient(server.url, TIMEOUT_SECONDS)
        await RedisRateLimiter(client).hit("w", 1, LONG_WINDOW)

        kept_milliseconds = await client.redis.pttl("w")

        await client.close()
    assert LONG_WINDOW - DEADLINE < kept_milliseconds / 1000 <= LONG_WINDOW


async def test_usage_is_reported_without_consuming(limiter: RateLimiter) -> None:
    """Asking twice gives the same count, of any number of keys at once."""
    for _ in range(2):
        await limiter.hit("w", 3, LONG_WINDOW)

    assert await limiter.used(["w", "unknown", "w"], LONG_WINDOW) == [2, 0, 2]
    assert await limiter.used(["w"], LONG_WINDOW) == [2]


async def test_concurrent_hits_do_not_exceed_limit(limiter: RateLimiter) -> None:
    """200 at once, more than Redis connections."""
    decisions = await asyncio.gather(*(limiter.hit("w", 5, LONG_WINDOW) for _ in range(200)))

    assert sum(decision.allowed for decision in decisions) == 5


async def test_reset_forgets_hits(limiter: RateLimiter) -> None:
    """Of these keys: their next hit is allowed at once."""
    for key in ("v", "w", "x"):
        await limiter.hit(key, 1, LONG_WINDOW)

    await limiter.reset("v", "w")

    assert [(await limiter.hit(key, 1, LONG_WINDOW)).allowed for key in ("v", "w", "x")] == [
        True,
        True,
        False,
    ]


async def test_hits_are_removed_from_memory_after_their_window() -> None:
    """Keys of clients that never return must not accumulate."""
    now = [0.0]
    limiter = InMemoryRateLimiter(lambda: now[0])
    for number in range(999):
        await limiter.hit(f"client-{number}", 1, LONG_WINDOW)
    now[0] = LONG_WINDOW + 1

    await limiter.hit("last", 1, LONG_WINDOW)

    assert await limiter.used(["last"], LONG_WINDOW) == [1]
    assert len(limiter._hits) == 1  # noqa: SLF001 - memory use is not visible from outside
