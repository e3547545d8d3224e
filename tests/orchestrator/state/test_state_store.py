"""The state store behaves the same in memory and in a real Redis."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.state.memory import InMemoryStateStore
from orchestrator.state.redis import RedisClient, RedisStateStore
from orchestrator.state.store import StateStore, StoreUnavailableError, update_with_retry
from tests.redis_server import redis_server

LONG_TTL = 60.0
SHORT_TTL = 0.05
DEADLINE = 5.0
TIMEOUT_SECONDS = 60.0
"""The limit of an operation, which a busy machine does not reach."""


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[StateStore]:
    """A store of each kind."""
    if request.param == "memory":
        yield InMemoryStateStore()
        return
    with redis_server() as server:
        redis_store = RedisStateStore(RedisClient(server.url, TIMEOUT_SECONDS))
        yield redis_store
        await redis_store.close()


async def wait_until_expired(store: StateStore, key: str) -> None:
    """Wait until a key has expired."""
    deadline = time.monotonic() + DEADLINE
    while await store.get(key) is not None:
        assert time.monotonic() < deadline, f"{key} did not expire"


async def test_get_returns_stored_value(store: StateStore) -> None:
    """A key that was not set has no value."""
    await store.set("a", "1", LONG_TTL)

    assert (await store.get("a"), await store.get("b")) == ("1", None)


async def test_value_expires(store: StateStore) -> None:
    """An expired key can be created again."""
    await store.set("a", "1", SHORT_TTL)

    await wait_until_expired(store, "a")

    assert await store.compare_and_swap("a", None, "2", LONG_TTL)


@pytest.mark.parametrize(("old", "swapped"), [("1", True), ("2", False), (None, False)])
async def test_compare_and_swap_requires_expected_value(
    store: StateStore, old: str | None, *, swapped: bool
) -> None:
    """Another expected value, or none, changes nothing."""
    await store.set("a", "1", LONG_TTL)

    assert await store.compare_and_swap("a", old, "new", LONG_TTL) is swapped
    assert await store.get("a") == ("new" if swapped else "1")


async def test_concurrent_creations_succeed_exactly_once(store: StateStore) -> None:
    """The stored value is the one of the successful caller."""
    results = await asyncio.gather(
        *(store.compare_and_swap("a", None, str(number), LONG_TTL) for number in range(20))
    )

    assert results.count(True) == 1
    assert await store.get("a") == str(results.index(True))


async def test_concurrent_updates_are_not_lost(store: StateStore) -> None:
    """Every one of the updates is in the value."""

    def append(old: str | None) -> str:
        return json.dumps([*json.loads(old or "[]"), 1])

    await asyncio.gather(*(update_with_retry(store, "a", append, LONG_TTL) for _ in range(10)))

    numbers = json.loads(await store.get("a") or "[]")
    assert len(numbers) == 10


async def test_sets_contain_added_members(store: StateStore) -> None:
    """Removed members are gone, an unknown set is empty."""
    for member in ("x", "y", "x"):
        await store.set_add(member, {"s": LONG_TTL, "t": LONG_TTL})
    await store.set_remove("y", "s", "none")

    members = [await store.set_members(key) for key in ("s", "t", "none")]
    assert members == [frozenset({"x"}), frozenset({"x", "y"}), frozenset()]


async def test_each_set_has_its_own_time_to_live(store: StateStore) -> None:
    """The set of active calls lives longer than that of a caller."""
    await store.set_add("x", {"short": SHORT_TTL, "long": LONG_TTL})

    deadline = time.monotonic() + DEADLINE
    while await store.set_members("short"):
        assert time.monotonic() < deadline, "the set did not expire"

    assert await store.set_members("long") == frozenset({"x"})


async def test_get_all_returns_values_in_the_order_of_the_keys(store: StateStore) -> None:
    """A key without a value has None."""
    await store.set("a", "1", LONG_TTL)
    await store.set("b", "2", LONG_TTL)

    assert await store.get_all("b", "none", "a") == ["2", None, "1"]


async def test_delete_removes_values_and_sets(store: StateStore) -> None:
    """Unknown keys and no key at all are no error."""
    await store.set("a", "1", LONG_TTL)
    await store.set_add("x", {"s": LONG_TTL})

    await store.delete("a", "s", "never")
    await store.delete()

    assert (await store.get("a"), await store.set_members("s")) == (None, frozenset())


async def test_unreachable_redis_raises_store_unavailable(tmp_path: Path) -> None:
    """Every method raises it, a pipeline too."""
    store = RedisStateStore(RedisClient(f"unix://{tmp_path}/missing"))

    with pytest.raises(StoreUnavailableError):
        await store.get("a")
    with pytest.raises(StoreUnavailableError):
        await store.set_add("x", {"s": LONG_TTL})
    await store.close()


async def test_stopped_redis_raises_store_unavailable_in_time() -> None:
    """A process that is alive but does not respond must not hold requests back."""
    with redis_server() as server:
        store = RedisStateStore(RedisClient(server.url))
        await store.set("a", "1", LONG_TTL)
        with server.stopped():
            started = time.monotonic()
            with pytest.raises(StoreUnavailableError):
                await store.get("a")
            elapsed = time.monotonic() - started
        assert await store.get("a") == "1"
        await store.close()

    assert elapsed < DEADLINE


async def test_more_operations_than_connections_wait_for_a_connection() -> None:
    """200 concurrent operations on a pool of 20 connections all succeed."""
    with redis_server() as server:
        store = RedisStateStore(RedisClient(server.url, TIMEOUT_SECONDS))
        await asyncio.gather(*(store.set(f"k{number}", "1", LONG_TTL) for number in range(200)))
        values = await asyncio.gather(*(store.get(f"k{number}") for number in range(200)))
        await store.close()

    assert values == ["1"] * 200


class CountingStore(InMemoryStateStore):
    """Counts reads."""

    reads = 0

    async def get(self, key: str) -> str | None:
        """Count and read."""
        self.reads += 1
        return await super().get(key)


@pytest.mark.parametrize(
    ("stored", "result", "reads"), [("1", "1+", 0), ("2", "2+", 1)], ids=["current", "out of date"]
)
async def test_update_of_a_known_value_reads_only_if_it_is_out_of_date(
    stored: str, result: str, reads: int
) -> None:
    """The value is changed as it is stored, whatever was known."""
    store = CountingStore()
    await store.set("a", stored, LONG_TTL)

    assert await update_with_retry(store, "a", lambda old: f"{old}+", LONG_TTL, known="1") == result
    assert store.reads == reads
    assert await store.get("a") == result


async def test_update_that_does_not_change_a_known_value_returns_the_stored_one() -> None:
    """What was known may be out of date."""
    store = CountingStore()
    await store.set("a", "2", LONG_TTL)

    assert await update_with_retry(store, "a", lambda old: old or "", LONG_TTL, known="1") == "2"
