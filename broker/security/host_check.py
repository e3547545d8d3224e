"""ASGI middleware of a broker without users: only requests to a known host are answered.

A page of any website can let its own name lead to loopback (DNS rebinding). Its scripts then send requests to the broker that
have the name of the website as their host, and read the responses.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from broker.addresses import is_allowed_host, parse_authority
from broker.domain.json_document import encode_json
from broker.domain.media_types import PROBLEM_JSON, asks_for
from broker.settings import Settings

MISDIRECTED = 421


class HostMiddleware:
    """Responds 421 to a request whose `Host` header is neither loopback, nor the broker's address, nor one of the settings.

    Args:
        app: the application behind it.
        settings: base URLs and allowed hosts.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._base_hosts = {urlsplit(url).netloc.lower() for url in settings.base_urls}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, or refuse it."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        host = headers.get("host", "").lower()
        # a browser always sends the header
        if not host or host in self._base_hosts or self._is_own(host, scope):
            await self._app(scope, receive, send)
        else:
            await _refuse(host, ", ".join(headers.getlist("accept")))(scope, receive, send)

    def _is_own(self, authority: str, scope: Scope) -> bool:
        parts, server = parse_authority(authority), scope.get("server")
        is_address = parts is not None and server is not None and parts[0].strip("[]") == server[0]
        return is_address or is_allowed_host(authority, self._settings.allowed_hosts)


def _refuse(host: str, accept: str) -> Response:
    text = f"this broker is open, and '{host[:100]}' is none of its hosts: ask it by localhost, or start it with --allowed-hosts HOST"
    if asks_for(accept, PROBLEM_JSON):
        problem = {
            "title": "Misdirected request",
            "type": "about:blank",
            "detail": text,
            "status": MISDIRECTED,
        }
        return Response(encode_json(problem), MISDIRECTED, media_type=f"{PROBLEM_JSON};charset=utf-8")
    body = {"errors": {"Host": [text]}}
    return Response(encode_json(body), MISDIRECTED, media_type="application/hal+json;charset=utf-8")
