"""A PMS in memory: for a demonstration, or a hotel whose system is not connected yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from orchestrator.pms.errors import PmsRejectedError, ReservationNotFoundError
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import BookingRequest, Money, Offer, Reservation, ReservationAmendment

NIGHTLY_RATE = Decimal(100)
CURRENCY = "EUR"
ROOM_TYPE, RATE_PLAN = "Double", "STANDARD"


class InMemoryConnector:
    """A hotel of so many rooms, all alike.

    Args:
        reservations: those there are at the start.
        rooms: how many can be sold for a night.
    """

    provider = "memory"
    capabilities = frozenset(Capability) - {Capability.SERVICES}

    def __init__(self, reservations: Iterable[Reservation] = (), rooms: int = 10) -> None:
        self._stays = {stay.id: stay for stay in reservations}
        self._rooms = rooms
        self._booked: dict[str, str] = {}

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """A reservation."""
        if reservation_id not in self._stays:
            raise ReservationNotFoundError
        return self._stays[reservation_id]

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """The stays whose guest has this number, those in the house first."""
        found = [
            stay
            for stay in self._stays.values()
            if stay.hotel_id == hotel_id
            and stay.status in {"confirmed", "in_house"}
            and stay.guest
            and stay.guest.phone == phone
        ]
        return sorted(found, key=lambda stay: (stay.status != "in_house", stay.arrival))

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:  # noqa: ARG002 - all rooms are alike
        """What can be sold."""
        free = self._available_rooms(arrival, departure)
        if not free:
            return []
        total = _price(arrival, departure)
        return [
            Offer(
                rate_plan_id=RATE_PLAN,
                rate_plan_name="Standard",
                room_type=ROOM_TYPE,
                arrival=arrival,
                departure=departure,
                available_units=free,
                total_amount=total,
            )
        ]

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> str:
        """Book, once per key; the reservation's id."""
        if idempotency_key in self._booked:
            return self._booked[idempotency_key]
        if stay.rate_plan_id != RATE_PLAN or not self._available_rooms(stay.arrival, stay.departure):
            raise PmsRejectedError
        booking = f"BOOK{len(self._booked) + 1:04}"
        reservation = Reservation(
            id=f"{booking}-1",
            booking_id=booking,
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
        self._stays[reservation.id] = reservation
        self._booked[idempotency_key] = reservation.id
        return reservation.id

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change the dates or the number of guests."""
        stay = await self.get_reservation(reservation_id)
        if stay.status != "confirmed" or not self._available_rooms(
            change.arrival, change.departure, exclude_id=stay.id
        ):
            raise PmsRejectedError
        values = {
            "arrival": change.arrival,
            "departure": change.departure,
            "adults": change.adults,
            "total_amount": _price(change.arrival, change.departure),
        }
        self._stays[stay.id] = stay.model_copy(update=values)

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a stay that has not begun."""
        stay = await self.get_reservation(reservation_id)
        if stay.status != "confirmed":
            raise PmsRejectedError
        self._stays[stay.id] = stay.model_copy(update={"status": "canceled"})

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:  # noqa: ARG002 - it has none
        """This PMS has no services."""
        raise PmsRejectedError

    def _available_rooms(self, arrival: date, departure: date, *, exclude_id: str = "") -> int:
        nights = [arrival + timedelta(days=number) for number in range((departure - arrival).days)]
        others = [
            stay
            for stay in self._stays.values()
            if stay.id != exclude_id and stay.status in {"confirmed", "in_house"}
        ]
        taken = [sum(stay.arrival <= night < stay.departure for stay in others) for night in nights]
        return max(0, self._rooms - max(taken, default=0))


def _price(arrival: date, departure: date) -> Money:
    return Money(amount=NIGHTLY_RATE * (departure - arrival).days, currency=CURRENCY)
