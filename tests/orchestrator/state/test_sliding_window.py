"""The sliding window at its edges: both rate limiters decide like a reference model, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.state.rate_limiter import (
    InMemoryRateLimiter,
    RateLimitDecision,
    RateLimiter,
    RedisRateLimiter,
)
from orchestrator.state.redis import RedisClient
from tests.redis_server import redis_server

WINDOW = 1000
"""Seconds; so long that no key of a real Redis expires during the test."""
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2, WINDOW // 2, WINDOW - 1, WINDOW, WINDOW + 1]) | st.integers(0, 2 * WINDOW),
        st.sampled_from(["hit", "hit", "hit", "used", "reset"]),
        st.sampled_from(["a", "b"]),
        st.integers(1, 4),
    ),
    max_size=25,
)
"""Seconds that pass, what is done then, with which key, and the limit, which may change at any time."""
Step = tuple[int, str, str, int]
_runs = itertools.count()


@dataclass
class ReferenceModel:
    """The documented behaviour: a hit counts until it is as old as the window; a rejected hit does not count."""

    now: int = 0
    hits: dict[str, list[int]] = field(default_factory=dict)

    def counted(self, key: str) -> list[int]:
        """Return the times of the hits in the window."""
        return [hit for hit in self.hits.get(key, []) if self.now - hit < WINDOW]

    def hit(self, key: str, limit: int) -> RateLimitDecision:
        """Count a hit if fewer than `limit` are in the window."""
        counted = self.counted(key)
        if len(counted) < limit:
            self.hits[key] = [*counted, self.now]
            return RateLimitDecision(allowed=True, remaining=limit - len(counted) - 1, retry_after=0.0)
        # when so many have left the window that fewer than the limit are in it
        frees = counted[len(counted) - limit]
        return RateLimitDecision(allowed=False, remaining=0, retry_after=frees + WINDOW - self.now)


async def play(limiter: RateLimiter, model: ReferenceModel, steps: list[Step], prefix: str = "") -> None:
    """Do the same with both and compare each result."""
    for seconds, action, key, limit in steps:
        model.now += seconds
        name = prefix + key
        if action == "hit":
            assert await limiter.hit(name, limit, WINDOW) == model.hit(name, limit)
        elif action == "used":
            assert await limiter.used([name], WINDOW) == [len(model.counted(name))]
        else:
            await limiter.reset(name)
            model.hits.pop(name, None)


@given(STEPS)
def test_memory_decides_like_the_model(steps: list[Step]) -> None:
    """For any sequence of hits, at the very edge of the window too."""
    model = ReferenceModel()

    asyncio.run(play(InMemoryRateLimiter(lambda: float(model.now)), model, steps))


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A real Redis, shared by all examples, which use keys of their own."""
    with redis_server() as server:
        yield server.url


@settings(max_examples=50)
@given(STEPS)
def test_redis_decides_like_the_model(redis_url: str, steps: list[Step]) -> None:
    """The same in the script, whose times are microseconds."""

    async def play_with_redis() -> None:
        model = ReferenceModel(now=1_800_000_000)
        client = RedisClient(redis_url, timeout_seconds=60.0)
        try:
            limiter = RedisRateLimiter(client, lambda: float(model.now))
            await play(limiter, model, steps, prefix=f"{next(_runs)}-")
        finally:
            await client.close()

    asyncio.run(play_with_redis())


async def test_client_that_waits_as_long_as_it_is_told_is_allowed() -> None:
    """A moment earlier it is rejected; rejected attempts do not prolong the wait."""
    now = [0.0]
    limiter = InMemoryRateLimiter(lambda: now[0])
    for now[0] in (0.0, 10.0, 20.0):
        await limiter.hit("a", 3, WINDOW)
    wait = (await limiter.hit("a", 3, WINDOW)).retry_after

    allowed = []
    for now[0] in (20.0 + wait - 0.001, 20.0 + wait):
        allowed.append((await limiter.hit("a", 3, WINDOW)).allowed)

    assert (wait, allowed) == (WINDOW - 20.0, [False, True])
