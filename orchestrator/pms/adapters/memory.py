"""A PMS in memory, for demonstrations and for hotels whose PMS is not connected yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from orchestrator.pms.errors import CapabilityNotSupportedError, PmsRejectedError, ReservationNotFoundError
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import (
    BookedStay,
    BookingRequest,
    Money,
    Offer,
    Reservation,
    ReservationAmendment,
    in_house_first,
)

NIGHTLY_RATE = Decimal(100)
CURRENCY = "EUR"
ROOM_TYPE, RATE_PLAN = "Double", "STANDARD"
OCCUPYING_STATUSES = frozenset({"confirmed", "in_house"})


class InMemoryConnector:
    """A hotel with one room type.

    Args:
        reservations: the initial reservations.
        rooms: the number of rooms that can be sold per night.
    """

    provider = "memory"
    # it knows neither rooms nor the date
    capabilities = frozenset(Capability) - {
        Capability.SERVICES,
        Capability.CHECK_IN,
        Capability.CHECK_OUT,
        Capability.ASSIGN_ROOM,
    }

    def __init__(self, reservations: Iterable[Reservation] = (), rooms: int = 10) -> None:
        self._reservations = {reservation.id: reservation for reservation in reservations}
        self._rooms = rooms
        self._booked: dict[str, str] = {}  # the reservation ids by idempotency key

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation."""
        if reservation_id not in self._reservations:
            raise ReservationNotFoundError
        return self._reservations[reservation_id]

    async def get_current_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation; this PMS has no services."""
        return await self.get_reservation(reservation_id)

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """Return the reservations of the guest with this number, those in house first."""
        matches = [
            reservation
            for reservation in self._reservations.values()
            if reservation.hotel_id == hotel_id
            and reservation.status in OCCUPYING_STATUSES
            and reservation.guest
            and reservation.guest.phone == phone
        ]
        return in_house_first(matches)

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:  # noqa: ARG002 - every room fits any number of adults
        """Return the offer for a stay, if a room is available."""
        available = self._available_rooms(arrival, departure)
        if not available:
            return []
        total = _price(arrival, departure)
        return [
            Offer(
                rate_plan_id=RATE_PLAN,
                room_type=ROOM_TYPE,
                arrival=arrival,
                departure=departure,
                available_units=available,
                total_amount=total,
            )
        ]

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> BookedStay:
        """Create a booking, once per key."""
        if idempotency_key in self._booked:
            return _booked_stay(self._booked[idempotency_key])
        if stay.rate_plan_id != RATE_PLAN or not self._available_rooms(stay.arrival, stay.departure):
            raise PmsRejectedError
        booking_id = f"BOOK{len(self._booked) + 1:04}"
        reservation = Reservation(
            id=f"{booking_id}-1",
            booking_id=booking_id,
            hotel_id=stay.hotel_id,
            status="confirmed",
            arrival=stay.arrival,
            departure=stay.departure,
            adults=stay.adults,
            room_type=ROOM_TYPE,
            total_amount=_price(stay.arrival, stay.departure),
            balance_due=_price(stay.arrival, stay.departure),
            guest=stay.guest,
        )
        self._reservations[reservation.id] = reservation
        self._booked[idempotency_key] = reservation.id
        return _booked_stay(reservation.id)

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change the dates and the number of guests of a reservation."""
        reservation = await self.get_reservation(reservation_id)
        if reservation.status != "confirmed" or not self._available_rooms(
            change.arrival, change.departure, exclude_id=reservation.id
        ):
            raise PmsRejectedError
        values = {
            "arrival": change.arrival,
            "departure": change.departure,
            "adults": change.adults,
            "total_amount": _price(change.arrival, change.departure),
        }
        self._reservations[reservation.id] = reservation.model_copy(update=values)

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a reservation before the arrival."""
        reservation = await self.get_reservation(reservation_id)
        if reservation.status != "confirmed":
            raise PmsRejectedError
        self._reservations[reservation.id] = reservation.model_copy(update={"status": "canceled"})

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:  # noqa: ARG002 - not supported
        """Raise PmsRejectedError: this PMS has no services."""
        raise PmsRejectedError

    async def check_in(self, reservation_id: str) -> None:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.CHECK_IN, self.provider)

    async def check_out(self, reservation_id: str) -> None:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.CHECK_OUT, self.provider)

    async def find_room(self, reservation: Reservation, name: str) -> str | None:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.ASSIGN_ROOM, self.provider)

    async def assign_room(self, reservation_id: str, room_id: str | None = None) -> str:  # noqa: ARG002 - not supported
        """Raise CapabilityNotSupportedError: this adapter does not support it."""
        raise CapabilityNotSupportedError(Capability.ASSIGN_ROOM, self.provider)

    async def get_balance(self, reservation_id: str) -> Money | None:
        """Return what the guest has to pay."""
        return (await self.get_reservation(reservation_id)).balance_due

    def _available_rooms(self, arrival: date, departure: date, *, exclude_id: str = "") -> int:
        nights = [arrival + timedelta(days=number) for number in range((departure - arrival).days)]
        others = [
            reservation
            for reservation in self._reservations.values()
            if reservation.id != exclude_id and reservation.status in OCCUPYING_STATUSES
        ]
        occupied = [sum(other.arrival <= night < other.departure for other in others) for night in nights]
        return max(0, self._rooms - max(occupied, default=0))


def _price(arrival: date, departure: date) -> Money:
    return Money(amount=NIGHTLY_RATE * (departure - arrival).days, currency=CURRENCY)


def _booked_stay(reservation_id: str) -> BookedStay:
    return BookedStay(reservation_id=reservation_id, number=reservation_id)
