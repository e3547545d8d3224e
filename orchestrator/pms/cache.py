"""Reads of a PMS, believed for a while: one question at a time for the same thing, and none after it changed."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestrator.pms.connector import Pms
from orchestrator.pms.models import NewStay, Offer, Reservation, StayChange

MOST_ENTRIES = 10_000


@dataclass(slots=True)
class Counts:
    """Reads that were answered from here, asked of the PMS, or joined to one that was being asked."""

    hits: int = 0
    misses: int = 0
    shared: int = 0


class CachedPms:
    """A PMS behind a read-through cache. Errors are never kept; what is written is asked anew.

    Args:
        pms: the PMS itself.
        seconds: how long an answer is believed.
        clock: in seconds.
    """

    def __init__(self, pms: Pms, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._pms = pms
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[tuple[str, ...], tuple[float, Any]] = OrderedDict()
        self._asked: dict[tuple[str, ...], asyncio.Task[Any]] = {}
        self.kind = pms.kind
        self.capabilities = pms.capabilities
        self.counts = Counts()

    async def stay(self, reservation_id: str) -> Reservation:
        """A reservation."""
        found: Reservation = await self._read(
            ("stay", reservation_id), lambda: self._pms.stay(reservation_id)
        )
        return found

    async def stays_of_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """The stays whose guest has this number."""
        key = ("phone", hotel_id, phone)
        found: list[Reservation] = await self._read(key, lambda: self._pms.stays_of_phone(hotel_id, phone))
        return found

    async def offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:
        """What can be sold: always asked, for it is sold to others too."""
        return await self._pms.offers(hotel_id, arrival, departure, adults)

    async def book(self, stay: NewStay, *, key: str) -> str:
        """Book, once per key."""
        made = await self._pms.book(stay, key=key)
        self.forget(made)
        return made

    async def change(self, reservation_id: str, change: StayChange) -> None:
        """Change a stay."""
        try:
            await self._pms.change(reservation_id, change)
        finally:
            self.forget(reservation_id)

    async def cancel(self, reservation_id: str) -> None:
        """Cancel a stay."""
        try:
            await self._pms.cancel(reservation_id)
        finally:
            self.forget(reservation_id)

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Book a service."""
        try:
            await self._pms.add_service(reservation_id, service_id, count=count)
        finally:
            self.forget(reservation_id)

    def forget(self, reservation_id: str) -> None:
        """Ask anew for a reservation, and for whose number it is; an answer that is under way is not kept either."""
        for key in [
            key for key in (*self._kept, *self._asked) if key[0] == "phone" or key[1] == reservation_id
        ]:
            self._kept.pop(key, None)
            self._asked.pop(key, None)

    def forget_booking(self, booking_id: str) -> None:
        """Ask anew for all reservations of a booking that changed as a whole: Apaleo's are named after it."""
        for reservation in {key[1] for key in (*self._kept, *self._asked) if key[0] == "stay"}:
            if reservation.rpartition("-")[0] == booking_id:
                self.forget(reservation)

    async def _read(self, key: tuple[str, ...], ask: Callable[[], Awaitable[Any]]) -> Any:
        expires, value = self._kept.get(key, (0.0, None))
        if expires > self._clock():
            self._kept.move_to_end(key)
            self.counts.hits += 1
            return value
        task = self._asked.get(key)
        if task is None:
            self.counts.misses += 1
            task = asyncio.ensure_future(self._ask(key, ask))
            self._asked[key] = task
        else:
            self.counts.shared += 1
        return await asyncio.shield(task)  # one that stops waiting does not stop the others

    async def _ask(self, key: tuple[str, ...], ask: Callable[[], Awaitable[Any]]) -> Any:
        me = asyncio.current_task()
        try:
            value = await ask()
            if self._asked.get(key) is me:
                self._kept[key] = (self._clock() + self._seconds, value)
                if len(self._kept) > MOST_ENTRIES:
                    self._kept.popitem(last=False)
            return value
        finally:
            if self._asked.get(key) is me:
                del self._asked[key]
