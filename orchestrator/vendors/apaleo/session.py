"""Apaleo's API, called with a token: one that is not accepted is replaced, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import httpx

from orchestrator.resilience.policy import Policy
from orchestrator.vendors.apaleo.errors import read_refusal
from orchestrator.vendors.apaleo.tokens import Tokens
from orchestrator.vendors.errors import Unauthorised
from orchestrator.vendors.transport import Transport, VendorAnswer, VendorCall

T = TypeVar("T")


class Session:
    """Sends calls with an access token.

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

    async def send(self, call: VendorCall) -> VendorAnswer:
        """Send with a token; one that Apaleo does not accept is replaced and the call repeated, once.

        Raises:
            VendorError: one of the taxonomy.
        """
        token = await self._tokens.token()
        try:
            return await self._transport.send(_with_token(call, token))
        except Unauthorised as error:
            if error.status != 401:
                raise
        self._tokens.discard(token)
        return await self._transport.send(_with_token(call, await self._tokens.token()))

    async def read(self, shape: type[T], operation: str, path: str, **query: str | int | None) -> T:
        """Read one thing.

        Raises:
            NotFound: there is none.
        """
        call = VendorCall(operation=operation, method="GET", path=path, query=query, idempotent=True)
        return self.parse(shape, await self.send(call))

    async def read_list(
        self, shape: type[T], operation: str, path: str, query: Mapping[str, str | int | None]
    ) -> T | None:
        """Read a page, or None for an empty one, which Apaleo answers with 204."""
        call = VendorCall(
            operation=operation, method="GET", path=path, success=(200, 204), query=query, idempotent=True
        )
        answer = await self.send(call)
        return None if answer.status == 204 else self.parse(shape, answer)

    async def act(self, operation: str, method: str, path: str, body: Any = None) -> None:
        """Do something that has no answer.

        Raises:
            NotFound: the thing does not exist.
            Rejected: 422, with Apaleo's messages.
        """
        await self.send(VendorCall(operation=operation, method=method, path=path, success=(204,), json=body))

    def parse(self, shape: type[T], answer: VendorAnswer) -> T:
        """Read an answer.

        Raises:
            ProtocolViolation: naming the fields that are wrong.
        """
        return self._transport.parse(shape, answer)


def _with_token(call: VendorCall, token: str) -> VendorCall:
    return replace(call, headers={**call.headers, "Authorization": f"Bearer {token}"})
