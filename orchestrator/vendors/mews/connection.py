"""Requests to Mews's Connector API: every operation is a POST that carries the credentials in its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse

T = TypeVar("T")
CLIENT_NAME = "VoiceHive Orchestrator 1.0"
PAGE_SIZE = 1000
"""The largest page. Mews requires a page size, also for a single id."""


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


class MewsConnection:
    """Sends requests to the Connector API.

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

    async def read(self, model: type[T], operation: str, body: Mapping[str, Any]) -> T:
        """Send a request that changes nothing and return the parsed response."""
        # every operation is a POST, so the method does not tell which may be repeated
        return await self._client.send_and_parse(model, self._request(operation, body, idempotent=True))

    async def write(self, operation: str, body: Mapping[str, Any]) -> VendorResponse:
        """Send a request that must not be repeated: Mews has no idempotency key."""
        return await self._client.send(self._request(operation, body))

    async def write_and_parse(self, model: type[T], operation: str, body: Mapping[str, Any]) -> T:
        """Send a request that must not be repeated and return the parsed response."""
        return await self._client.send_and_parse(model, self._request(operation, body))

    def _request(self, operation: str, body: Mapping[str, Any], *, idempotent: bool = False) -> VendorRequest:
        current = self._credentials()
        credentials = {
            "ClientToken": current.client_token,
            "AccessToken": current.access_token,
            "Client": CLIENT_NAME,
        }
        return VendorRequest(
            operation=operation,
            method="POST",
            path=f"/api/connector/v1/{operation}",
            json={**credentials, **body},
            idempotent=idempotent,
            # a body that is not read could be the page of a proxy, which did nothing
            media_type="application/json",
        )


def parse_error(_: VendorResponse) -> ErrorDetails:
    """Return no details: Mews has no error codes, and its messages may contain a guest's name."""
    return ErrorDetails()


def format_instant(instant: datetime) -> str:
    """Return a time in Mews's form, UTC with seconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def page(count: int = PAGE_SIZE, cursor: str | None = None) -> dict[str, Any]:
    """Return the limitation of a list to a page: the `count` rows after the row `cursor`."""
    return {"Count": count, "Cursor": cursor}
