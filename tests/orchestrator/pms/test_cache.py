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
    reservation_id = await cache.create_booking(STAY, idempotency_key="a")
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
    reservation_id = await cache.create_booking(STAY, idempotency_key="a")
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
    reservation_id = await cache.create_booking(STAY, idempotency_key="a")

    results = await asyncio.gather(*(cache.get_reservation(reservation_id) for _ in range(10)))

    assert (pms.reads, cache.stats.coalesced) == (1, 9)
    assert results == [results[0]] * 10


async def test_read_that_a_change_overtakes_is_not_cached() -> None:
    """The read began before the change, so its result is already outdated."""
    pms = CountingPms()
    cache = CachingPmsConnector(pms, InMemoryStateStore(), TTL, READ_TIMEOUT)
    reservation_id = await cache.create_booking(STAY, idempotency_key="a")
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
