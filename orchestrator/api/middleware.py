"""What happens around every request: correlation, metrics, security headers, and a last resort."""

from __future__ import annotations

import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.api import error_handlers
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


class RequestContextMiddleware:
    """The outermost layer of the service."""

    def __init__(self, app: ASGIApp, metrics: Metrics, traces: Tracing) -> None:
        self._app = app
        self._metrics = metrics
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        token = correlation_id.set(valid_or_new_id(Headers(scope=scope).get(CORRELATION_ID_HEADER)))
        exchange = _ResponseRecorder(scope, send)
        with self._traces.request_span() as span:
            await self._serve(scope, receive, exchange)
            if span:
                span.update_name(f"{scope['method']} {_route(scope)}")
                span.set_attribute("status", exchange.status)
        self._record_request(scope, exchange)
        correlation_id.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, exchange: _ResponseRecorder) -> None:
        try:
            await self._app(scope, _LimitedBodyReceiver(scope, receive), exchange.send)
        except Exception as failure:
            if exchange.status:
                logging.exception("broken off", failure)
                raise
            await error_handlers.internal_error_response(failure)(scope, receive, exchange.send)

    def _record_request(self, scope: Scope, exchange: _ResponseRecorder) -> None:
        route = _route(scope)
        method = scope["method"] if scope["method"] in _METHODS else "(other)"
        seconds = time.perf_counter() - exchange.started
        self._metrics.requests.labels(method, route, exchange.status).inc()
        self._metrics.request_seconds.labels(method, route).observe(seconds)
        logging.info(
            "request",
            method=method,
            route=route,
            status=exchange.status,
            milliseconds=round(seconds * 1000, 1),
        )


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "(unknown)")


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class _TooLargeError(HTTPException):
    """Passes through the framework's reading of the body, as every HTTPException does."""

    def __init__(self) -> None:
        super().__init__(413)


class _LimitedBodyReceiver:
    """Receives a body up to a limit."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._left = error_handlers.MAX_REQUEST_BYTES
        declared = Headers(scope=scope).get("content-length", "0")
        self._declared = int(declared) if declared.isdecimal() else 0

    async def __call__(self) -> Message:
        if self._declared > error_handlers.MAX_REQUEST_BYTES:
            raise _TooLargeError
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _TooLargeError
        return message


class _ResponseRecorder:
    """The answer as it leaves."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self.started = time.perf_counter()
        self.status = 0

    async def send(self, message: Any) -> None:
        """Send a part; the first one gets the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[CORRELATION_ID_HEADER] = correlation_id.get()
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            headers.update(self._scope.get("state", {}).get("rate_headers", {}))
        await self._send(message)
