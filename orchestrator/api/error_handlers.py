"""Errors as answers, in the one documented form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

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
MAX_REQUEST_BYTES = 1024 * 1024
"""Bytes of the longest request body taken."""


class ErrorDetail(BaseModel):
    """A field that is wrong."""

    field: str
    problem: str


class ErrorBody(BaseModel):
    """What went wrong."""

    code: str
    message: str
    correlation_id: str
    timestamp: str
    retryable: bool
    details: list[ErrorDetail]


class ErrorResponse(BaseModel):
    """The body of every answer that is no success."""

    error: ErrorBody


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route, for the OpenAPI document; what any route may answer is added."""
    return {status: {"model": ErrorResponse} for status in (*statuses, 405, 413, 429, 500)}


def error_response(
    status: int,
    code: str,
    message: str,
    *,
    retryable: bool = False,
    details: Sequence[FieldError] = (),
    retry_after: float | None = None,
) -> JSONResponse:
    """An error as it is sent."""
    content = ErrorBody(
        code=code,
        message=message,
        correlation_id=correlation_id.get(),
        timestamp=datetime.now(UTC).isoformat(),
        retryable=retryable,
        details=[ErrorDetail(field=one.field, problem=one.problem) for one in details],
    )
    headers = {} if retry_after is None else {"Retry-After": str(max(1, round(retry_after + 0.5)))}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": content.model_dump()}, status, headers)


def api_error_response(error: ServiceError) -> JSONResponse:
    """One of ours."""
    return error_response(
        STATUS_BY_ERROR[type(error)],
        error.code,
        error.message,
        retryable=error.retryable,
        details=error.details,
        retry_after=error.retry_after,
    )


def internal_error_response(failure: Exception) -> JSONResponse:
    """What nobody thought of: the log has where, the caller has the correlation id to ask with."""
    logging.exception("unexpected", failure)
    return error_response(
        500, "INTERNAL_ERROR", "Something went wrong here; the correlation id tells us where."
    )


def register_error_handlers(app: FastAPI) -> None:
    """Answer every kind of failure in the one form."""

    @app.exception_handler(ServiceError)
    async def _ours(_: Request, failure: ServiceError) -> JSONResponse:
        return api_error_response(failure)

    @app.exception_handler(StoreUnavailableError)
    async def _store(_: Request, failure: StoreUnavailableError) -> JSONResponse:
        logging.exception("store", failure)
        return api_error_response(
            ServiceUnavailableError("What we keep calls in does not answer.", retry_after=1)
        )

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(OSError)
    async def _database(_: Request, failure: Exception) -> JSONResponse:
        logging.exception("database", failure)
        return api_error_response(ServiceUnavailableError("The database does not answer.", retry_after=1))

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, failure: RequestValidationError) -> JSONResponse:
        return error_response(422, "VALIDATION_ERROR", "The request is not valid.", details=_details(failure))

    @app.exception_handler(HTTPException)
    async def _framework(_: Request, failure: HTTPException) -> JSONResponse:
        known = {
            404: ("NOT_FOUND", "There is no such route."),
            405: ("METHOD_NOT_ALLOWED", "Another method."),
            413: ("VALIDATION_ERROR", f"The body should have at most {MAX_REQUEST_BYTES} bytes."),
        }
        code, message = known.get(failure.status_code, ("VALIDATION_ERROR", "The request cannot be read."))
        made = error_response(failure.status_code if failure.status_code in known else 422, code, message)
        made.headers.update(failure.headers or {})
        return made


def _details(failure: RequestValidationError) -> list[FieldError]:
    """Which field, and what is wrong with it; never what was sent."""
    return [
        FieldError(".".join(str(part) for part in one["loc"] if part != "body") or "body", one["msg"])
        for one in failure.errors()
    ]
