"""The operations of Apaleo's API that the orchestrator uses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.apaleo.booking import CreateBookingRequest
from orchestrator.vendors.apaleo.http import ApaleoHttpClient
from orchestrator.vendors.apaleo.inventory import Inventory
from orchestrator.vendors.apaleo.models import (
    Booking,
    BookingCreated,
    BookingList,
    OfferList,
    Reservation,
    ReservationPage,
    ReservationStatus,
    ReservationWithServices,
)
from orchestrator.vendors.apaleo.oauth import TokenProvider
from orchestrator.vendors.apaleo.reservation_actions import ReservationActions
from orchestrator.vendors.http_client import VendorRequest


class ApaleoClient:
    """A client of Apaleo's API.

    Args:
        base_url: the address of the API.
        tokens: provides access tokens.
        http: the vendor's connection pool.
        policy: timeouts, retries and guard.

    Attributes:
        reservation_actions: what can be done to a reservation.
        inventory: properties, availability, rate plans and folios.
    """

    def __init__(
        self, *, base_url: str, tokens: TokenProvider, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._client = ApaleoHttpClient(base_url=base_url, tokens=tokens, http=http, policy=policy)
        self.reservation_actions = ReservationActions(self._client)
        self.inventory = Inventory(self._client)

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation by its id (`XPGMSXGF-1`, not the booking's `XPGMSXGF`), with its booker.

        Raises:
            NotFound: there is no such reservation.
        """
        # no safe characters: ids come from outside, and a slash would address another resource
        path = f"/booking/v1/reservations/{quote(reservation_id, safe='')}"
        return await self._client.get(Reservation, "reservation", path, expand="booker")

    async def get_reservation_with_services(self, reservation_id: str) -> ReservationWithServices:
        """Return a reservation by its id, with its booker and its services.

        Raises:
            NotFound: there is no such reservation.
        """
        path = f"/booking/v1/reservations/{quote(reservation_id, safe='')}"
        return await self._client.get(ReservationWithServices, "reservation", path, expand="booker,services")

    async def get_booking(self, booking_id: str) -> Booking:
        """Return a booking by its id (`XPGMSXGF`).

        Raises:
            NotFound: there is no such booking.
        """
        path = f"/booking/v1/bookings/{quote(booking_id, safe='')}"
        return await self._client.get(Booking, "booking", path)

    async def list_bookings(self, text: str) -> BookingList:
        """Return the bookings that contain a text."""
        bookings = await self._client.get_page(
            BookingList, "bookings", "/booking/v1/bookings", {"textSearch": text}
        )
        return bookings or BookingList(bookings=[], count=0)

    async def list_reservations(
        self,
        *,
        property_id: str,
        statuses: Sequence[ReservationStatus] = ("Confirmed", "InHouse"),
        text: str | None = None,
        page: int = 1,
        page_size: int = 20,
    ) -> ReservationPage:
        """Return a page of the reservations of a property.

        Args:
            property_id: the id of the property.
            statuses: the reservation has one of these.
            text: searched in names, e-mail, company, codes, reservation id and unit name, not in phone numbers.
            page: the first page is 1.
            page_size: at most 200.
        """
        query: dict[str, str | int | None] = {
            # plural here, but `propertyId` for offers, unit groups and rate plans
            "propertyIds": property_id,
            # Apaleo reads a list as one parameter with commas, not as a repeated one
            "status": ",".join(statuses),
            "textSearch": text,
            "pageNumber": page,
            "pageSize": page_size,
        }
        reservations = await self._client.get_page(
            ReservationPage, "reservations", "/booking/v1/reservations", query
        )
        return reservations or ReservationPage(reservations=[], count=0)

    async def list_offers(
        self, *, property_id: str, arrival: date, departure: date, adults: int
    ) -> OfferList:
        """Return the offers of a property for a stay."""
        query: dict[str, str | int | None] = {
            "propertyId": property_id,
            "arrival": arrival.isoformat(),
            "departure": departure.isoformat(),
            "adults": adults,
            "channelCode": "Direct",
        }
        offers = await self._client.get_page(OfferList, "offers", "/booking/v1/offers", query)
        return offers or OfferList(offers=[])

    async def create_booking(self, booking: CreateBookingRequest, *, idempotency_key: str) -> BookingCreated:
        """Create a booking.

        A repeated request with the same key gets the same response and books once (Apaleo keeps keys for 24 hours).

        Raises:
            RequestRejected: 422, with Apaleo's messages.
        """
        response = await self._client.send(
            VendorRequest(
                operation="create booking",
                method="POST",
                path="/booking/v1/bookings",
                success_statuses=(201,),
                headers={"Idempotency-Key": idempotency_key},
                json=booking.to_json(),
                idempotent=True,
            )
        )
        return self._client.parse(BookingCreated, response)
