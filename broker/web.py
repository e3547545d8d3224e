"""HTTP as the broker's clients expect it: names with slashes in paths, HAL answers, bodies with limits."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from broker.database import Database
from broker.errors import BrokerHTTPError

HAL = "application/hal+json;charset=utf-8"
MAX_BODY = 20 * 1024 * 1024
SLASH_PLACEHOLDER = "\ue000"
"""Stands for a slash inside a name while routes are matched; private use, so no name has it."""

Handler = Callable[[Request], Awaitable[Response]]


class EncodedNameConvertor(Convertor[str]):
    """One segment of a path that is a name, whatever characters it has."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """The name, with its slashes."""
        return value.replace(SLASH_PLACEHOLDER, "/")

    def to_string(self, value: str) -> str:
        """The name as a segment."""
        return quote(value, safe="")


register_url_convertor("name", EncodedNameConvertor())


class EncodedSlashMiddleware:
    """Makes `%2F` inside a segment data, not a separator: Starlette routes on the decoded path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Decode each segment by itself."""
        if scope["type"] == "http":
            raw = scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
            path = "/".join(unquote(part).replace("/", SLASH_PLACEHOLDER) for part in raw.split("/"))
            scope = {**scope, "path": path.rstrip("/") or "/"}
        await self._app(scope, receive, send)


def database(request: Request) -> Database:
    """The broker's database."""
    found: Database = request.app.state.database
    return found


def url(request: Request, *segments: str) -> str:
    """An absolute link; each segment is encoded, a `{template}` is left alone."""
    parts = [part if part.startswith("{") else quote(part, safe="") for part in segments]
    return "/".join([str(request.base_url).rstrip("/"), *parts])


def link(href: str, title: str = "", name: str = "", *, templated: bool = False) -> dict[str, Any]:
    """A HAL link."""
    found: dict[str, Any] = {"href": href}
    found |= {key: value for key, value in (("title", title), ("name", name)) if value}
    return {**found, "templated": True} if templated else found


def hal_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A HAL answer; null properties of the resource itself are left out."""
    if isinstance(body, dict) and "matrix" not in body:
        body = {name: value for name, value in body.items() if value is not None}
    return Response(json.dumps(body, ensure_ascii=False), status, headers, HAL)


def no_content() -> Response:
    """204."""
    return Response(status_code=204)


def format_timestamp(microseconds: int) -> str:
    """A time as the broker writes it: UTC with offset, in seconds."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat()


async def read_json_body(request: Request, *types: str) -> dict[str, Any]:
    """The JSON object that was sent, empty when nothing was.

    Raises:
        Refused: 415 for another content type, 413 for too long a body, 400 for anything but a JSON object.
    """
    raw = await _bounded(request)
    if not raw.strip():
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (types or ("application/json",)):
        raise BrokerHTTPError(415)
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BrokerHTTPError(400, {"error": f"the body is not JSON: {error}"}) from None
    if not isinstance(value, dict):
        raise BrokerHTTPError(
            400, {"errors": {"": [f"the body should be a JSON object, it is a {type(value).__name__}"]}}
        )
    return value


async def _bounded(request: Request) -> bytes:
    pieces = bytearray()
    async for piece in request.stream():
        pieces += piece
        if len(pieces) > MAX_BODY:
            raise BrokerHTTPError(413, {"errors": {"": [f"the body should have at most {MAX_BODY} bytes"]}})
    return bytes(pieces)


def validate_strings(
    given: dict[str, Any], errors: dict[str, list[str]], *fields: str, required: bool = False
) -> None:
    """Note every field that should be a text in one line and is not."""
    for name in fields:
        value = given.get(name)
        if value is None:
            if required:
                errors.setdefault(name, []).append("is missing")
        elif not isinstance(value, str):
            errors.setdefault(name, []).append("must be a string")
        elif required and not value.strip():
            errors.setdefault(name, []).append("can't be blank")
        elif "\n" in value or "\r" in value:
            errors.setdefault(name, []).append("cannot contain multiple lines")


def paginate(request: Request, rows: list[Any]) -> list[Any]:
    """The rows of the page that was asked for; all of them when none was.

    Raises:
        Refused: 400, a page number or size is no whole number of at least 1.
    """
    query = request.query_params
    number, size = query.get("page") or query.get("pageNumber"), query.get("size") or query.get("pageSize")
    if number is None and size is None:
        return rows
    wanted = [number or "1", size or "100"]
    if not all(text.isdecimal() and int(text) >= 1 for text in wanted):
        raise BrokerHTTPError(
            400, {"errors": {"page": ["page and size should be whole numbers of at least 1"]}}
        )
    first, count = int(wanted[0]), int(wanted[1])
    return rows[(first - 1) * count : first * count]
