"""The store keeps its promises, in memory and in a real Redis."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.state.store import (
    InMemoryStateStore,
    RedisStateStore,
    StateStore,
    StoreUnavailableError,
    update_with_retry,
)
from tests.redis_server import redis_server

LONG_TTL = 60.0
SHORT_TTL = 0.05
DEADLINE = 5.0


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[StateStore]:
    """A store of each kind."""
    if request.param == "memory":
        yield InMemoryStateStore()
        return
    with redis_server() as server:
        client = RedisStateStore(server.url)
        yield client
        await client.close()


async def until_gone(store: StateStore, key: str) -> None:
    """Wait until a key has expired."""
    ends = time.monotonic() + DEADLINE
    while await store.get(key) is not None:
        assert time.monotonic() < ends, f"{key} did not expire"


async def test_get_returns_stored_value(store: StateStore) -> None:
    """And what is not, is not."""
    await store.set("a", "1", LONG_TTL)

    assert (await store.get("a"), await store.get("b")) == ("1", None)


async def test_a_value_expires(store: StateStore) -> None:
    """After its time to live."""
    await store.set("a", "1", SHORT_TTL)

    await until_gone(store, "a")

    assert await store.compare_and_swap("a", None, "2", LONG_TTL)


@pytest.mark.parametrize(("old", "kept"), [("1", True), ("2", False), (None, False)])
async def test_compare_and_swap_requires_expected_value(
    store: StateStore, old: str | None, *, kept: bool
) -> None:
    """Whoever knows another value, or none, changes nothing."""
    await store.set("a", "1", LONG_TTL)

    assert await store.compare_and_swap("a", old, "new", LONG_TTL) is kept
    assert await store.get("a") == ("new" if kept else "1")


async def test_of_many_first_writers_one_wins(store: StateStore) -> None:
    """And its value is the one that stays."""
    won = await asyncio.gather(
        *(store.compare_and_swap("a", None, str(number), LONG_TTL) for number in range(20))
    )

    assert won.count(True) == 1
    assert await store.get("a") == str(won.index(True))


async def test_concurrent_updates_are_not_lost(store: StateStore) -> None:
    """None is lost."""

    def one_more(old: str | None) -> str:
        return json.dumps([*json.loads(old or "[]"), 1])

    await asyncio.gather(*(update_with_retry(store, "a", one_more, LONG_TTL) for _ in range(10)))

    numbers = json.loads(await store.get("a") or "[]")
    assert len(numbers) == 10


async def test_a_set_has_its_members(store: StateStore) -> None:
    """Those that were added and not removed."""
    for member in ("x", "y", "x"):
        await store.set_add("s", member, LONG_TTL)
    await store.set_remove("s", "y")

    assert (await store.set_members("s"), await store.set_members("none")) == (frozenset({"x"}), frozenset())


async def test_what_is_deleted_is_gone(store: StateStore) -> None:
    """Several at once; none is no error."""
    await store.set("a", "1", LONG_TTL)
    await store.set_add("s", "x", LONG_TTL)

    await store.delete("a", "s", "never")
    await store.delete()

    assert (await store.get("a"), await store.set_members("s")) == (None, frozenset())


async def test_a_window_has_so_many_slots(store: StateStore) -> None:
    """Then a wait, at most as long as the window."""
    slots = [await store.hit_rate_limit("w", 3, LONG_TTL) for _ in range(4)]

    assert [(slot.allowed, slot.remaining) for slot in slots] == [(True, 2), (True, 1), (True, 0), (False, 0)]
    assert LONG_TTL - DEADLINE < slots[3].retry_after <= LONG_TTL


async def test_a_window_slides(store: StateStore) -> None:
    """A slot is free again when it is as old as the window."""
    assert (await store.hit_rate_limit("w", 1, SHORT_TTL)).allowed

    ends = time.monotonic() + DEADLINE
    while not (await store.hit_rate_limit("w", 1, SHORT_TTL)).allowed:
        assert time.monotonic() < ends, "no slot became free"


async def test_usage_is_reported_without_consuming(store: StateStore) -> None:
    """Without taking one."""
    for _ in range(2):
        await store.hit_rate_limit("w", 3, LONG_TTL)

    assert [await store.rate_limit_used(key, LONG_TTL) for key in ("w", "w", "never")] == [2, 2, 0]


async def test_slots_taken_at_once_are_counted(store: StateStore) -> None:
    """Not one too many."""
    slots: list[Any] = await asyncio.gather(*(store.hit_rate_limit("w", 5, LONG_TTL) for _ in range(20)))

    assert sum(slot.allowed for slot in slots) == 5


async def test_a_redis_that_is_away_is_told(tmp_path: Path) -> None:
    """As our own error, from any method."""
    store = RedisStateStore(f"unix://{tmp_path}/nobody")

    with pytest.raises(StoreUnavailableError):
        await store.get("a")
    with pytest.raises(StoreUnavailableError):
        await store.set_add("s", "x", LONG_TTL)
    await store.close()
