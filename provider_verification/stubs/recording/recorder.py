"""An ASGI application that records the exchanges of another one."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provider_verification.stubs.control.api import is_control_path
from provider_verification.stubs.engine.masking import mask_pairs, mask_text
from provider_verification.stubs.recording.har import HarRecorder

MAX_BODY_BYTES = 64 * 1024
MAX_MESSAGES = 1_000
TEXT_TYPES = ("application/json", "application/x-www-form-urlencoded", "application/xml")
UNMASKABLE = "not recorded: credentials in it could not be masked"
"""The comment of a binary body, such as LiveKit's protobuf, that is not audio."""


@dataclass(slots=True)
class _Body:
    """A body: its size, and its first MAX_BODY_BYTES."""

    size: int = 0
    start: bytearray = field(default_factory=bytearray)

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.start += chunk[: MAX_BODY_BYTES - len(self.start)]

    @property
    def comment(self) -> dict[str, str]:
        """A member for a body that is not recorded as a whole."""
        return {"comment": f"the first {MAX_BODY_BYTES} bytes"} if self.size > MAX_BODY_BYTES else {}


@dataclass(slots=True)
class _Exchange:
    """What is known of one exchange; the times are seconds of a clock that only goes forward."""

    scope: Scope
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    begin: float = field(default_factory=time.monotonic)
    first_byte: float | None = None
    request: _Body = field(default_factory=_Body)
    response: _Body = field(default_factory=_Body)
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)


class RecordedApp:
    """Serves an application and records its exchanges, but none with the control API.

    Args:
        app: the application.
        recorder: the archive.
    """

    def __init__(self, app: ASGIApp, recorder: HarRecorder) -> None:
        self._app = app
        self._recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a WebSocket."""
        if scope["type"] not in {"http", "websocket"} or is_control_path(scope["path"]):
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope)

        async def receive_recorded() -> Message:
            message = await receive()
            _observe_received(exchange, message)
            return message

        try:
            await self._app(scope, receive_recorded, _RecordedSend(send, exchange))
        finally:
            self._recorder.add(_entry(exchange))


class _RecordedSend:
    """The channel to the server; faults of the connection need the server's own, which is `__self__` of its method."""

    def __init__(self, send: Send, exchange: _Exchange) -> None:
        self._send, self._exchange = send, exchange
        self.__self__ = getattr(send, "__self__", None)

    async def __call__(self, message: Message) -> None:
        _observe_sent(self._exchange, message)
        await self._send(message)


def _observe_received(exchange: _Exchange, message: Message) -> None:
    if message["type"] == "http.request":
        exchange.request.add(message.get("body", b""))
    elif message["type"] == "websocket.receive":
        _add_message(exchange, "send", message)


def _observe_sent(exchange: _Exchange, message: Message) -> None:
    exchange.first_byte = exchange.first_byte or time.monotonic()
    kind = message["type"]
    if kind in {"http.response.start", "websocket.http.response.start"}:
        exchange.status, exchange.headers = message["status"], _decode_headers(message.get("headers", ()))
    elif kind in {"http.response.body", "websocket.http.response.body"}:
        exchange.response.add(message.get("body", b""))
    elif kind == "websocket.accept":
        exchange.status, exchange.headers = 101, _decode_headers(message.get("headers") or ())
    elif kind == "websocket.send":
        _add_message(exchange, "receive", message)


def _add_message(exchange: _Exchange, direction: str, message: Message) -> None:
    if len(exchange.messages) >= MAX_MESSAGES:
        return
    text, content = message.get("text"), message.get("bytes")
    data = mask_text(text[:MAX_BODY_BYTES]) if text is not None else base64.b64encode(content or b"").decode()
    exchange.messages.append(
        {
            "type": direction,
            "time": datetime.now(UTC).timestamp(),
            "opcode": 1 if text is not None else 2,
            "data": data[:MAX_BODY_BYTES],
        }
    )


def _entry(exchange: _Exchange) -> dict[str, Any]:
    end = time.monotonic()
    wait = ((exchange.first_byte or end) - exchange.begin) * 1000
    receive = (end - exchange.begin) * 1000 - wait
    entry = {
        "startedDateTime": exchange.started.isoformat(timespec="milliseconds"),
        "time": wait + receive,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": receive},
    }
    if exchange.scope["type"] == "websocket":
        # the form in which Chromium exports messages
        entry |= {"_resourceType": "websocket", "_webSocketMessages": exchange.messages}
    return entry


def _request(exchange: _Exchange) -> dict[str, Any]:
    scope = exchange.scope
    host, port = scope["server"] or ("127.0.0.1", 80)
    query = mask_pairs(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    suffix = f"?{urlencode(query, errors='replace')}" if query else ""
    headers = _decode_headers(scope["headers"])
    media_type = _media_type(headers)
    request = {
        "method": scope.get("method", "GET"),
        "url": f"{scope['scheme']}://{host}:{port}{quote(scope['path'], errors='replace')}{suffix}",
        "httpVersion": f"HTTP/{scope['http_version']}",
        "cookies": [],
        "headers": _pairs(mask_pairs(headers)),
        "queryString": _pairs(query),
        "headersSize": -1,
        "bodySize": exchange.request.size,
    }
    if exchange.request.size:
        content = _content(exchange.request, media_type, scope["path"])
        request["postData"] = {"mimeType": media_type, "text": "", **content}
    return request


def _response(exchange: _Exchange) -> dict[str, Any]:
    headers, body = exchange.headers, exchange.response
    media_type = _media_type(headers)
    content = {
        "size": body.size,
        "mimeType": media_type,
        **_content(body, media_type, exchange.scope["path"]),
    }
    known = exchange.status in HTTPStatus._value2member_map_
    return {
        "status": exchange.status,
        "statusText": HTTPStatus(exchange.status).phrase if known else "",
        "httpVersion": f"HTTP/{exchange.scope['http_version']}",
        "cookies": [],
        "headers": _pairs(mask_pairs(headers)),
        "content": content,
        "redirectURL": dict(headers).get("location", ""),
        "headersSize": -1,
        "bodySize": body.size,
    }


def _content(body: _Body, media_type: str, path: str) -> dict[str, str]:
    """The members of a body that hold its text."""
    if media_type.startswith("audio/"):
        return {"text": base64.b64encode(body.start).decode(), "encoding": "base64", **body.comment}
    if media_type and not (
        media_type.startswith("text/") or media_type in TEXT_TYPES or media_type.endswith("+json")
    ):
        return {"comment": UNMASKABLE}
    text = body.start.decode("utf-8", errors="replace")
    return {"text": mask_text(text, path), **body.comment}


def _decode_headers(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def _media_type(headers: list[tuple[str, str]]) -> str:
    values = {name.lower(): value for name, value in headers}
    return values.get("content-type", "").partition(";")[0].strip().lower()


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
