"""Replaces the address of a trusted proxy by that of its client."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestrator.api.client_address import Networks, resolve_client_address


class ClientAddressMiddleware:
    """Sets the client of a request from `X-Forwarded-For`, as far as trusted proxies wrote it."""

    def __init__(self, app: ASGIApp, trusted_proxies: Networks) -> None:
        self._app = app
        self._trusted_proxies = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "lifespan" and self._trusted_proxies and scope.get("client"):
            peer, port = scope["client"]
            forwarded_for = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
            address = resolve_client_address(peer, forwarded_for, self._trusted_proxies)
            scope["client"] = (address, port if address == peer else 0)
        await self._app(scope, receive, send)
