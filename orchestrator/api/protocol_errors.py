"""Responses to connections that no route serves, in the format of all errors."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestrator.api.error_handlers import api_error_response, error_response
from orchestrator.api.middleware.request_context import SECURITY_HEADERS
from orchestrator.errors import ServiceUnavailableError
from orchestrator.observability import logging
from orchestrator.observability.correlation import CORRELATION_ID_HEADER, correlation_id, valid_or_new_id

RETRY_AFTER_SECONDS = 1


def malformed_request_response() -> bytes:
    """Return the whole response to bytes that are not HTTP; the connection is to be closed after it."""
    response = _outside_of_a_request(
        "malformed_request", lambda: error_response(400, "VALIDATION_ERROR", "The request is not valid HTTP.")
    )
    head = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in response.raw_headers)]
    return b"\r\n".join([*head, b"", bytes(response.body)])


def reject_overload(app: ASGIApp, is_overloaded: Callable[[], bool]) -> ASGIApp:
    """Return an application that responds with 503 while the process has more connections than it is to serve."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if not is_overloaded():
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
