"""Responses to connections that no route serves, in the format of all errors."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestrator.api.error_handlers import api_error_response, error_response
from orchestrator.api.middleware.admission import EXEMPT_PATHS
from orchestrator.api.middleware.request_context import SECURITY_HEADERS
from orchestrator.errors import ServiceUnavailableError
from orchestrator.observability import logging
from orchestrator.observability.correlation import CORRELATION_ID_HEADER, correlation_id, valid_or_new_id

RETRY_AFTER_SECONDS = 1


def malformed_request_response() -> bytes:
    """Return the whole response to bytes that are not HTTP; the connection is to be closed after it."""
    return _rejection("malformed_request", 400, "The request is not valid HTTP.")


def head_too_long_response(max_bytes: int) -> bytes:
    """Return the whole response to a head that is too long; the connection is to be closed after it."""
    message = f"The request line and headers should have at most {max_bytes} bytes."
    return _rejection("request_head_too_long", 431, message)


def _rejection(event: str, status: int, message: str) -> bytes:
    response = _outside_of_a_request(event, lambda: error_response(status, "VALIDATION_ERROR", message))
    head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
    head += [name + b": " + value for name, value in response.raw_headers]
    return b"\r\n".join([*head, b"", bytes(response.body)])


def reject_overload(app: ASGIApp, is_overloaded: Callable[[], bool]) -> ASGIApp:
    """Return an application that responds with 503 while the process has more connections than it is to serve.

    Health checks and metrics are served nevertheless.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in EXEMPT_PATHS or not is_overloaded():
            await app(scope, receive, send)
            return
        error = ServiceUnavailableError("Too many connections.", retry_after=RETRY_AFTER_SECONDS)
        response = _outside_of_a_request("too_many_connections", lambda: api_error_response(error))
        await response(scope, receive, send)

    return serve


def _outside_of_a_request(event: str, create: Callable[[], JSONResponse]) -> JSONResponse:
    """Return a response with the headers of every response, and log its new correlation id."""
    token = correlation_id.set(valid_or_new_id(None))
    try:
        logging.warning(event)
        response = create()
        response.headers.update(
            {**SECURITY_HEADERS, CORRELATION_ID_HEADER: correlation_id.get(), "Connection": "close"}
        )
        return response
    finally:
        correlation_id.reset(token)
