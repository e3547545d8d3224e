"""The one format of errors, and what is wrong with a response that should have it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import Any

CODES = {
    400: "VALIDATION_ERROR",
    401: "AUTHENTICATION_ERROR",
    403: "AUTHORIZATION_ERROR",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "VALIDATION_ERROR",
    422: "VALIDATION_ERROR",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "SERVICE_UNAVAILABLE",
}
FIELDS = {"code", "message", "correlation_id", "timestamp", "retryable", "details"}
REQUIRED_HEADERS = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
INTERNALS = ("Traceback", 'File "', "sqlalchemy", "pydantic", "/orchestrator/")
# a call whose start may still arrive is not found now, and later it may be
RETRYABLE = {404: {True, False}, 429: {True}, 503: {True}}
MAX_CLOCK_DIFFERENCE = timedelta(minutes=10)


def error_problems(status: int, expected: int, headers: Mapping[str, str] | Message, text: str) -> list[str]:
    """Return what is wrong with an error response; nothing if it has the documented format.

    Args:
        status: the status of the response.
        expected: the status that was provoked.
        headers: the headers of the response, whose names ignore case.
        text: the body.
    """
    if status != expected:
        return [f"status {status} instead of {expected}: {text[:200]}"]
    try:
        error = json.loads(text)["error"]
    except (ValueError, KeyError, TypeError):
        return [f"no error in the body: {text[:200]}"]
    return list(_problems(error, status, headers, text))


def _problems(
    error: dict[str, Any], status: int, headers: Mapping[str, str] | Message, text: str
) -> Iterator[str]:
    if error.keys() != FIELDS:
        yield f"fields {sorted(error)}"
        return
    if error["code"] != CODES[status]:
        yield f"code {error['code']}"
    if headers.get("Content-Type") != "application/json":
        yield f"content type {headers.get('Content-Type')}"
    if len(error["correlation_id"]) <= 10 or error["correlation_id"] != headers.get("X-Correlation-ID"):
        yield f"correlation id {error['correlation_id']}, in the header {headers.get('X-Correlation-ID')}"
    if error["retryable"] not in RETRYABLE.get(status, {False}):
        yield f"retryable {error['retryable']}"
    if abs(datetime.now(UTC) - datetime.fromisoformat(error["timestamp"])) > MAX_CLOCK_DIFFERENCE:
        yield f"timestamp {error['timestamp']}"
    if any(detail.keys() != {"field", "problem"} for detail in error["details"]):
        yield f"details {error['details']}"
    if status in REQUIRED_HEADERS and not headers.get(REQUIRED_HEADERS[status]):
        yield f"no header {REQUIRED_HEADERS[status]}"
    if leaked := [word for word in INTERNALS if word in text]:
        yield f"internals: {leaked}"
