"""The connector to Apaleo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from orchestrator.pms.adapters.unusable_responses import reject_unusable_responses
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

# the largest page that Apaleo documents
PAGE_SIZE = 200
MAX_PAGES = 5
"""Pages of a hotel's reservations that are searched for a phone number, which Apaleo's text search does not cover."""

STATUS_FROM_APALEO: dict[str, ReservationStatus] = {
    "Confirmed": "confirmed",
    "InHouse": "in_house",
    "CheckedOut": "checked_out",
    "Canceled": "canceled",
    "NoShow": "no_show",
}


class ApaleoConnector:
    """A PmsConnector on Apaleo.

    Args:
        client: the Apaleo client.
        region: the country of phone numbers without a country code, as ISO 3166-1 alpha-2.
    """

    provider = "apaleo"
    capabilities = frozenset(Capability)

    def __init__(self, client: ApaleoClient, region: str) -> None:
        self._client = client
        self._region = region

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation."""
        with _map_vendor_errors():
            return self._to_reservation(await self._client.get_reservation(reservation_id))

    async def get_current_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation with its services."""
        with _map_vendor_errors():
            source = await self._client.get_reservation_with_services(reservation_id)
            # a service of a whole stay has an entry for each date
            services = {item.service.id: sum(date.count for date in item.dates) for item in source.services}
            return self._to_reservation(source).model_copy(update={"services": services})

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """Return the reservations of the guest with this number, those in house first."""
        reservations: list[Reservation] = []
        for page in range(1, MAX_PAGES + 1):
            with _map_vendor_errors():
                response = await self._client.list_reservations(
                    property_id=hotel_id, page=page, page_size=PAGE_SIZE
                )
                reservations += map(self._to_reservation, response.reservations)
            # `count` is the total of all pages; Apaleo responds with 204 to a page past the end
            if page * PAGE_SIZE >= response.count:
                break
        matches = [
            reservation
            for reservation in reservations
            if reservation.guest and reservation.guest.phone == phone
        ]
        return sorted(
            matches, key=lambda reservation: (reservation.status != "in_house", reservation.arrival)
        )

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:
        """Return the offers for a stay."""
        with _map_vendor_errors():
            response = await self._client.list_offers(
                property_id=hotel_id, arrival=arrival, departure=departure, adults=adults
            )
            return [_to_offer(offer) for offer in response.offers]

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> str:
        """Create a booking, once per key, and return the reservation's id."""
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
            # one id, because the request holds one reservation
            return created.reservation_ids[0].id

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change the dates and the number of guests of a reservation."""
        with _map_vendor_errors():
            await self._client.reservation_actions.amend(
                reservation_id,
                arrival=change.arrival,
                departure=change.departure,
                adults=change.adults,
                rate_plan_id=change.rate_plan_id,
            )

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a reservation before the arrival."""
        with _map_vendor_errors():
            await self._client.reservation_actions.cancel(reservation_id)

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Book a service of the hotel for a reservation."""
        with _map_vendor_errors():
            await self._client.reservation_actions.book_service(reservation_id, service_id, count=count)

    def _to_reservation(self, source: models.Reservation) -> Reservation:
        # Apaleo does not require a guest, and sends the booker in single reads only
        person = source.primary_guest or source.booker
        return Reservation(
            id=source.id,
            booking_id=source.booking_id,
            hotel_id=source.property.id,
            status=STATUS_FROM_APALEO[source.status],
            # times have the property's offset, so this is the date at the hotel
            arrival=source.arrival.date(),
            departure=source.departure.date(),
            adults=source.adults,
            room_type=source.unit_group.name or source.unit_group.id,
            total_amount=_to_money(source.total_gross_amount),
            balance_due=_to_money(source.balance, -1),  # Apaleo: a negative balance is what the guest owes
            room=(source.unit.name or source.unit.id) if source.unit else None,
            guest=self._to_guest(person) if person else None,
        )

    def _to_guest(self, person: models.Person) -> Guest:
        return Guest(
            last_name=person.last_name,
            first_name=person.first_name,
            phone=normalize_phone(person.phone, self._region),
            email=person.email,
            language=person.preferred_language[:2].lower() if person.preferred_language else None,
        )


def _to_offer(source: models.Offer) -> Offer:
    return Offer(
        rate_plan_id=source.rate_plan.id,
        room_type=source.unit_group.name or source.unit_group.id,
        arrival=source.arrival.date(),
        departure=source.departure.date(),
        available_units=source.available_units,
        total_amount=_to_money(source.total_gross_amount),
    )


def _to_money(source: models.Money, sign: int = 1) -> Money:
    # converted through text, because Decimal(float) has binary fractions
    return Money(amount=sign * Decimal(str(source.amount)), currency=source.currency)


@contextmanager
def _map_vendor_errors() -> Iterator[None]:
    try:
        with reject_unusable_responses():
            yield
    except NotFound as error:
        raise ReservationNotFoundError from error
    except RequestRejected as error:
        raise PmsRejectedError from error
    except VendorError as error:
        raise PmsUnavailableError(error.code or type(error).__name__, error.retry_after) from error
