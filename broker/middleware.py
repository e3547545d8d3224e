"""ASGI middleware: encoded slashes in names, HEAD, and the headers of every response."""

from __future__ import annotations

import string
from urllib.parse import quote, unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broker.domain.media_types import choose_media_type

SLASH_PLACEHOLDER = "\ud800"
"""Replaces a slash inside a name while routes are matched; a lone surrogate, which no decoded path contains."""

JSON_TYPES = ("application/hal+json", "application/json")
COMMON_HEADERS = (
    (b"vary", b"Accept"),
    (b"cache-control", b"no-cache"),
    (b"x-content-type-options", b"nosniff"),
)


class EncodedNameConvertor(Convertor[str]):
    """A path parameter that is one segment and may contain any character, slashes included."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """Return the name with its slashes."""
        return value.replace(SLASH_PLACEHOLDER, "/")

    def to_string(self, value: str) -> str:
        """Return the name as an encoded segment."""
        return quote(value, safe="")


register_url_convertor("name", EncodedNameConvertor())


class EncodedSlashMiddleware:
    """Keeps `%2F` inside a segment: Starlette matches routes on the decoded path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Decode each segment separately."""
        if scope["type"] == "http":
            raw_path = scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
            path = "/".join(
                # bytes that are not UTF-8 become lone surrogates, which check_path_names rejects
                unquote(part, errors="surrogateescape").replace("/", SLASH_PLACEHOLDER)
                for part in raw_path.split("/")
            )
            scope = {
                **scope,
                # some clients end a path with a slash, and redirects are switched off
                "path": path.rstrip("/") or "/",
                # Starlette decodes a query as UTF-8, and fails on bytes that are not
                "query_string": quote(scope.get("query_string", b""), safe=string.printable).encode(),
            }
        await self._app(scope, receive, send)


class HeadMiddleware:
    """Responds to HEAD like GET without a body; the official broker responds with 405, which fails probes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the GET handler and drop the body it sends."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, send_without_body)


class AcceptMiddleware:
    """Responds with 406 to a GET whose `Accept` header excludes JSON, if the response would be JSON."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Replace the successful response to a safe request; what another request has changed is reported anyway."""
        accept = _header_values(scope, b"accept") if scope["type"] == "http" else ""
        excluded = accept and scope["method"] == "GET" and choose_media_type(accept, *JSON_TYPES) is None
        if not excluded:
            await self._app(scope, receive, send)
            return
        replaced = False

        async def send_acceptable(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                content_type = dict(message.get("headers", ())).get(b"content-type", b"")
                if message["status"] == 200 and content_type.startswith(JSON_TYPES[0].encode()):
                    replaced = True
                    message = {**message, "status": 406, "headers": [(b"content-length", b"0")]}
            elif replaced:
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, send_acceptable)


def _header_values(scope: Scope, name: bytes) -> str:
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


class CommonHeadersMiddleware:
    """Adds the headers that every response of the official broker has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the response with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *COMMON_HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)
