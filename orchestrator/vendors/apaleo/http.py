"""HTTP requests to Apaleo's API with an access token; a rejected token is replaced once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.apaleo.errors import parse_error
from orchestrator.vendors.apaleo.oauth import TokenProvider
from orchestrator.vendors.errors import AccessDenied
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse

T = TypeVar("T")


class ApaleoHttpClient:
    """Sends requests with an access token.

    Args:
        base_url: the address of the API.
        tokens: provides access tokens.
        http: the vendor's connection pool.
        policy: timeouts, retries and guard.
    """

    def __init__(
        self, *, base_url: str, tokens: TokenProvider, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._tokens = tokens
        self._client = VendorHttpClient(
            vendor="apaleo", base_url=base_url, http=http, policy=policy, parse_error=parse_error
        )

    async def send_and_parse(self, model: type[T], request: VendorRequest) -> T:
        """Send a request with an access token and parse its JSON response.

        Raises:
            VendorError: as listed in `orchestrator.vendors.errors`.
        """
        return await self._authorized(request, partial(self._client.send_and_parse, model))

    async def _authorized(self, request: VendorRequest, send: Callable[[VendorRequest], Awaitable[T]]) -> T:
        """Send a request; after a 401, send it once more with a new token."""
        token = await self._tokens.get_token()
        try:
            return await send(_with_token(request, token))
        except AccessDenied as error:
            # 403 means a missing scope, which a new token does not have either
            if error.status != 401:
                raise
        # repeating is safe for every method, because a request with a rejected token has no effect
        self._tokens.invalidate(token)
        return await send(_with_token(request, await self._tokens.get_token()))

    async def get(self, model: type[T], operation: str, path: str, **query: str | int | None) -> T:
        """Get one entity.

        Raises:
            NotFound: the entity does not exist.
        """
        request = VendorRequest(operation=operation, method="GET", path=path, query=query, idempotent=True)
        return await self.send_and_parse(model, request)

    async def get_page(
        self, model: type[T], operation: str, path: str, query: Mapping[str, str | int | None]
    ) -> T | None:
        """Get one page of a list, or None if it is empty: Apaleo responds with 204 then."""
        request = VendorRequest(
            operation=operation,
            method="GET",
            path=path,
            success_statuses=(200, 204),
            query=query,
            idempotent=True,
        )

        def read(response: VendorResponse) -> T | None:
            return None if response.status == 204 else self._client.parse_json(model, response)

        return await self._authorized(request, partial(self._client.send_and_read, read=read))

    async def execute(self, operation: str, path: str, body: Any = None) -> None:
        """Execute an action, whose response has no body.

        Raises:
            NotFound: the entity does not exist.
            RequestRejected: 422, with Apaleo's messages.
        """
        # not idempotent: Apaleo takes an Idempotency-Key on POST only
        request = VendorRequest(
            operation=operation, method="PUT", path=path, success_statuses=(204,), json=body
        )
        await self._authorized(request, self._client.send)


def _with_token(request: VendorRequest, token: str) -> VendorRequest:
    return replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})
