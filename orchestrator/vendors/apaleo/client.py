"""Apaleo's operations that the orchestrator uses."""

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
)
from orchestrator.vendors.apaleo.oauth import TokenProvider
from orchestrator.vendors.apaleo.reservation_actions import ReservationActions
from orchestrator.vendors.http_client import VendorRequest


class ApaleoClient:
    """Speaks to Apaleo's API.

    Args:
        base_url: the API's address.
        tokens: gives access tokens.
        http: the shared connection pool.
        policy: deadline and retries.

    Attributes:
        stays: what is done to a stay.
        inventory: the hotel's rooms and prices.
    """

    def __init__(
        self, *, base_url: str, tokens: TokenProvider, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._session = ApaleoHttpClient(base_url=base_url, tokens=tokens, http=http, policy=policy)
        self.reservation_actions = ReservationActions(self._session)
        self.inventory = Inventory(self._session)

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """A reservation by its id (`XPGMSXGF-1`, not the booking's `XPGMSXGF`), with its booker.

        Raises:
            NotFound: there is none.
        """
        path = f"/booking/v1/reservations/{quote(reservation_id, safe='')}"
        return await self._session.get(Reservation, "reservation", path, expand="booker")

    async def get_booking(self, booking_id: str) -> Booking:
        """A booking by its id (`XPGMSXGF`).

        Raises:
            NotFound: there is none.
        """
        return await self._session.get(
            Booking, "booking", f"/booking/v1/bookings/{quote(booking_id, safe='')}"
        )

    async def list_bookings(self, text: str) -> BookingList:
        """Bookings that a text is found in; none is an empty list."""
        found = await self._session.get_page(
            BookingList, "bookings", "/booking/v1/bookings", {"textSearch": text}
        )
        return found or BookingList(bookings=[], count=0)

    async def list_reservations(
        self,
        *,
        property_id: str,
        statuses: Sequence[ReservationStatus] = ("Confirmed", "InHouse"),
        text: str | None = None,
        page: int = 1,
        page_size: int = 20,
    ) -> ReservationPage:
        """A page of a hotel's reservations; none is an empty page, which Apaleo answers with 204.

        Args:
            property_id: the hotel.
            statuses: any of these.
            text: found in names, e-mail, company, codes, reservation id and unit name; not in phone numbers.
            page: from 1.
            page_size: at most 200.
        """
        query: dict[str, str | int | None] = {
            "propertyIds": property_id,
            "status": ",".join(statuses),
            "textSearch": text,
            "pageNumber": page,
            "pageSize": page_size,
        }
        found = await self._session.get_page(
            ReservationPage, "reservations", "/booking/v1/reservations", query
        )
        return found or ReservationPage(reservations=[], count=0)

    async def list_offers(
        self, *, property_id: str, arrival: date, departure: date, adults: int
    ) -> OfferList:
        """What the hotel can sell for a stay; nothing is an empty list, which Apaleo answers with 204."""
        query: dict[str, str | int | None] = {
            "propertyId": property_id,
            "arrival": arrival.isoformat(),
            "departure": departure.isoformat(),
            "adults": adults,
            "channelCode": "Direct",
        }
        found = await self._session.get_page(OfferList, "offers", "/booking/v1/offers", query)
        return found or OfferList(offers=[])

    async def create_booking(self, booking: CreateBookingRequest, *, idempotency_key: str) -> BookingCreated:
        """Book a stay. With the same key Apaleo gives the same answer and books once (keys live 24 hours).

        Raises:
            RequestRejected: 422, with Apaleo's messages.
        """
        answer = await self._session.send(
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
        return self._session.parse(BookingCreated, answer)
