"""Apaleo's operations that the orchestrator uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import httpx

from orchestrator.resilience.policy import Policy
from orchestrator.vendors.apaleo.booking import NewBooking
from orchestrator.vendors.apaleo.errors import read_refusal
from orchestrator.vendors.apaleo.models import (
    BookingCreated,
    OfferList,
    Reservation,
    ReservationPage,
    ReservationStatus,
)
from orchestrator.vendors.apaleo.tokens import Tokens
from orchestrator.vendors.errors import Unauthorised
from orchestrator.vendors.transport import Transport, VendorAnswer, VendorCall


class ApaleoClient:
    """Speaks to Apaleo's API.

    Args:
        base_url: the API's address.
        tokens: gives access tokens.
        http: the shared connection pool.
        policy: deadline and retries.
    """

    def __init__(self, *, base_url: str, tokens: Tokens, http: httpx.AsyncClient, policy: Policy) -> None:
        self._tokens = tokens
        self._transport = Transport(
            vendor="apaleo", base_url=base_url, http=http, policy=policy, read_refusal=read_refusal
        )

    async def reservation(self, reservation_id: str) -> Reservation:
        """A reservation by its id (`XPGMSXGF-1`, not the booking's `XPGMSXGF`), with its booker.

        Raises:
            NotFound: there is none.
        """
        answer = await self._send(
            VendorCall(
                operation="reservation",
                method="GET",
                path=f"/booking/v1/reservations/{quote(reservation_id, safe='')}",
                query={"expand": "booker"},
                idempotent=True,
            )
        )
        return self._transport.parse(Reservation, answer)

    async def reservations(
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
        answer = await self._send(
            VendorCall(
                operation="reservations",
                method="GET",
                path="/booking/v1/reservations",
                success=(200, 204),
                query={
                    "propertyIds": property_id,
                    "status": ",".join(statuses),
                    "textSearch": text,
                    "pageNumber": page,
                    "pageSize": page_size,
                },
                idempotent=True,
            )
        )
        if answer.status == 204:
            return ReservationPage(reservations=[], count=0)
        return self._transport.parse(ReservationPage, answer)

    async def offers(self, *, property_id: str, arrival: date, departure: date, adults: int) -> OfferList:
        """What the hotel can sell for a stay; nothing is an empty list, which Apaleo answers with 204."""
        answer = await self._send(
            VendorCall(
                operation="offers",
                method="GET",
                path="/booking/v1/offers",
                success=(200, 204),
                query={
                    "propertyId": property_id,
                    "arrival": arrival.isoformat(),
                    "departure": departure.isoformat(),
                    "adults": adults,
                    "channelCode": "Direct",
                },
                idempotent=True,
            )
        )
        if answer.status == 204:
            return OfferList(offers=[])
        return self._transport.parse(OfferList, answer)

    async def create_booking(self, booking: NewBooking, *, idempotency_key: str) -> BookingCreated:
        """Book a stay. With the same key Apaleo gives the same answer and books once (keys live 24 hours).

        Raises:
            Rejected: 422, with Apaleo's messages.
        """
        answer = await self._send(
            VendorCall(
                operation="create booking",
                method="POST",
                path="/booking/v1/bookings",
                success=(201,),
                headers={"Idempotency-Key": idempotency_key},
                json=booking.body(),
                idempotent=True,
            )
        )
        return self._transport.parse(BookingCreated, answer)

    async def cancel(self, reservation_id: str) -> None:
        """Cancel a confirmed reservation that has not begun.

        Raises:
            Rejected: 422, it is in another state.
        """
        await self._send(
            VendorCall(
                operation="cancel",
                method="PUT",
                path=f"/booking/v1/reservation-actions/{quote(reservation_id, safe='')}/cancel",
                success=(204,),
            )
        )

    async def _send(self, call: VendorCall) -> VendorAnswer:
        """Send with a token; one that Apaleo does not accept is replaced and the call repeated, once."""
        token = await self._tokens.token()
        try:
            return await self._transport.send(_with_token(call, token))
        except Unauthorised as error:
            if error.status != 401:
                raise
        self._tokens.discard(token)
        return await self._transport.send(_with_token(call, await self._tokens.token()))


def _with_token(call: VendorCall, token: str) -> VendorCall:
    return replace(call, headers={**call.headers, "Authorization": f"Bearer {token}"})
