"""Apaleo as a PMS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from orchestrator.pms.errors import PmsRejectedError, PmsUnavailableError, ReservationNotFoundError
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import (
    BookingRequest,
    Guest,
    Money,
    Offer,
    Reservation,
    ReservationAmendment,
    ReservationStatus,
)
from orchestrator.pms.validation import normalize_phone
from orchestrator.vendors.apaleo import models
from orchestrator.vendors.apaleo.booking import CreateBookingRequest
from orchestrator.vendors.apaleo.client import ApaleoClient
from orchestrator.vendors.errors import NotFound, RequestRejected, VendorError

PAGE_SIZE = 200
MAX_PAGES = 5
"""Pages of a hotel's stays that are searched for a number: Apaleo's own search does not look at numbers."""

STATUS_FROM_APALEO: dict[str, ReservationStatus] = {
    "Confirmed": "confirmed",
    "InHouse": "in_house",
    "CheckedOut": "checked_out",
    "Canceled": "canceled",
    "NoShow": "no_show",
}


class ApaleoConnector:
    """Speaks to Apaleo through its client.

    Args:
        client: the vendor's.
        region: of telephone numbers without a country code, as ISO 3166-1 alpha-2.
    """

    provider = "apaleo"
    capabilities = frozenset(Capability)

    def __init__(self, client: ApaleoClient, region: str) -> None:
        self._client = client
        self._region = region

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """A reservation."""
        with _map_vendor_errors():
            return self._reservation(await self._client.get_reservation(reservation_id))

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """The stays whose guest has this number, those in the house first."""
        found: list[Reservation] = []
        for page in range(1, MAX_PAGES + 1):
            with _map_vendor_errors():
                answer = await self._client.list_reservations(
                    property_id=hotel_id, page=page, page_size=PAGE_SIZE
                )
            found += [self._reservation(one) for one in answer.reservations]
            if page * PAGE_SIZE >= answer.count:
                break
        mine = [stay for stay in found if stay.guest and stay.guest.phone == phone]
        return sorted(mine, key=lambda stay: (stay.status != "in_house", stay.arrival))

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:
        """What can be sold."""
        with _map_vendor_errors():
            found = await self._client.list_offers(
                property_id=hotel_id, arrival=arrival, departure=departure, adults=adults
            )
        return [_offer(one) for one in found.offers]

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> str:
        """Book, once per key; the reservation's id."""
        booking = CreateBookingRequest(
            rate_plan_id=stay.rate_plan_id,
            arrival=stay.arrival,
            departure=stay.departure,
            adults=stay.adults,
            last_name=stay.guest.last_name,
            first_name=stay.guest.first_name,
            email=stay.guest.email,
            phone=stay.guest.phone,
        )
        with _map_vendor_errors():
            created = await self._client.create_booking(booking, idempotency_key=idempotency_key)
        return created.reservation_ids[0].id

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change the dates or the number of guests."""
        with _map_vendor_errors():
            await self._client.reservation_actions.amend(
                reservation_id,
                arrival=change.arrival,
                departure=change.departure,
                adults=change.adults,
                rate_plan_id=change.rate_plan_id,
            )

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a stay that has not begun."""
        with _map_vendor_errors():
            await self._client.reservation_actions.cancel(reservation_id)

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Book a service of the hotel for a stay."""
        with _map_vendor_errors():
            await self._client.reservation_actions.book_service(reservation_id, service_id, count=count)

    def _reservation(self, found: models.Reservation) -> Reservation:
        person = found.primary_guest or found.booker
        return Reservation(
            id=found.id,
            booking_id=found.booking_id,
            hotel_id=found.property.id,
            status=STATUS_FROM_APALEO[found.status],
            arrival=found.arrival.date(),
            departure=found.departure.date(),
            adults=found.adults,
            room_type=found.unit_group.name or found.unit_group.id,
            total_amount=_money(found.total_gross_amount),
            balance_due=_money(found.balance, -1),  # a negative balance is owed
            room=(found.unit.name or found.unit.id) if found.unit else None,
            guest=self._guest(person) if person else None,
        )

    def _guest(self, person: models.Person) -> Guest:
        return Guest(
            last_name=person.last_name,
            first_name=person.first_name,
            phone=normalize_phone(person.phone, self._region),
            email=person.email,
            language=person.preferred_language[:2].lower() if person.preferred_language else None,
        )


def _offer(found: models.Offer) -> Offer:
    return Offer(
        rate_plan_id=found.rate_plan.id,
        rate_plan_name=found.rate_plan.name or found.rate_plan.id,
        room_type=found.unit_group.name or found.unit_group.id,
        arrival=found.arrival.date(),
        departure=found.departure.date(),
        available_units=found.available_units,
        total_amount=_money(found.total_gross_amount),
    )


def _money(found: models.Money, sign: int = 1) -> Money:
    return Money(amount=sign * Decimal(str(found.amount)), currency=found.currency)


@contextmanager
def _map_vendor_errors() -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        raise ReservationNotFoundError from error
    except RequestRejected as error:
        raise PmsRejectedError from error
    except VendorError as error:
        raise PmsUnavailableError(error.code or type(error).__name__, error.retry_after) from error
