"""The protocol of a PMS connector, and the capabilities in which connectors differ."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Protocol

from orchestrator.pms.errors import CapabilityNotSupportedError
from orchestrator.pms.models import (
    BookedStay,
    BookingRequest,
    Money,
    Offer,
    Reservation,
    ReservationAmendment,
)


class Capability(StrEnum):
    """An operation that a PMS may support."""

    READ_STAY = "read_stay"
    FIND_BY_PHONE = "find_by_phone"
    OFFERS = "offers"
    BOOK = "book"
    CHANGE = "change"
    CANCEL = "cancel"
    SERVICES = "services"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    ASSIGN_ROOM = "assign_room"
    BALANCE = "balance"


class PmsConnector(Protocol):
    """A connector to the PMS of a hotel. Every method may raise a PmsError."""

    provider: str
    capabilities: frozenset[Capability]

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation."""

    async def get_current_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation with its services and refusals as the PMS has it now, never from a cache."""

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """Return the current and future reservations of the guest with this number (E.164)."""

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:
        """Return the offers for a stay."""

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> BookedStay:
        """Create a booking, once per key."""

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change the dates and the number of guests of a reservation."""

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a reservation before the arrival."""

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Book a service of the hotel for a reservation."""

    async def check_in(self, reservation_id: str) -> None:
        """Check in the guest of a confirmed reservation that has a room."""

    async def check_out(self, reservation_id: str) -> None:
        """Check out a guest in the house."""

    async def find_room(self, reservation: Reservation, name: str) -> str | None:
        """Return the id of the room with this name (case is ignored) among those of the booked type, free or not."""

    async def assign_room(self, reservation_id: str, room_id: str | None = None) -> str:
        """Assign a room for the whole stay, any free one of the booked type or the one with this id; return its name.

        A PMS that changes the room during the stay returns the names of all of them.
        """

    async def get_balance(self, reservation_id: str) -> Money | None:
        """Return what the guest has to pay as the PMS has it now, never from a cache.

        It is negative if the hotel owes the guest money, and None if nothing was ever charged or paid.
        """


def require_capability(pms: PmsConnector, capability: Capability) -> None:
    """Check that a PMS has a capability.

    Raises:
        CapabilityNotSupportedError: the PMS does not have it.
    """
    if capability not in pms.capabilities:
        raise CapabilityNotSupportedError(capability, pms.provider)
