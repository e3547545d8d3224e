"""Twirp over JSON: how every service of LiveKit is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.http_client import VendorHttpClient, VendorRequest, VendorResponse
from orchestrator.vendors.livekit.errors import read_refusal
from orchestrator.vendors.livekit.tokens import AccessTokenFactory

T = TypeVar("T")


class TwirpClient:
    """Calls methods of LiveKit's services, each with a token that grants just what the method needs.

    Args:
        base_url: the server; `ws(s)://` is taken as `http(s)://`.
        tokens: makes access tokens.
        http: the shared connection pool.
        policy: deadline and retries; LiveKit itself may take 3 s to say that nobody answers.
    """

    def __init__(
        self, *, base_url: str, tokens: AccessTokenFactory, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._tokens = tokens
        self._transport = VendorHttpClient(
            vendor="livekit",
            base_url=base_url.replace("ws", "http", 1) if base_url.startswith("ws") else base_url,
            http=http,
            policy=policy,
            parse_error=read_refusal,
        )

    async def call(
        self,
        service: str,
        method: str,
        body: Mapping[str, Any],
        *,
        video: Mapping[str, Any] | None = None,
        sip: Mapping[str, Any] | None = None,
        idempotent: bool = False,
    ) -> VendorResponse:
        """Call a method with these grants.

        Raises:
            VendorError: `code` is Twirp's.
        """
        token = self._tokens.create(video=video, sip=sip)
        return await self._transport.send(
            VendorRequest(
                operation=method,
                method="POST",
                path=f"/twirp/livekit.{service}/{method}",
                headers={"Authorization": f"Bearer {token}"},
                json=dict(body),
                idempotent=idempotent,
            )
        )

    async def call_and_parse(
        self, shape: type[T], service: str, method: str, body: Mapping[str, Any], **how: Any
    ) -> T:
        """Call a method and read its answer.

        Raises:
            InvalidVendorResponse: naming the fields that are wrong.
        """
        return self._transport.parse_json(shape, await self.call(service, method, body, **how))
