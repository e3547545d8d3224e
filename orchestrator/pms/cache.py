"""Read-through TTL cache for PMS reads, with request coalescing; writes and webhooks invalidate it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, TypeVar

from orchestrator.caching import CacheStats, CoalescingCache, retrieve_exception
from orchestrator.pms.errors import PmsUnavailableError
from orchestrator.pms.interface import PmsConnector
from orchestrator.pms.models import BookingRequest, Offer, Reservation, ReservationAmendment

MAX_ENTRIES = 10_000

T = TypeVar("T")
Key = tuple[str, ...]


class CachingPmsConnector:
    """A PMS connector behind a cache. Errors are not cached.

    Args:
        pms: the connector of the PMS.
        ttl_seconds: the lifetime of a cached read.
        read_timeout_seconds: how long a guest on the phone waits for a read, which may take several requests. The read
            continues for the next question.
        clock: the current time in seconds.
    """

    def __init__(
        self,
        pms: PmsConnector,
        ttl_seconds: float,
        read_timeout_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pms = pms
        self._read_timeout_seconds = read_timeout_seconds
        self._cache: CoalescingCache[Key, Any] = CoalescingCache(
            max_size=MAX_ENTRIES, ttl_seconds=ttl_seconds, clock=clock
        )
        self.provider = pms.provider
        self.capabilities = pms.capabilities

    @property
    def stats(self) -> CacheStats:
        """The numbers of hits, misses and coalesced reads."""
        return self._cache.stats

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation."""
        reservation: Reservation = await self._read(
            ("reservation", reservation_id), lambda: self._pms.get_reservation(reservation_id)
        )
        return reservation

    async def get_current_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation as the PMS has it now."""
        return await _within(self._read_timeout_seconds, self._pms.get_current_reservation(reservation_id))

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """Return the current and future reservations of the guest with this number."""
        reservations: list[Reservation] = await self._read(
            ("phone", hotel_id, phone), lambda: self._pms.find_reservations_by_phone(hotel_id, phone)
        )
        return reservations

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:
        """Return the offers for a stay. They are never cached, because other channels sell the same rooms."""
        return await _within(
            self._read_timeout_seconds, self._pms.find_offers(hotel_id, arrival, departure, adults)
        )

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> str:
        """Create a booking, once per key, and return the reservation's id."""
        reservation_id = await self._pms.create_booking(stay, idempotency_key=idempotency_key)
        # the new reservation belongs to results by phone number
        self.invalidate(reservation_id)
        return reservation_id

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change a reservation."""
        await self._write(reservation_id, self._pms.amend_reservation(reservation_id, change))

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a reservation."""
        await self._write(reservation_id, self._pms.cancel_reservation(reservation_id))

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Book a service for a reservation."""
        await self._write(reservation_id, self._pms.add_service(reservation_id, service_id, count=count))

    def invalidate(self, reservation_id: str) -> None:
        """Forget a reservation, and all results by phone number, because any of them may contain it."""
        for key in self._cache.known_keys():
            if key[0] == "phone" or key[1] == reservation_id:
                self._cache.invalidate(key)

    def invalidate_booking(self, booking_id: str) -> None:
        """Forget all reservations of a booking; Apaleo's reservation ids are `<booking id>-<number>`."""
        for reservation_id in {key[1] for key in self._cache.known_keys() if key[0] == "reservation"}:
            if reservation_id.rpartition("-")[0] == booking_id:
                self.invalidate(reservation_id)

    async def _read(self, key: Key, fetch: Callable[[], Awaitable[Any]]) -> Any:
        return await _within(self._read_timeout_seconds, self._cache.get_or_fetch(key, fetch))

    async def _write(self, reservation_id: str, write: Awaitable[None]) -> None:
        try:
            await write
        finally:  # a write without a response may have had its effect
            self.invalidate(reservation_id)


async def _within(seconds: float, read: Awaitable[T]) -> T:
    task = asyncio.ensure_future(read)
    # unlike a timeout, waiting does not cancel the read: the circuit breaker sees how it ends
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.add_done_callback(retrieve_exception)
        raise PmsUnavailableError("timeout")
    return task.result()
