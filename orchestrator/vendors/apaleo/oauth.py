"""Access tokens by OAuth2 client credentials: cached until shortly before they expire."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from orchestrator.caching import retrieve_exception
from orchestrator.resilience.deadline import detach_from_deadline, share_of_deadline
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.apaleo.errors import parse_oauth_error
from orchestrator.vendors.apaleo.models import TokenResponse
from orchestrator.vendors.errors import AccessDenied, ErrorDetails, RequestRejected, VendorTimeout
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest

VENDOR, TOKEN_OPERATION = "apaleo", "token"
# covers a call that starts now, with its retries, and clocks that differ
EXPIRY_MARGIN_SECONDS = 60.0
"""Seconds before its expiry from which a token is no longer used."""


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What the client registered with Apaleo authenticates with."""

    client_id: str
    client_secret: str = field(repr=False)


class TokenEndpoint:
    """The token endpoint of Apaleo's identity server.

    Args:
        base_url: the address of the identity server, not of the API.
        credentials: returns those that are valid now.
        http: the vendor's connection pool.
        policy: timeouts, retries and guard; a token request can be repeated.
    """

    def __init__(
        self,
        *,
        base_url: str,
        credentials: Callable[[], ClientCredentials],
        http: httpx.AsyncClient,
        policy: CallPolicy,
    ) -> None:
        self.credentials = credentials
        self._client = VendorHttpClient(
            vendor=VENDOR, base_url=base_url, http=http, policy=policy, parse_error=parse_oauth_error
        )

    async def request_token(self) -> TokenResponse:
        """Return a new token with all scopes of the client.

        Raises:
            VendorError: its `code` is OAuth2's, such as `invalid_client`.
        """
        current = self.credentials()
        basic = base64.b64encode(f"{current.client_id}:{current.client_secret}".encode()).decode()
        request = VendorRequest(
            operation=TOKEN_OPERATION,
            method="POST",
            path="/connect/token",
            headers={"Authorization": f"Basic {basic}"},
            form={"grant_type": "client_credentials"},
            idempotent=True,
        )
        return await self._client.send_and_parse(TokenResponse, request)


class TokenProvider(Protocol):
    """Provides the API client with access tokens."""

    async def get_token(self) -> str:
        """Return a token that is valid now."""
        ...

    def invalidate(self, token: str) -> None:
        """Do not return this token again, because the API rejected it."""
        ...


class CachedTokenProvider:
    """Caches the token of an endpoint; concurrent callers share one request, its failure included.

    Args:
        endpoint: issues new tokens.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, endpoint: TokenEndpoint, clock: Callable[[], float] = time.monotonic) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._renewal: asyncio.Task[None] | None = None
        self._credentials: ClientCredentials | None = None
        self._token = ""
        self._usable_until = 0.0

    async def get_token(self) -> str:
        """Return the cached token, or a new one if it is missing, invalidated, about to expire or of other credentials.

        Raises:
            AccessDenied: the client's credentials are wrong.
            VendorError: no token is issued for another reason, or not within the event's deadline.
        """
        if self._clock() >= self._usable_until or self._endpoint.credentials() != self._credentials:
            await self._wait_for_renewal()
        return self._token

    def invalidate(self, token: str) -> None:
        """Forget this token, unless it was replaced already."""
        if token == self._token:
            self._usable_until = 0.0

    async def _wait_for_renewal(self) -> None:
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew())
            self._renewal.add_done_callback(retrieve_exception)
        try:
            async with asyncio.timeout(share_of_deadline()):
                # others wait for the same request, so a caller that leaves must not cancel it
                await asyncio.shield(self._renewal)
        except TimeoutError as error:
            raise VendorTimeout(VENDOR, TOKEN_OPERATION) from error

    async def _renew(self) -> None:
        detach_from_deadline()
        # before the request, because the lifetime starts when the token is issued
        requested_at, credentials = self._clock(), self._endpoint.credentials()
        try:
            response = await self._endpoint.request_token()
        except RequestRejected as error:
            # RFC 6749 has 400 for wrong credentials: it is not what a guest asks for that is rejected
            details = ErrorDetails(error.code)
            raise AccessDenied(VENDOR, TOKEN_OPERATION, status=error.status, details=details) from None
        self._token, self._credentials = response.access_token, credentials
        self._usable_until = requested_at + max(0.0, response.expires_in - EXPIRY_MARGIN_SECONDS)
