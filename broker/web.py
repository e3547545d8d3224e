"""Requests and responses as the broker's clients expect them: HAL bodies, links, JSON bodies with limits, pages."""

from __future__ import annotations

import asyncio
import string
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from broker.body_parser import BodyParser
from broker.database import Database
from broker.domain.json_document import decode_json, decode_text, encode_json, find_value_error
from broker.errors import InvalidRequestError
from broker.settings import OFFICIAL, RULES, Settings

HAL = "application/hal+json;charset=utf-8"
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
MAX_BODY_BYTES = 20 * 1024 * 1024
BODY_TIMEOUT_SECONDS = 30.0
JSON_KINDS = {list: "list", str: "string", bool: "boolean", type(None): "null"}
T = TypeVar("T")
# longer integers may not fit into SQLite's 64 bits
MAX_INTEGER_DIGITS = 15


class BrokerHTTPError(Exception):
    """A response that is not a success.

    Args:
        status: the HTTP status.
        body: the JSON body, or None for a response without a body.
    """

    def __init__(self, status: int, body: Any = None) -> None:
        self.status = status
        self.body = body
        super().__init__(status, body)


def database(request: Request) -> Database:
    """Return the broker's database."""
    db: Database = request.app.state.database
    return db


def settings(request: Request) -> Settings:
    """Return the settings of the broker."""
    value: Settings = request.app.state.settings
    return value


def uses_official_rules(request: Request) -> bool:
    """Return whether the request, or else the setting, asks for the rules of the official broker.

    Raises:
        InvalidRequestError: The parameter `rules` is neither `strict` nor `official`.
    """
    rules = request.query_params.get("rules", settings(request).rules)
    if rules not in RULES:
        raise InvalidRequestError({"rules": [f"must be one of {', '.join(RULES)}"]})
    return rules == OFFICIAL


def accept_header(request: Request) -> str:
    """Return the media types the client accepts; the official verifier sends them in two headers."""
    return ", ".join(request.headers.getlist("accept"))


def url(request: Request, *segments: str) -> str:
    """Return an absolute URL; each segment is percent-encoded, except a `{template}`."""
    return "/".join([str(request.base_url).rstrip("/"), *map(_encode_segment, segments)])


def page_base(request: Request) -> str:
    """Return what the links of a page begin with: a base URL of the settings, else nothing, so that they keep the reader's host."""
    return url(request) if settings(request).base_urls else ""


@lru_cache(maxsize=1024)  # the same few names are in most links of a response
def _encode_segment(segment: str) -> str:
    # templates are expanded by clients and must not be encoded; no name is in braces
    is_template = segment.startswith("{") and segment.endswith("}")
    return segment if is_template else quote(segment, safe="")


def request_url(request: Request) -> str:
    """Return the URL of the request as it was sent, with slashes in names still encoded."""
    path = request.scope["raw_path"].partition(b"?")[0].decode("latin-1")
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{str(request.base_url).rstrip('/')}{path}{query}"


def header_value(text: str) -> str:
    """Return a text as the value of a header; characters other than printable ASCII and spaces at its ends are percent-encoded."""
    value = quote(text, safe=string.punctuation.replace("%", "") + " ")
    # a client removes spaces around the value
    leading, trailing = len(value) - len(value.lstrip(" ")), len(value) - len(value.rstrip(" "))
    return "%20" * leading + value.strip(" ") + "%20" * trailing


def link(href: str, title: str = "", name: str = "", *, templated: bool = False) -> dict[str, Any]:
    """Return a HAL link."""
    fields: dict[str, Any] = {"href": href}
    fields |= {key: value for key, value in (("title", title), ("name", name)) if value}
    return {**fields, "templated": True} if templated else fields


def hal_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a HAL response; null properties of the resource itself are left out, except of a matrix."""
    if isinstance(body, dict) and "matrix" not in body:
        body = {name: value for name, value in body.items() if value is not None}
    return Response(encode_json(body), status, headers, HAL)


def created_response(body: Any, location: str) -> Response:
    """Return a 201 response with the URL of what was created."""
    return hal_response(body, 201, {"Location": location})


def no_content() -> Response:
    """Return a 204 response."""
    return Response(status_code=204)


def format_timestamp(microseconds: int) -> str:
    """Return a time (microseconds since 1970) in the broker's format: UTC with offset, in seconds."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat()


async def read_json_body(request: Request, *media_types: str) -> dict[str, Any]:
    """Return the JSON object of the request, empty if there is no body.

    Args:
        request: the request.
        media_types: the content types that are accepted; JSON only by default.

    Raises:
        BrokerHTTPError: 415 for another content type, 413 for too long a body, 400 if it is not JSON.
        InvalidRequestError: The body is not an object.
    """
    return await read_and_parse_body(request, lambda body: body, *media_types)


async def read_and_parse_body(request: Request, parse: Callable[[dict[str, Any]], T], *media_types: str) -> T:
    """Return what a function makes of the JSON object of the request, which is empty if there is no body.

    Args:
        request: the request.
        parse: the function; it runs in another thread if the body is long, so that others do not wait for it.
        media_types: as of `read_json_body`.

    Raises:
        BrokerHTTPError: As of `read_json_body`.
        InvalidRequestError: Likewise.
    """
    raw = await _read_body(request)
    # Ruby clients send a JSON content type without a body
    if not raw.strip():
        return parse({})
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in (media_types or (JSON,)):
        raise BrokerHTTPError(415)
    parser: BodyParser = request.app.state.body_parser
    return await parser.run(lambda body: parse(_decode_object(body)), raw)


def _decode_object(raw: bytes) -> dict[str, Any]:
    try:
        text = decode_text(raw)
        value = decode_json(text)
    except ValueError as error:
        raise BrokerHTTPError(400, {"error": f"the body is not JSON: {error}"}) from None
    if not isinstance(value, dict):
        kind = JSON_KINDS.get(type(value), "number")
        raise InvalidRequestError({"": [f"the body must be a JSON object, not a {kind}"]})
    if find_value_error(value, text):
        # only now, because the text is searched for each of them
        messages = {field: find_value_error([field, value[field]], text) for field in value}
        raise InvalidRequestError({field: [message] for field, message in messages.items() if message})
    return value


async def put_without_body(
    request: Request, create: Callable[[Database], bool], describe: Callable[[Request], dict[str, Any]]
) -> Response:
    """Create what the path names, and respond with it: 201 if it is new, else 200.

    Args:
        request: the request, whose body is not used; an invalid one is a 400 as at every resource.
        create: creates it in a transaction, and returns whether it is new.
        describe: returns the representation.
    """
    await read_json_body(request)
    db = database(request)
    async with db.write_transaction():
        created = create(db)
    body = describe(request)
    return created_response(body, body["_links"]["self"]["href"]) if created else hal_response(body)


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            async for chunk in request.stream():
                body += chunk
                # counted while it arrives, because a chunked body declares no length
                if len(body) > MAX_BODY_BYTES:
                    message = f"the body must have at most {MAX_BODY_BYTES} bytes"
                    raise BrokerHTTPError(413, {"errors": {"": [message]}})
    except TimeoutError:
        message = f"the body did not arrive within {BODY_TIMEOUT_SECONDS:g} seconds"
        raise BrokerHTTPError(408, {"errors": {"": [message]}}) from None
    return bytes(body)


def parse_positive_integer(text: str) -> int | None:
    """Return a decimal integer of at least 1, or None for any other text and for more than 15 digits."""
    valid = text.isascii() and text.isdecimal() and len(text) <= MAX_INTEGER_DIGITS
    return int(text) if valid and int(text) >= 1 else None
