"""Maps errors to HTTP responses of one documented form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from orchestrator.alerting.conditions import STATE_STORE_UNAVAILABLE
from orchestrator.api.middleware.request_body import BODY_TIMEOUT_SECONDS
from orchestrator.api.rate_limiting import whole_seconds
from orchestrator.errors import (
    AuthenticationError,
    AuthorizationError,
    ConflictError,
    FieldError,
    NotFoundError,
    RateLimitExceededError,
    ServiceError,
    ServiceUnavailableError,
    ValidationFailedError,
)
from orchestrator.observability import logging
from orchestrator.observability.correlation import correlation_id
from orchestrator.persistence.database import DatabaseUnavailableError
from orchestrator.state.store import StoreUnavailableError

STATUS_BY_ERROR: dict[type[ServiceError], int] = {
    ValidationFailedError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    AuthenticationError: 401,
    AuthorizationError: 403,
    RateLimitExceededError: 429,
    ServiceUnavailableError: 503,
}
FRAMEWORK_ERRORS = {
    404: ("NOT_FOUND", "There is no such route."),
    405: ("METHOD_NOT_ALLOWED", "This method is not allowed for this path."),
    408: ("REQUEST_TIMEOUT", f"The body should arrive within {BODY_TIMEOUT_SECONDS:.0f} seconds."),
}
"""Code and message by status of an HTTPException; any other status becomes 422."""
MAX_FIELD_ERRORS = 20
"""Invalid fields named in a response: a body can have tens of thousands of unknown ones."""


class ErrorDetail(BaseModel):
    """An invalid field."""

    field: str
    problem: str


class ErrorBody(BaseModel):
    """The error and the id to look it up by in the log."""

    code: str
    message: str
    correlation_id: str
    timestamp: str
    retryable: bool
    details: list[ErrorDetail]


class ErrorResponse(BaseModel):
    """The body of every error response."""

    error: ErrorBody


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error responses of a route for the OpenAPI document, with those that any route can have."""
    return {status: {"model": ErrorResponse} for status in (*statuses, 405, 408, 413, 429, 500, 503)}


def error_response(
    status: int,
    code: str,
    message: str,
    *,
    retryable: bool = False,
    details: Sequence[FieldError] = (),
    retry_after: float | None = None,
) -> JSONResponse:
    """Return an error response."""
    content = _error_body(code, message, retryable=retryable, details=details)
    headers = {} if retry_after is None else {"Retry-After": whole_seconds(retry_after)}
    if status == 401:
        # required with every 401 (RFC 9110, 15.5.2)
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": content.model_dump()}, status, headers)


def _error_body(code: str, message: str, *, retryable: bool, details: Sequence[FieldError]) -> ErrorBody:
    return ErrorBody(
        code=code,
        message=message,
        correlation_id=correlation_id.get(),
        timestamp=datetime.now(UTC).isoformat(),
        retryable=retryable,
        details=[ErrorDetail(field=error.field, problem=error.problem) for error in details],
    )


def api_error_content(error: ServiceError) -> dict[str, Any]:
    """Return an error of the service as the member `error` of a message over a WebSocket."""
    body = _error_body(error.code, error.message, retryable=error.retryable, details=error.details)
    return body.model_dump()


def api_error_response(error: ServiceError) -> JSONResponse:
    """Return the response of an error of the service."""
    return error_response(
        STATUS_BY_ERROR[type(error)],
        error.code,
        error.message,
        retryable=error.retryable,
        details=error.details,
        retry_after=error.retry_after,
    )


def internal_error_response(error: Exception) -> JSONResponse:
    """Return the response of an unexpected error. The log has the details, the client the correlation id."""
    logging.exception("unexpected error", error)
    return error_response(
        500, "INTERNAL_ERROR", "An internal error occurred. The correlation id identifies it in the log."
    )


def register_error_handlers(app: FastAPI) -> None:
    """Register a handler for every kind of error."""
    # no handler for Exception: Starlette runs it outside of RequestContextMiddleware, without its headers
    app.add_exception_handler(ServiceError, _handle_service_error)
    app.add_exception_handler(StoreUnavailableError, _handle_store_error)
    app.add_exception_handler(DatabaseUnavailableError, _handle_database_error)
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    # Starlette's class, because the router raises it for 404 and 405
    app.add_exception_handler(HTTPException, _handle_framework_error)


async def _handle_service_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServiceError)  # noqa: S101 - Starlette types every handler for Exception
    if isinstance(error, RateLimitExceededError):
        request.app.state.container.metrics.rate_limit_rejections.labels(request.scope["route"].path).inc()
    return api_error_response(error)


async def _handle_store_error(request: Request, error: Exception) -> JSONResponse:
    request.app.state.container.alerts.notice(STATE_STORE_UNAVAILABLE, healthy=False)
    logging.exception("state store unavailable", error)
    return api_error_response(ServiceUnavailableError("The state store is unavailable.", retry_after=1))


async def _handle_database_error(_: Request, error: Exception) -> JSONResponse:
    logging.exception("database unavailable", error)
    return api_error_response(ServiceUnavailableError("The database is unavailable.", retry_after=1))


async def _handle_validation_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - Starlette types every handler for Exception
    return error_response(422, "VALIDATION_ERROR", "The request is not valid.", details=_field_errors(error))


async def _handle_framework_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette types every handler for Exception
    # FastAPI raises 400 for a body that it cannot decode; all other invalid bodies are a 422
    unreadable = ("VALIDATION_ERROR", "The request cannot be read.")
    status = error.status_code
    if status == 413:
        # the limit depends on the route
        code, message = "VALIDATION_ERROR", error.detail
    else:
        code, message = FRAMEWORK_ERRORS.get(status, unreadable)
        status = status if status in FRAMEWORK_ERRORS else 422
    response = error_response(status, code, message)
    # Allow of a 405, Connection of a 408
    response.headers.update(error.headers or {})
    return response


def _field_errors(error: RequestValidationError) -> list[FieldError]:
    """Return the invalid fields. The values that were sent are left out."""
    return [
        FieldError(".".join(str(part) for part in details["loc"] if part != "body") or "body", details["msg"])
        for details in error.errors()[:MAX_FIELD_ERRORS]
    ]
