"""Mews's operations that the orchestrator uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.mews.models import (
    CancelReservationsResponse,
    Configuration,
    Customer,
    CustomerList,
    Reservation,
    ReservationList,
    Resource,
    ResourceList,
)

T = TypeVar("T")
CLIENT_NAME = "VoiceHive Orchestrator 1.0"
SINGLE_RESULT_PAGE = {"Count": 1}


@dataclass(frozen=True, slots=True)
class MewsCredentials:
    """Who calls, and for which hotel; both are secrets.

    Args:
        client_token: the integration's.
        access_token: of the integration at one hotel.
    """

    client_token: str
    access_token: str

    def __repr__(self) -> str:
        """Without the tokens."""
        return "Credentials(…)"


def read_refusal(_: VendorResponse) -> ErrorDetails:
    """Nothing: Mews has no error codes, and its messages may name a guest."""
    return ErrorDetails()


class MewsClient:
    """Speaks to the Connector API.

    Args:
        base_url: the platform's address.
        credentials: sent in every body.
        http: the shared connection pool.
        policy: deadline and retries.
    """

    def __init__(
        self, *, base_url: str, credentials: MewsCredentials, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._credentials = credentials
        self._transport = VendorHttpClient(
            vendor="mews", base_url=base_url, http=http, policy=policy, parse_error=read_refusal
        )

    async def configuration(self) -> Configuration:
        """The hotel that the credentials are for.

        Raises:
            AccessDenied: they are not valid (401).
        """
        return await self._read(Configuration, "configuration/get", {})

    async def reservation(self, reservation_id: str) -> Reservation | None:
        """A reservation, or None: Mews answers 200 with an empty list for an unknown id."""
        body = {"ReservationIds": [reservation_id], "Limitation": SINGLE_RESULT_PAGE}
        found = await self._read(ReservationList, "reservations/getAll/2023-06-06", body)
        return found.reservations[0] if found.reservations else None

    async def customer(self, customer_id: str) -> Customer | None:
        """A guest's profile."""
        extent = {"Customers": True, "Addresses": False}
        body = {"CustomerIds": [customer_id], "Extent": extent, "Limitation": SINGLE_RESULT_PAGE}
        found = await self._read(CustomerList, "customers/getAll", body)
        return found.customers[0] if found.customers else None

    async def resource(self, resource_id: str) -> Resource | None:
        """A room."""
        body = {"ResourceIds": [resource_id], "Extent": {"Resources": True}, "Limitation": SINGLE_RESULT_PAGE}
        found = await self._read(ResourceList, "resources/getAll", body)
        return found.resources[0] if found.resources else None

    async def cancel(self, reservation_id: str, notes: str) -> CancelReservationsResponse:
        """Cancel, without a fee and without a mail to the guest: both are said, for Mews's defaults differ.

        Raises:
            RequestRejected: 400, there is no such reservation, or it is in a state that is not cancelled.
            AccessDenied: 403, which at Mews is a broken business rule.
        """
        body = {
            "ReservationIds": [reservation_id],
            "Notes": notes,
            "PostCancellationFee": False,
            "SendEmail": False,
        }
        answer = await self._send("reservations/cancel", body, idempotent=False)
        return self._transport.parse_json(CancelReservationsResponse, answer)

    async def _read(self, shape: type[T], operation: str, body: Mapping[str, Any]) -> T:
        return self._transport.parse_json(shape, await self._send(operation, body, idempotent=True))

    async def _send(self, operation: str, body: Mapping[str, Any], *, idempotent: bool) -> VendorResponse:
        proof = {
            "ClientToken": self._credentials.client_token,
            "AccessToken": self._credentials.access_token,
            "Client": CLIENT_NAME,
        }
        call = VendorRequest(
            operation=operation,
            method="POST",
            path=f"/api/connector/v1/{operation}",
            json={**proof, **body},
            idempotent=idempotent,
        )
        return await self._transport.send(call)
