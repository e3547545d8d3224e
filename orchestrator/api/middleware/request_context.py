"""The middleware around all that responds: correlation id, metrics, trace span, security headers and unexpected errors."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestrator.api import error_handlers
from orchestrator.api.middleware.request_body import LimitedBodyReceiver
from orchestrator.observability import logging
from orchestrator.observability.correlation import CORRELATION_ID_HEADER, correlation_id, valid_or_new_id
from orchestrator.observability.metrics import Metrics
from orchestrator.observability.tracing import Tracing

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cache-Control": "no-store",
}
_ENCODED_SECURITY_HEADERS = [
    (name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()
]
CLIENT_CLOSED_REQUEST = 499
"""The status under which a request is counted whose client closed the connection (nginx uses the same)."""
SWITCHING_PROTOCOLS = 101
INTERNAL_ERROR = 1011
"""The close code of a WebSocket for an unexpected error (RFC 6455, section 7.4.1)."""
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
"""Values of the label `method`; all others are counted as `(other)`."""


class RequestContextMiddleware:
    """Serves a request in its own correlation context and records it; of a WebSocket it records the handshake.

    Args:
        app: serves the request.
        metrics: counts it.
        tracing: records its span.
        pseudonymize: returns the pseudonym of the client's IP address, which is personal data, for the log.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, tracing: Tracing, pseudonymize: Callable[[str], str]
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing
        self._pseudonymize = pseudonymize

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        token = correlation_id.set(valid_or_new_id(Headers(scope=scope).get(CORRELATION_ID_HEADER)))
        response = _ResponseRecorder(scope, send)
        try:
            with self._tracing.request_span() as span:
                await self._serve(scope, receive, response)
                if span:
                    span.update_name(f"{_method(scope)} {_route_path(scope)}")
                    span.set_attribute("status", response.status)
            # before the correlation id is reset, because the log line contains it
            self._record_request(scope, response)
        finally:
            correlation_id.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, response: _ResponseRecorder) -> None:
        if scope["type"] == "http":
            receive = LimitedBodyReceiver(scope, receive)
        try:
            await self._app(scope, receive, response.send)
        except ClientDisconnect:
            # caused by the client, so it is not logged as an error; the status of a started response is kept
            response.status = response.status or CLIENT_CLOSED_REQUEST
        except Exception as error:
            # the head is sent, so no 500 can follow; uvicorn closes the connection when the error reaches it
            if response.status:
                logging.exception("response aborted", error)
                if scope["type"] == "http":
                    raise
                # uvicorn would write the error with its message, which may contain personal data
                await _close_websocket(response.send)
                return
            await error_handlers.internal_error_response(error)(scope, receive, response.send)

    def _record_request(self, scope: Scope, response: _ResponseRecorder) -> None:
        route = _route_path(scope)
        method = _method(scope)
        seconds = response.seconds()
        self._metrics.observe_request(method, route, response.status, seconds)
        logging.info(
            "request",
            method=method,
            route=route,
            status=response.status,
            milliseconds=round(seconds * 1000, 1),
            client=self._pseudonymize(scope["client"][0]) if scope.get("client") else None,
        )


async def _close_websocket(send: Send) -> None:
    """Close a WebSocket after an unexpected error, unless its client has closed it."""
    with suppress(OSError, RuntimeError):
        await send({"type": "websocket.close", "code": INTERNAL_ERROR})


def _method(scope: Scope) -> str:
    # the handshake of a WebSocket is a GET
    method: str = scope.get("method", "GET")
    return method if method in METHODS else "(other)"


def _route_path(scope: Scope) -> str:
    # a path without a route is free text of the client, which must not become a label or a span's name
    return getattr(scope.get("route"), "path", "(unknown)")


class _ResponseRecorder:
    """Passes a response on, adds the headers of every response and keeps the status."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._started_at = time.perf_counter()
        self._accepted_at: float | None = None
        self.status = 0

    def seconds(self) -> float:
        """Return the duration of the request so far, or of the handshake of a WebSocket."""
        return (self._accepted_at or time.perf_counter()) - self._started_at

    async def send(self, message: Any) -> None:
        """Send one ASGI message."""
        if message["type"] == "websocket.accept":
            self._accepted_at = time.perf_counter()
            self.status = SWITCHING_PROTOCOLS
            MutableHeaders(scope=message)[CORRELATION_ID_HEADER] = correlation_id.get()
        elif message["type"] == "websocket.close" and not self.status:
            # what uvicorn responds to a handshake for which there is no route
            self.status = 403
        elif message["type"] in {"http.response.start", "websocket.http.response.start"}:
            self.status = message["status"]
            sent = {name for name, _ in message["headers"]}
            # in the scope, because FastAPI drops a dependency's headers when an error is raised
            rate_headers = self._scope.get("state", {}).get("rate_headers", {})
            own = {CORRELATION_ID_HEADER: correlation_id.get(), **rate_headers}
            message["headers"] = [
                *message["headers"],
                *(header for header in _ENCODED_SECURITY_HEADERS if header[0] not in sent),
                *((name.lower().encode(), value.encode()) for name, value in own.items()),
            ]
        await self._send(message)
