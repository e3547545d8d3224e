"""Apaleo's API, called with a token: one that is not accepted is replaced, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.apaleo.errors import parse_error
from orchestrator.vendors.apaleo.oauth import TokenProvider
from orchestrator.vendors.errors import AccessDenied
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse

T = TypeVar("T")


class ApaleoHttpClient:
    """Sends calls with an access token.

    Args:
        base_url: the API's address.
        tokens: gives access tokens.
        http: the shared connection pool.
        policy: deadline and retries.
    """

    def __init__(
        self, *, base_url: str, tokens: TokenProvider, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._tokens = tokens
        self._transport = VendorHttpClient(
            vendor="apaleo", base_url=base_url, http=http, policy=policy, parse_error=parse_error
        )

    async def send(self, call: VendorRequest) -> VendorResponse:
        """Send with a token; one that Apaleo does not accept is replaced and the call repeated, once.

        Raises:
            VendorError: one of the taxonomy.
        """
        token = await self._tokens.get_token()
        try:
            return await self._transport.send(_with_token(call, token))
        except AccessDenied as error:
            if error.status != 401:
                raise
        self._tokens.invalidate(token)
        return await self._transport.send(_with_token(call, await self._tokens.get_token()))

    async def get(self, shape: type[T], operation: str, path: str, **query: str | int | None) -> T:
        """Read one thing.

        Raises:
            NotFound: there is none.
        """
        call = VendorRequest(operation=operation, method="GET", path=path, query=query, idempotent=True)
        return self.parse(shape, await self.send(call))

    async def get_page(
        self, shape: type[T], operation: str, path: str, query: Mapping[str, str | int | None]
    ) -> T | None:
        """Read a page, or None for an empty one, which Apaleo answers with 204."""
        call = VendorRequest(
            operation=operation,
            method="GET",
            path=path,
            success_statuses=(200, 204),
            query=query,
            idempotent=True,
        )
        answer = await self.send(call)
        return None if answer.status == 204 else self.parse(shape, answer)

    async def execute(self, operation: str, method: str, path: str, body: Any = None) -> None:
        """Do something that has no answer.

        Raises:
            NotFound: the thing does not exist.
            RequestRejected: 422, with Apaleo's messages.
        """
        await self.send(
            VendorRequest(operation=operation, method=method, path=path, success_statuses=(204,), json=body)
        )

    def parse(self, shape: type[T], answer: VendorResponse) -> T:
        """Read an answer.

        Raises:
            InvalidVendorResponse: naming the fields that are wrong.
        """
        return self._transport.parse_json(shape, answer)


def _with_token(call: VendorRequest, token: str) -> VendorRequest:
    return replace(call, headers={**call.headers, "Authorization": f"Bearer {token}"})
