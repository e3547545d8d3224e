"""Access tokens by OAuth2 client credentials: fetched once, used until shortly before they expire."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable
from typing import Protocol

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.apaleo.errors import parse_oauth_error
from orchestrator.vendors.apaleo.models import TokenResponse
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest

EXPIRY_MARGIN_SECONDS = 60.0
"""Seconds before its expiry at which a token is no longer used."""


class TokenEndpoint:
    """Apaleo's identity server.

    Args:
        base_url: the identity server, not the API.
        client_id: of the client registered with Apaleo.
        client_secret: its secret.
        http: the shared connection pool.
        policy: deadline and retries; asking for a token has no second effect.
    """

    def __init__(
        self,
        *,
        base_url: str,
        client_id: str,
        client_secret: str,
        http: httpx.AsyncClient,
        policy: CallPolicy,
    ) -> None:
        credentials = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}"}
        self._transport = VendorHttpClient(
            vendor="apaleo", base_url=base_url, http=http, policy=policy, parse_error=parse_oauth_error
        )

    async def request_token(self, scope: str | None = None) -> TokenResponse:
        """A new token, with all scopes of the client or those named (separated by blanks).

        Raises:
            VendorError: `code` is OAuth2's, such as `invalid_client`.
        """
        form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        answer = await self._transport.send(
            VendorRequest(
                operation="token",
                method="POST",
                path="/connect/token",
                headers=self._headers,
                form=form,
                idempotent=True,
            )
        )
        return self._transport.parse_json(TokenResponse, answer)


class TokenProvider(Protocol):
    """Where the API client gets its tokens from."""

    async def get_token(self) -> str:
        """A token that is valid now."""
        ...

    def invalidate(self, token: str) -> None:
        """Never give this token again: the API did not accept it."""
        ...


class CachedTokenProvider:
    """Tokens from an endpoint: cached, and fetched once however many callers wait.

    Args:
        endpoint: gives new tokens.
        clock: seconds that never go back.
    """

    def __init__(self, endpoint: TokenEndpoint, clock: Callable[[], float] = time.monotonic) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._good_until = 0.0

    async def get_token(self) -> str:
        """The cached token, or a new one when it is missing, discarded or about to expire."""
        if self._clock() >= self._good_until:
            async with self._lock:
                if self._clock() >= self._good_until:
                    await self._renew()
        return self._token

    def invalidate(self, token: str) -> None:
        """Forget this token, unless another has taken its place already."""
        if token == self._token:
            self._good_until = 0.0

    async def _renew(self) -> None:
        asked = self._clock()
        fetched = await self._endpoint.request_token()
        self._token = fetched.access_token
        self._good_until = asked + max(0.0, fetched.expires_in - EXPIRY_MARGIN_SECONDS)
