"""What the orchestrator asks of any PMS, and what each kind of PMS can do of it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Protocol

from orchestrator.pms.errors import CapabilityNotSupportedError
from orchestrator.pms.models import BookingRequest, Offer, Reservation, ReservationAmendment


class Capability(StrEnum):
    """Something a PMS may be able to do."""

    READ_STAY = "read_stay"
    FIND_BY_PHONE = "find_by_phone"
    OFFERS = "offers"
    BOOK = "book"
    CHANGE = "change"
    CANCEL = "cancel"
    SERVICES = "services"


class PmsConnector(Protocol):
    """A hotel's PMS. Every method may raise a PmsError."""

    provider: str
    capabilities: frozenset[Capability]

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """A reservation."""

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """The stays, present and to come, whose guest has this number (E.164)."""

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:
        """What can be sold."""

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> str:
        """Book, once per key; the reservation's id."""

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change the dates or the number of guests."""

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a stay that has not begun."""

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Book a service of the hotel for a stay."""


def require_capability(pms: PmsConnector, capability: Capability) -> None:
    """Nothing, if the PMS can do it.

    Raises:
        CapabilityNotSupportedError: it cannot.
    """
    if capability not in pms.capabilities:
        raise CapabilityNotSupportedError(capability, pms.provider)
