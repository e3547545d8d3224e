"""Requests to a stub, its responses, and the messages that a vendor sends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

from provider_verification.stubs.sdk.problems import ValidationIssue

Json: TypeAlias = Any
FORM = "application/x-www-form-urlencoded"


class DecodedBody(NamedTuple):
    """A request body that was decoded.

    Attributes:
        value: what the operation reads.
        sent: the fields that the client sent, with the names of the schemas, those included that `value` lacks.
        ignored: values that the vendor ignores, such as the name of an enum's value that it does not have.
    """

    value: Json
    sent: Json
    ignored: tuple[ValidationIssue, ...] = ()


@dataclass(frozen=True, slots=True)
class StubRequest:
    """A request that matches an operation of the schemas.

    Attributes:
        operation_id: the operation's name in `openapi.json`.
        path: the request path, without the query.
        required_scopes: scopes of which the principal needs at least one; empty if none is required.
        path_params: the parameters of the path template.
        query: the declared query parameters with their types; comma-separated ones are lists.
        headers: header names are lower case.
        body: the decoded body; None without a body.
        raw_body: the body as received.
        principal: what `authenticate` returned.
        base_url: the stub's own address, for links in responses.
    """

    operation_id: str
    path: str
    required_scopes: frozenset[str]
    path_params: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Json
    raw_body: bytes
    principal: Any
    base_url: str


@dataclass(slots=True)
class StubResponse:
    """The stub's response.

    Attributes:
        body: a JSON value, bytes, or chunks of bytes that are sent one by one.
        warnings: what the vendor accepts and is probably a mistake of the client; they are recorded, not sent.
        rejections: the rules that the request breaks, for an error that it gets in any state; they are recorded, not sent.
    """

    status: int
    body: Json | bytes | AsyncIterator[bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    warnings: tuple[ValidationIssue, ...] = ()
    rejections: tuple[ValidationIssue, ...] = ()


@dataclass(frozen=True, slots=True)
class VendorMessage:
    """A message that the vendor sends on its own initiative, such as a webhook event."""

    contents: Json | bytes
    content_type: str = "application/json"


def ok(body: Json, **headers: str) -> StubResponse:
    """Return a 200 response with a JSON body."""
    return StubResponse(200, body, headers)


def no_content() -> StubResponse:
    """Return a 204 response."""
    return StubResponse(204)


def with_warning(
    response: StubResponse, rule: str, message: str, location: tuple[str | int, ...] = ("request",)
) -> StubResponse:
    """Return the response with a warning: the vendor accepts the request, but it is probably a mistake of the client.

    Args:
        response: the response, which is sent as it is.
        rule: a name of the rule in snake_case, such as `repeated_booking`.
        message: what the client should do.
        location: the path to the value that the warning is about.
    """
    return replace(response, warnings=(*response.warnings, ValidationIssue(location, rule, message)))


def with_rejection(
    response: StubResponse, rule: str, message: str, location: tuple[str | int, ...] = ("request",)
) -> StubResponse:
    """Return an error response that is recorded as a violation, because the request gets it in any state of the vendor.

    Args:
        response: the response, which is sent as it is.
        rule: a name of the rule in snake_case, such as `missing_trunk`.
        message: what is wrong.
        location: the path to the value that is wrong.
    """
    return replace(response, rejections=(*response.rejections, ValidationIssue(location, rule, message)))


def media_type(headers: Mapping[str, str]) -> str:
    """Return the media type of the Content-Type header in lower case, without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()
