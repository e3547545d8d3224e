"""Reads of a PMS, believed for a while: one question at a time for the same thing, and none after it changed."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestrator.pms.interface import PmsConnector
from orchestrator.pms.models import BookingRequest, Offer, Reservation, ReservationAmendment

MAX_ENTRIES = 10_000


@dataclass(slots=True)
class CacheStats:
    """Reads that were answered from here, asked of the PMS, or joined to one that was being asked."""

    hits: int = 0
    misses: int = 0
    coalesced: int = 0


class CachingPmsConnector:
    """A PMS behind a read-through cache. Errors are never kept; what is written is asked anew.

    Args:
        pms: the PMS itself.
        seconds: how long an answer is believed.
        clock: in seconds.
    """

    def __init__(
        self, pms: PmsConnector, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pms = pms
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[tuple[str, ...], tuple[float, Any]] = OrderedDict()
        self._asked: dict[tuple[str, ...], asyncio.Task[Any]] = {}
        self.provider = pms.provider
        self.capabilities = pms.capabilities
        self.counts = CacheStats()

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """A reservation."""
        found: Reservation = await self._get_or_fetch(
            ("stay", reservation_id), lambda: self._pms.get_reservation(reservation_id)
        )
        return found

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """The stays whose guest has this number."""
        key = ("phone", hotel_id, phone)
        found: list[Reservation] = await self._get_or_fetch(
            key, lambda: self._pms.find_reservations_by_phone(hotel_id, phone)
        )
        return found

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:
        """What can be sold: always asked, for it is sold to others too."""
        return await self._pms.find_offers(hotel_id, arrival, departure, adults)

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> str:
        """Book, once per key."""
        made = await self._pms.create_booking(stay, idempotency_key=idempotency_key)
        self.invalidate(made)
        return made

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change a stay."""
        try:
            await self._pms.amend_reservation(reservation_id, change)
        finally:
            self.invalidate(reservation_id)

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a stay."""
        try:
            await self._pms.cancel_reservation(reservation_id)
        finally:
            self.invalidate(reservation_id)

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Book a service."""
        try:
            await self._pms.add_service(reservation_id, service_id, count=count)
        finally:
            self.invalidate(reservation_id)

    def invalidate(self, reservation_id: str) -> None:
        """Ask anew for a reservation, and for whose number it is; an answer that is under way is not kept either."""
        for key in [
            key for key in (*self._kept, *self._asked) if key[0] == "phone" or key[1] == reservation_id
        ]:
            self._kept.pop(key, None)
            self._asked.pop(key, None)

    def invalidate_booking(self, booking_id: str) -> None:
        """Ask anew for all reservations of a booking that changed as a whole: Apaleo's are named after it."""
        for reservation in {key[1] for key in (*self._kept, *self._asked) if key[0] == "stay"}:
            if reservation.rpartition("-")[0] == booking_id:
                self.invalidate(reservation)

    async def _get_or_fetch(self, key: tuple[str, ...], ask: Callable[[], Awaitable[Any]]) -> Any:
        expires, value = self._kept.get(key, (0.0, None))
        if expires > self._clock():
            self._kept.move_to_end(key)
            self.counts.hits += 1
            return value
        task = self._asked.get(key)
        if task is None:
            self.counts.misses += 1
            task = asyncio.ensure_future(self._fetch(key, ask))
            self._asked[key] = task
        else:
            self.counts.coalesced += 1
        return await asyncio.shield(task)  # one that stops waiting does not stop the others

    async def _fetch(self, key: tuple[str, ...], ask: Callable[[], Awaitable[Any]]) -> Any:
        me = asyncio.current_task()
        try:
            value = await ask()
            if self._asked.get(key) is me:
                self._kept[key] = (self._clock() + self._seconds, value)
                if len(self._kept) > MAX_ENTRIES:
                    self._kept.popitem(last=False)
            return value
        finally:
            if self._asked.get(key) is me:
                del self._asked[key]
