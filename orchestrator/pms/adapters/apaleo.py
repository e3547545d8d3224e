"""The connector to Apaleo."""

from __future__ import annotations

from datetime import date

from orchestrator.pms.adapters.apaleo_conversion import (
    find_refusals,
    is_guest_phone,
    map_vendor_errors,
    to_offer,
    to_reservation,
    total_due,
)
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
from orchestrator.pms.sanitize import sanitize_text
from orchestrator.vendors.apaleo.booking import CreateBookingRequest
from orchestrator.vendors.apaleo.client import ApaleoClient

# the largest page that Apaleo documents
PAGE_SIZE = 200
MAX_PAGES = 5
"""Pages that are searched, of a hotel's reservations for a phone number (Apaleo's text search does not cover it) and of a
unit group's units for a name."""


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
        with map_vendor_errors():
            return to_reservation(await self._client.get_reservation(reservation_id), self._region)

    async def get_current_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation with its services and refusals."""
        with map_vendor_errors():
            source = await self._client.get_reservation_details(reservation_id)
            # a service of a whole stay has an entry for each date
            services = {item.service.id: sum(date.count for date in item.dates) for item in source.services}
            details = {"services": services, "refusals": find_refusals(source.actions)}
            return to_reservation(source, self._region).model_copy(update=details)

    async def find_reservations_by_phone(self, hotel_id: str, phone: str) -> list[Reservation]:
        """Return the reservations of the guest with this number, those in house first."""
        matches: list[Reservation] = []
        for page in range(1, MAX_PAGES + 1):
            with map_vendor_errors():
                response = await self._client.list_reservations(
                    property_id=hotel_id, page=page, page_size=PAGE_SIZE
                )
                # a hotel has hundreds of reservations, and converting them all would keep other calls waiting
                matches += [
                    to_reservation(item, self._region)
                    for item in response.reservations
                    if is_guest_phone(item, self._region, phone)
                ]
            # `count` is the total of all pages; Apaleo responds with 204 to a page past the end
            if page * PAGE_SIZE >= response.count:
                break
        return in_house_first(matches)

    async def find_offers(self, hotel_id: str, arrival: date, departure: date, adults: int) -> list[Offer]:
        """Return the offers for a stay."""
        with map_vendor_errors():
            response = await self._client.list_offers(
                property_id=hotel_id, arrival=arrival, departure=departure, adults=adults
            )
            return [to_offer(offer) for offer in response.offers]

    async def create_booking(self, stay: BookingRequest, *, idempotency_key: str) -> BookedStay:
        """Create a booking, once per key."""
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
        with map_vendor_errors():
            created = await self._client.create_booking(booking, idempotency_key=idempotency_key)
            # one id, because the request holds one reservation
            reservation_id = created.reservation_ids[0].id
            return BookedStay(reservation_id=reservation_id, number=reservation_id)

    async def amend_reservation(self, reservation_id: str, change: ReservationAmendment) -> None:
        """Change the dates and the number of guests of a reservation."""
        with map_vendor_errors():
            await self._client.reservation_actions.amend(
                reservation_id,
                arrival=change.arrival,
                departure=change.departure,
                adults=change.adults,
                rate_plan_id=change.rate_plan_id,
            )

    async def cancel_reservation(self, reservation_id: str) -> None:
        """Cancel a reservation before the arrival."""
        with map_vendor_errors():
            await self._client.reservation_actions.cancel(reservation_id)

    async def add_service(self, reservation_id: str, service_id: str, *, count: int = 1) -> None:
        """Book a service of the hotel for a reservation."""
        with map_vendor_errors():
            await self._client.reservation_actions.book_service(reservation_id, service_id, count=count)

    async def check_in(self, reservation_id: str) -> None:
        """Check in a guest who has a room."""
        with map_vendor_errors():
            await self._client.reservation_actions.check_in(reservation_id)

    async def check_out(self, reservation_id: str) -> None:
        """Check out a guest in the house."""
        with map_vendor_errors():
            await self._client.reservation_actions.check_out(reservation_id)

    async def find_room(self, reservation: Reservation, name: str) -> str | None:
        """Return the id of the unit with this name in the booked unit group."""
        if reservation.room_type_id is None:
            return None
        for page in range(1, MAX_PAGES + 1):
            with map_vendor_errors():
                response = await self._client.list_units(
                    property_id=reservation.hotel_id,
                    unit_group_id=reservation.room_type_id,
                    page=page,
                    page_size=PAGE_SIZE,
                )
            for unit in response.units:
                if unit.name.casefold() == name.casefold():
                    return unit.id
            if page * PAGE_SIZE >= response.count:
                break
        return None

    async def assign_room(self, reservation_id: str, room_id: str | None = None) -> str:
        """Assign a unit, and return its name; Apaleo may choose another one for each night."""
        actions = self._client.reservation_actions
        with map_vendor_errors():
            if room_id is None:
                slices = (await actions.assign_any_unit(reservation_id)).time_slices
            else:
                slices = [await actions.assign_unit(reservation_id, room_id)]
            names = [sanitize_text(part.unit.name or part.unit.id) for part in slices]
            return ", ".join(dict.fromkeys(names))

    async def get_balance(self, reservation_id: str) -> Money | None:
        """Return what the guest has to pay on all folios of the reservation."""
        with map_vendor_errors():
            return total_due(await self._client.list_folios(reservation_id))
