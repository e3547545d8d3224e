"""Read-through TTL cache for PMS reads, with request coalescing; writes and webhooks invalidate it in every process.

Each process caches by itself. Their caches agree through version marks in the state store, one per booking and one for
all results by phone number: a read is cached under the mark that was current when it began, and a change deletes the
mark, after which no process finds what was read before. A look-up in the cache costs one read of the store.

The cache is bypassed while the store is away. If the store lost its data, the marks are gone and every process reads again.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, TypeVar

from orchestrator.caching import CacheStats, CoalescingCache, retrieve_exception
from orchestrator.observability import logging
from orchestrator.pms.errors import PmsUnavailableError
from orchestrator.pms.interface import PmsConnector
from orchestrator.pms.models import (
    BookedStay,
    BookingRequest,
    Money,
    Offer,
    Reservation,
    ReservationAmendment,
)
from orchestrator.resilience.deadline import limit_to_deadline
from orchestrator.state.store import StateStore, StoreUnavailableError

MAX_ENTRIES = 10_000
ALL_PHONES = "phones"
"""Whose version mark results by phone number have: any change may concern any of them."""

T = TypeVar("T")
Key = tuple[str, ...]


class CachingPmsConnector:
    """A PMS connector behind a cache. Errors are not cached.

    Args:
        pms: the connector of the PMS.
        store: the state store, which all processes share.
        ttl_seconds: the lifetime of a cached read.
        read_timeout_seconds: how long a guest on the phone waits for a read, which may take several requests. The read
            continues for the next question.
        clock: the current time in seconds.
    """

    def __init__(
        self,
        pms: PmsConnector,
        store: StateStore,
        ttl_seconds: float,
        read_timeout_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pms = pms
        self._store = store
        # longer than a cached read, which is lost with its mark
        self._mark_ttl_seconds = 2 * ttl_seconds
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
            ("reservation", reservation_id),
            _booking_of(reservation_id),
            lambda: self._pms.get_reservation(reservation_id),
        )
        return reservation

    async def get_current_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation as the PMS has it now."""
        return await self._within_timeout(self._pms.get_current_reservation(reservation_id))

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """Return the current and future reservations of the guest with this number."""
        reservations: list[Reservation] = await self._read(
            ("phone", hotel_id, phone),
            ALL_PHONES,
            lambda: self._pms.find_reservations_by_phone(hotel_id, phone),
        )
        return reservations

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:
        """Return the offers for a stay. They are never cached, because other channels sell the same rooms."""
        return await self._within_timeout(self._pms.find_offers(hotel_id, arrival, departure, adults))

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> BookedStay:
        """Create a booking, once per key."""
        booked = await self._pms.create_booking(stay, idempotency_key=idempotency_key)
        # the new reservation belongs to results by phone number
        await self._invalidate_after_write(booked.reservation_id)
        return booked

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change a reservation."""
        await self._write(reservation_id, self._pms.amend_reservation(reservation_id, change))

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a reservation."""
        await self._write(reservation_id, self._pms.cancel_reservation(reservation_id))

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Book a service for a reservation."""
        await self._write(reservation_id, self._pms.add_service(reservation_id, service_id, count=count))

    async def check_in(self, reservation_id: str) -> None:
        """Check in a guest."""
        await self._write(reservation_id, self._pms.check_in(reservation_id))

    async def check_out(self, reservation_id: str) -> None:
        """Check out a guest."""
        await self._write(reservation_id, self._pms.check_out(reservation_id))

    async def find_room(self, reservation: Reservation, name: str) -> str | None:
        """Return the id of a room of the booked type."""
        return await self._within_timeout(self._pms.find_room(reservation, name))

    async def assign_room(self, reservation_id: str, room_id: str | None = None) -> str:
        """Assign a room and return its name."""
        return await self._write(reservation_id, self._pms.assign_room(reservation_id, room_id))

    async def get_balance(self, reservation_id: str) -> Money | None:
        """Return what the guest has to pay as the PMS has it now."""
        return await self._within_timeout(self._pms.get_balance(reservation_id))

    async def invalidate(self, reservation_id: str) -> None:
        """Forget a reservation's booking, and all results by phone number, because any of them may contain it.

        Raises:
            StoreUnavailableError: only this process has forgotten them.
        """
        await self.invalidate_booking(_booking_of(reservation_id))

    async def invalidate_booking(self, booking_id: str) -> None:
        """Forget all reservations of a booking, and all results by phone number, in every process.

        Raises:
            StoreUnavailableError: only this process has forgotten them.
        """
        for key in self._cache.known_keys():
            if key[0] == "phone" or _booking_of(key[1]) == booking_id:
                self._cache.invalidate(key)
        await self._store.delete(_mark_key(booking_id), _mark_key(ALL_PHONES))

    async def _read(self, key: Key, subject: str, fetch: Callable[[], Awaitable[Any]]) -> Any:
        async def look_up() -> Any:
            return await self._cache.get_or_fetch((*key, await self._version_mark(subject)), fetch)

        return await self._within_timeout(look_up())

    async def _version_mark(self, subject: str) -> str:
        """Return the version mark of a booking or of all phones; a new one if there is none."""
        new_mark = uuid.uuid4().hex
        try:
            mark = await self._store.get(_mark_key(subject))
            if mark is not None:
                return mark
            if await self._store.compare_and_swap(_mark_key(subject), None, new_mark, self._mark_ttl_seconds):
                return new_mark
            return await self._store.get(_mark_key(subject)) or new_mark
        except StoreUnavailableError:
            # nothing is cached under a new mark, and it is not looked up again
            return new_mark

    async def _write(self, reservation_id: str, write: Awaitable[T]) -> T:
        try:
            return await write
        finally:  # a write without a response may have had its effect
            await self._invalidate_after_write(reservation_id)

    async def _invalidate_after_write(self, reservation_id: str) -> None:
        try:
            await self.invalidate(reservation_id)
        except StoreUnavailableError:
            # the write has its effect all the same; other processes believe their reads until these expire
            logging.warning("pms_cache_invalidation_failed")

    async def _within_timeout(self, read: Awaitable[T]) -> T:
        task = asyncio.ensure_future(read)
        # unlike a timeout, waiting does not cancel the read: the circuit breaker sees how it ends
        done, _ = await asyncio.wait({task}, timeout=limit_to_deadline(self._read_timeout_seconds))
        if not done:
            task.add_done_callback(retrieve_exception)
            raise PmsUnavailableError("timeout")
        return task.result()


def _booking_of(reservation_id: str) -> str:
    """Return the booking of a reservation; Apaleo's reservation ids are `<booking id>-<number>`."""
    return reservation_id.rpartition("-")[0] or reservation_id


def _mark_key(subject: str) -> str:
    return f"pms-version:{subject}"
