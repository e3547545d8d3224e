"""The store keeps its promises, in memory and in a real Redis."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.keyvalue import KeyValue, MemoryKeyValue, RedisKeyValue, StoreUnavailable, update
from tests.redis_server import redis_server

LONG = 60.0
SHORT = 0.05
DEADLINE = 5.0


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[KeyValue]:
    """A store of each kind."""
    if request.param == "memory":
        yield MemoryKeyValue()
        return
    with redis_server() as server:
        client = RedisKeyValue(server.url)
        yield client
        await client.close()


async def until_gone(store: KeyValue, key: str) -> None:
    """Wait until a key has expired."""
    ends = time.monotonic() + DEADLINE
    while await store.get(key) is not None:
        assert time.monotonic() < ends, f"{key} did not expire"


async def test_what_is_set_is_got(store: KeyValue) -> None:
    """And what is not, is not."""
    await store.put("a", "1", LONG)

    assert (await store.get("a"), await store.get("b")) == ("1", None)


async def test_a_value_expires(store: KeyValue) -> None:
    """After its time to live."""
    await store.put("a", "1", SHORT)

    await until_gone(store, "a")

    assert await store.swap("a", None, "2", LONG)


@pytest.mark.parametrize(("old", "kept"), [("1", True), ("2", False), (None, False)])
async def test_a_swap_is_only_over_what_is_known(store: KeyValue, old: str | None, *, kept: bool) -> None:
    """Whoever knows another value, or none, changes nothing."""
    await store.put("a", "1", LONG)

    assert await store.swap("a", old, "new", LONG) is kept
    assert await store.get("a") == ("new" if kept else "1")


async def test_of_many_first_writers_one_wins(store: KeyValue) -> None:
    """And its value is the one that stays."""
    won = await asyncio.gather(*(store.swap("a", None, str(number), LONG) for number in range(20)))

    assert won.count(True) == 1
    assert await store.get("a") == str(won.index(True))


async def test_changes_at_once_are_all_made(store: KeyValue) -> None:
    """None is lost."""

    def one_more(old: str | None) -> str:
        return json.dumps([*json.loads(old or "[]"), 1])

    await asyncio.gather(*(update(store, "a", one_more, LONG) for _ in range(10)))

    numbers = json.loads(await store.get("a") or "[]")
    assert len(numbers) == 10


async def test_a_set_has_its_members(store: KeyValue) -> None:
    """Those that were added and not removed."""
    for member in ("x", "y", "x"):
        await store.add("s", member, LONG)
    await store.remove("s", "y")

    assert (await store.members("s"), await store.members("none")) == (frozenset({"x"}), frozenset())


async def test_what_is_deleted_is_gone(store: KeyValue) -> None:
    """Several at once; none is no error."""
    await store.put("a", "1", LONG)
    await store.add("s", "x", LONG)

    await store.delete("a", "s", "never")
    await store.delete()

    assert (await store.get("a"), await store.members("s")) == (None, frozenset())


async def test_a_window_has_so_many_slots(store: KeyValue) -> None:
    """Then a wait, at most as long as the window."""
    slots = [await store.slot("w", 3, LONG) for _ in range(4)]

    assert [(slot.allowed, slot.remaining) for slot in slots] == [(True, 2), (True, 1), (True, 0), (False, 0)]
    assert LONG - DEADLINE < slots[3].wait <= LONG


async def test_a_window_slides(store: KeyValue) -> None:
    """A slot is free again when it is as old as the window."""
    assert (await store.slot("w", 1, SHORT)).allowed

    ends = time.monotonic() + DEADLINE
    while not (await store.slot("w", 1, SHORT)).allowed:
        assert time.monotonic() < ends, "no slot became free"


async def test_slots_taken_are_told(store: KeyValue) -> None:
    """Without taking one."""
    for _ in range(2):
        await store.slot("w", 3, LONG)

    assert [await store.taken(key, LONG) for key in ("w", "w", "never")] == [2, 2, 0]


async def test_slots_taken_at_once_are_counted(store: KeyValue) -> None:
    """Not one too many."""
    slots: list[Any] = await asyncio.gather(*(store.slot("w", 5, LONG) for _ in range(20)))

    assert sum(slot.allowed for slot in slots) == 5


async def test_a_redis_that_is_away_is_told(tmp_path: Path) -> None:
    """As our own error, from any method."""
    store = RedisKeyValue(f"unix://{tmp_path}/nobody")

    with pytest.raises(StoreUnavailable):
        await store.get("a")
    with pytest.raises(StoreUnavailable):
        await store.add("s", "x", LONG)
    await store.close()
