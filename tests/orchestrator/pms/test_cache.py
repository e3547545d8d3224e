"""The cache of PMS reads."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from orchestrator.pms.adapters.memory import InMemoryConnector
from orchestrator.pms.cache import CachingPmsConnector
from orchestrator.pms.errors import ReservationNotFoundError
from orchestrator.pms.models import BookingRequest, Guest, Reservation, ReservationAmendment
from orchestrator.state.memory import InMemoryStateStore
from orchestrator.state.store import StoreUnavailableError

PHONE = "+4930123456"
TTL = 60.0
READ_TIMEOUT = 30.0
STAY = BookingRequest(
    hotel_id="MUC",
    rate_plan_id="STANDARD",
    arrival=date(2027, 5, 10),
    departure=date(2027, 5, 12),
    adults=2,
    guest=Guest(last_name="Muster", phone=PHONE),
)
AMENDMENT = ReservationAmendment(
    arrival=date(2027, 5, 10), departure=date(2027, 5, 14), adults=2, rate_plan_id="STANDARD"
)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


class CountingPms(InMemoryConnector):
    """A PMS that counts reads; a read can be held until a test releases it."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.reading, self.release = asyncio.Event(), asyncio.Event()
        self.release.set()

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """Count and read; the result is from before the release."""
        self.reads += 1
        reservation = await super().get_reservation(reservation_id)
        self.reading.set()
        await self.release.wait()
        return reservation


async def test_cached_read_expires() -> None:
    """Up to its lifetime a reservation comes from the cache, then the PMS is asked again."""
    pms, clock = CountingPms(), Clock()
    cache = CachingPmsConnector(pms, InMemoryStateStore(), TTL, READ_TIMEOUT, clock)
    reservation_id = (await cache.create_booking(STAY, idempotency_key="a")).reservation_id
    reads = []
    for now in (0.0, TTL - 0.1, TTL + 0.1):
        clock.now = now
        await cache.get_reservation(reservation_id)
        reads.append(pms.reads)

    assert reads == [1, 1, 2]
    assert (cache.stats.hits, cache.stats.misses) == (1, 2)


@pytest.mark.parametrize("change", ["book", "amend", "cancel", "webhook"])
async def test_results_by_phone_number_are_forgotten_after_a_change(change: str) -> None:
    """Any change of a reservation may concern the guest with this number."""
    pms = InMemoryConnector()
    cache = CachingPmsConnector(pms, InMemoryStateStore(), TTL, READ_TIMEOUT)
    reservation_id = (await cache.create_booking(STAY, idempotency_key="a")).reservation_id
    before = await cache.find_reservations_by_phone("MUC", PHONE)
    match change:
        case "book":
            await cache.create_booking(STAY, idempotency_key="b")
        case "amend":
            await cache.amend_reservation(reservation_id, AMENDMENT)
        case "cancel":
            await cache.cancel_reservation(reservation_id)
        case _:
            await pms.cancel_reservation(reservation_id)
            await cache.invalidate(reservation_id)

    after = await cache.find_reservations_by_phone("MUC", PHONE)

    assert after == await pms.find_reservations_by_phone("MUC", PHONE)
    assert after != before


async def test_concurrent_reads_share_one_request() -> None:
    """All get its result."""
    pms = CountingPms()
    cache = CachingPmsConnector(pms, InMemoryStateStore(), TTL, READ_TIMEOUT)
    reservation_id = (await cache.create_booking(STAY, idempotency_key="a")).reservation_id

    results = await asyncio.gather(*(cache.get_reservation(reservation_id) for _ in range(10)))

    assert (pms.reads, cache.stats.coalesced) == (1, 9)
    assert results == [results[0]] * 10


async def test_read_that_a_change_overtakes_is_not_cached() -> None:
    """The read began before the change, so its result is already outdated."""
    pms = CountingPms()
    cache = CachingPmsConnector(pms, InMemoryStateStore(), TTL, READ_TIMEOUT)
    reservation_id = (await cache.create_booking(STAY, idempotency_key="a")).reservation_id
    pms.release.clear()
    pms.reading.clear()
    read = asyncio.create_task(cache.get_reservation(reservation_id))
    await pms.reading.wait()
    await cache.invalidate(reservation_id)
    pms.release.set()
    await read

    await cache.get_reservation(reservation_id)

    assert pms.reads == 2


async def test_failed_read_is_not_cached() -> None:
    """A reservation may be created a moment later."""
    pms = CountingPms()
    cache = CachingPmsConnector(pms, InMemoryStateStore(), TTL, READ_TIMEOUT)
    for _ in range(2):
        with pytest.raises(ReservationNotFoundError):
            await cache.get_reservation("NEVER-1")

    assert pms.reads == 2


class UnavailableStore(InMemoryStateStore):
    """A state store that can be switched off; it counts the reads."""

    def __init__(self) -> None:
        super().__init__()
        self.available = True
        self.reads = 0

    async def get(self, key: str) -> str | None:
        """Count the read."""
        self.reads += 1
        self._require_available()
        return await super().get(key)

    async def compare_and_swap(self, key: str, old: str | None, new: str, ttl: float) -> bool:
        """Fail if switched off."""
        self._require_available()
        return await super().compare_and_swap(key, old, new, ttl)

    async def delete(self, *keys: str) -> None:
        """Fail if switched off."""
        self._require_available()
        await super().delete(*keys)

    def lose_data(self) -> None:
        """Forget everything, as a Redis that restarts."""
        self._entries.clear()

    def _require_available(self) -> None:
        if not self.available:
            raise StoreUnavailableError("switched off")


@pytest.fixture
def store() -> UnavailableStore:
    """The state store of all processes."""
    return UnavailableStore()


async def test_cached_look_up_costs_one_read_of_the_store(store: UnavailableStore) -> None:
    """The store is read for the version mark only."""
    pms = CountingPms()
    cache = CachingPmsConnector(pms, store, TTL, READ_TIMEOUT)
    reservation_id = (await cache.create_booking(STAY, idempotency_key="a")).reservation_id
    await cache.get_reservation(reservation_id)
    before = store.reads

    await cache.get_reservation(reservation_id)

    assert (pms.reads, store.reads - before) == (1, 1)


@pytest.mark.parametrize("change", ["amend", "cancel", "webhook", "booking webhook", "data lost"])
async def test_change_in_one_process_invalidates_the_cache_of_another(
    store: UnavailableStore, change: str
) -> None:
    """Two caches on one store are the caches of two processes."""
    pms = CountingPms()
    first, second = (CachingPmsConnector(pms, store, TTL, READ_TIMEOUT) for _ in range(2))
    reservation_id = (await first.create_booking(STAY, idempotency_key="a")).reservation_id
    for _ in range(2):
        await second.get_reservation(reservation_id)
    match change:
        case "amend":
            await first.amend_reservation(reservation_id, AMENDMENT)
        case "cancel":
            await first.cancel_reservation(reservation_id)
        case "webhook":
            await first.invalidate(reservation_id)
        case "booking webhook":
            await first.invalidate_booking(reservation_id.rpartition("-")[0] or reservation_id)
        case _:
            store.lose_data()
    before = pms.reads

    await second.get_reservation(reservation_id)

    assert (second.stats.hits, pms.reads - before) == (1, 1)


async def test_cache_is_bypassed_while_the_store_is_away(store: UnavailableStore) -> None:
    """Whether the cached reservation is still valid cannot be known."""
    pms = CountingPms()
    cache = CachingPmsConnector(pms, store, TTL, READ_TIMEOUT)
    reservation_id = (await cache.create_booking(STAY, idempotency_key="a")).reservation_id
    await cache.get_reservation(reservation_id)
    store.available = False

    for _ in range(2):
        await cache.get_reservation(reservation_id)

    assert pms.reads == 3


async def test_write_succeeds_while_the_store_is_away(store: UnavailableStore) -> None:
    """The PMS has done it, so the guest must not hear that it failed; this process forgets what it has read."""
    pms = CountingPms()
    cache = CachingPmsConnector(pms, store, TTL, READ_TIMEOUT)
    reservation_id = (await cache.create_booking(STAY, idempotency_key="a")).reservation_id
    await cache.get_reservation(reservation_id)
    store.available = False
    await cache.cancel_reservation(reservation_id)
    store.available = True

    assert (await cache.get_reservation(reservation_id)).status == "canceled"


async def test_webhook_fails_while_the_store_is_away(store: UnavailableStore) -> None:
    """Its sender has to deliver it again, or other processes would not learn of the change."""
    store.available = False

    with pytest.raises(StoreUnavailableError):
        await CachingPmsConnector(CountingPms(), store, TTL, READ_TIMEOUT).invalidate("X-1")
