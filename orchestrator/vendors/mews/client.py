"""The operations of Mews's Connector API that the orchestrator uses.

Every operation is a POST that carries the credentials in its body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
# Mews requires a page size, also for a single id
SINGLE_RESULT_PAGE = {"Count": 1}


@dataclass(frozen=True, slots=True)
class MewsCredentials:
    """The credentials of the integration; both tokens are secrets.

    Args:
        client_token: identifies the integration.
        access_token: gives the integration access to one hotel.
    """

    client_token: str
    access_token: str

    def __repr__(self) -> str:
        """Return a text without the tokens."""
        return "MewsCredentials(…)"


def parse_error(_: VendorResponse) -> ErrorDetails:
    """Return no details: Mews has no error codes, and its messages may contain a guest's name."""
    return ErrorDetails()


class MewsClient:
    """A client of the Connector API.

    Args:
        base_url: the address of the platform.
        credentials: returns those that are valid now, which are sent in every body.
        http: the vendor's connection pool.
        policy: timeouts, retries and guard.
    """

    def __init__(
        self,
        *,
        base_url: str,
        credentials: Callable[[], MewsCredentials],
        http: httpx.AsyncClient,
        policy: CallPolicy,
    ) -> None:
        self._credentials = credentials
        self._client = VendorHttpClient(
            vendor="mews", base_url=base_url, http=http, policy=policy, parse_error=parse_error
        )

    async def get_configuration(self) -> Configuration:
        """Return the hotel that the credentials give access to.

        Raises:
            AccessDenied: the credentials are not valid (401).
        """
        return await self._read(Configuration, "configuration/get", {})

    async def get_reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation, or None if it does not exist: Mews responds with 200 and an empty list then."""
        body = {"ReservationIds": [reservation_id], "Limitation": SINGLE_RESULT_PAGE}
        reservations = (
            # without the date suffix, Mews responds in its shape of 2017
            await self._read(ReservationList, "reservations/getAll/2023-06-06", body)
        ).reservations
        return reservations[0] if reservations else None

    async def get_customer(self, customer_id: str) -> Customer | None:
        """Return a guest's profile, or None if it does not exist."""
        # required by Mews; nothing here reads addresses
        extent = {"Customers": True, "Addresses": False}
        body = {"CustomerIds": [customer_id], "Extent": extent, "Limitation": SINGLE_RESULT_PAGE}
        customers = (await self._read(CustomerList, "customers/getAll", body)).customers
        return customers[0] if customers else None

    async def get_resource(self, resource_id: str) -> Resource | None:
        """Return a room, or None if it does not exist."""
        body = {"ResourceIds": [resource_id], "Extent": {"Resources": True}, "Limitation": SINGLE_RESULT_PAGE}
        resources = (await self._read(ResourceList, "resources/getAll", body)).resources
        return resources[0] if resources else None

    async def cancel_reservation(self, reservation_id: str, notes: str) -> CancelReservationsResponse:
        """Cancel a reservation without a fee (Mews's default) and without an e-mail to the guest (its default is to send one).

        Raises:
            RequestRejected: 400, the reservation does not exist, or its state does not allow a cancellation.
            AccessDenied: 403, which Mews uses for a broken business rule.
        """
        body = {
            "ReservationIds": [reservation_id],
            "Notes": notes,
            "PostCancellationFee": False,
            "SendEmail": False,
        }
        response = await self._send("reservations/cancel", body, idempotent=False)
        return self._client.parse_json(CancelReservationsResponse, response)

    async def _read(self, model: type[T], operation: str, body: Mapping[str, Any]) -> T:
        # every operation is a POST, so the method does not tell which may be repeated
        return self._client.parse_json(model, await self._send(operation, body, idempotent=True))

    async def _send(self, operation: str, body: Mapping[str, Any], *, idempotent: bool) -> VendorResponse:
        current = self._credentials()
        credentials = {
            "ClientToken": current.client_token,
            "AccessToken": current.access_token,
            "Client": CLIENT_NAME,
        }
        request = VendorRequest(
            operation=operation,
            method="POST",
            path=f"/api/connector/v1/{operation}",
            json={**credentials, **body},
            idempotent=idempotent,
        )
        return await self._client.send(request)
