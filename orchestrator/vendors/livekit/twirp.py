"""Twirp over JSON, the protocol of all LiveKit services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.livekit.errors import parse_error
from orchestrator.vendors.livekit.tokens import AccessTokens

T = TypeVar("T")


class TwirpClient:
    """Calls methods of LiveKit's services, each with a token that grants only what the method requires.

    Args:
        base_url: the address of the server; `ws(s)://` is read as `http(s)://`.
        tokens: creates access tokens.
        http: the vendor's connection pool.
        policy: timeouts, retries and guard; LiveKit takes up to 3 s to report that a participant does not respond.
    """

    def __init__(
        self, *, base_url: str, tokens: AccessTokens, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._tokens = tokens
        self._client = VendorHttpClient(
            vendor="livekit",
            # also turns wss into https
            base_url=base_url.replace("ws", "http", 1) if base_url.startswith("ws") else base_url,
            http=http,
            policy=policy,
            parse_error=parse_error,
        )

    async def call(
        self,
        service: str,
        method: str,
        body: Mapping[str, Any],
        **options: Any,
    ) -> VendorResponse:
        """Call a method; `options` are its grants, and whether it can be repeated.

        Raises:
            VendorError: its `code` is Twirp's, or `sip <status>`.
        """
        return await self._client.send(self._request(service, method, body, **options))

    async def call_and_parse(
        self, model: type[T], service: str, method: str, body: Mapping[str, Any], **options: Any
    ) -> T:
        """Call a method and parse its response; `options` are those of `call`.

        Raises:
            InvalidVendorResponse: with the paths of the invalid fields.
        """
        return await self._client.send_and_parse(model, self._request(service, method, body, **options))

    def _request(
        self,
        service: str,
        method: str,
        body: Mapping[str, Any],
        *,
        video: Mapping[str, Any] | None = None,
        sip: Mapping[str, Any] | None = None,
        idempotent: bool = False,
    ) -> VendorRequest:
        token = self._tokens.create(video=video, sip=sip)
        return VendorRequest(
            operation=method,
            method="POST",
            path=f"/twirp/livekit.{service}/{method}",
            headers={"Authorization": f"Bearer {token}"},
            json=dict(body),
            idempotent=idempotent,
            media_type="application/json",
        )
