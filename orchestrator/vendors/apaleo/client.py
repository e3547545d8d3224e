"""The operations of Apaleo's API that the orchestrator uses."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.apaleo.booking import CreateBookingRequest
from orchestrator.vendors.apaleo.http import ApaleoHttpClient
from orchestrator.vendors.apaleo.models import (
    BookingCreated,
    FolioList,
    OfferList,
    Reservation,
    ReservationDetails,
    ReservationPage,
    UnitPage,
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
    """

    def __init__(
        self, *, base_url: str, tokens: TokenProvider, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._client = ApaleoHttpClient(base_url=base_url, tokens=tokens, http=http, policy=policy)
        self.reservation_actions = ReservationActions(self._client)

    async def get_reservation(self, reservation_id: str) -> Reservation:
        """Return a reservation by its id (`XPGMSXGF-1`, not the booking's `XPGMSXGF`), with its booker.

        Raises:
            NotFound: there is no such reservation.
        """
        # no safe characters: ids come from outside, and a slash would address another resource
        path = f"/booking/v1/reservations/{quote(reservation_id, safe='')}"
        return await self._client.get(Reservation, "reservation", path, expand="booker")

    async def get_reservation_details(self, reservation_id: str) -> ReservationDetails:
        """Return a reservation by its id, with its booker, its services, and the actions that are allowed now.

        Raises:
            NotFound: there is no such reservation.
        """
        path = f"/booking/v1/reservations/{quote(reservation_id, safe='')}"
        return await self._client.get(
            ReservationDetails, "reservation", path, expand="booker,services,actions"
        )

    async def list_reservations(
        self,
        *,
        property_id: str,
        page: int = 1,
        page_size: int = 20,
    ) -> ReservationPage:
        """Return a page of the confirmed and in-house reservations of a property.

        Args:
            property_id: the id of the property.
            page: the first page is 1.
            page_size: at most 200.
        """
        query: dict[str, str | int | None] = {
            # plural here, but `propertyId` for offers, unit groups and rate plans
            "propertyIds": property_id,
            # Apaleo reads a list as one parameter with commas, not as a repeated one
            "status": "Confirmed,InHouse",
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

    async def list_units(
        self, *, property_id: str, unit_group_id: str, page: int = 1, page_size: int = 20
    ) -> UnitPage:
        """Return a page of the units of a unit group (room type).

        Args:
            property_id: the id of the property.
            unit_group_id: the id of the unit group.
            page: the first page is 1.
            page_size: at most 200.
        """
        query: dict[str, str | int | None] = {
            "propertyId": property_id,
            "unitGroupId": unit_group_id,
            "pageNumber": page,
            "pageSize": page_size,
        }
        units = await self._client.get_page(UnitPage, "units", "/inventory/v1/units", query)
        return units or UnitPage(units=[], count=0)

    async def list_folios(self, reservation_id: str) -> FolioList:
        """Return the folios of a reservation; a negative balance is what the guest owes."""
        folios = await self._client.get_page(
            FolioList, "folios", "/finance/v1/folios", {"reservationIds": reservation_id}
        )
        return folios or FolioList(folios=[])

    async def create_booking(self, booking: CreateBookingRequest, *, idempotency_key: str) -> BookingCreated:
        """Create a booking.

        A repeated request with the same key gets the same response and books once (Apaleo keeps keys for 24 hours).

        Raises:
            RequestRejected: 422, with Apaleo's messages.
        """
        request = VendorRequest(
            operation="create booking",
            method="POST",
            path="/booking/v1/bookings",
            success_statuses=(201,),
            headers={"Idempotency-Key": idempotency_key},
            json=booking.to_json(),
            idempotent=True,
        )
        return await self._client.send_and_parse(BookingCreated, request)
