"""Validation of a stub's own responses against its schemas."""

from __future__ import annotations

from typing import NamedTuple

from provider_verification.stubs.engine.openapi import Operation
from provider_verification.stubs.sdk import StubResponse

BODYLESS_STATUSES = {204, 304}
"""Statuses whose responses have no body (RFC 9110, sections 15.3.5 and 15.4.5)."""


class ResponseError(NamedTuple):
    """Where a response violates the schemas, and how."""

    location: str
    message: str


def find_response_error(operation: Operation, response: StubResponse) -> ResponseError | None:
    """Return the most relevant violation of a response, or None if it is valid."""
    documented = operation.responses.get(response.status, operation.default_response)
    if documented is None:
        return ResponseError("status", f"{response.status} is not documented for {operation.operation_id}")
    for name in documented.required_headers:
        if name not in {header.lower() for header in response.headers}:
            return ResponseError(f"header {name}", "is required")
    if response.body is None:
        is_required = documented.content and response.status not in BODYLESS_STATUSES
        return ResponseError("body", "is required") if is_required else None
    media_type = response.media_type.partition(";")[0]
    if media_type not in documented.content:
        return ResponseError("content-type", f"{media_type} is not documented")
    schema = documented.content[media_type]
    if schema is None or schema.validator.is_valid(response.body):
        return None
    return ResponseError(*schema.explain(response.body))
