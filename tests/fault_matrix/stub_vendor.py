"""A stub vendor in the event loop of the test, whose states and faults are set over its control API."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import Message

from consumer_tests.interaction import ProviderState
from fault_injection.catalogue import StubFault
from fault_injection.http_messages import RawMessage
from provider_verification.stubs.engine.app import StubApp


class StubVendor:
    """One stub, which is called as an ASGI application: a process of its own would cost most of a case's time."""

    def __init__(self, app: StubApp) -> None:
        self._app = app
        self._initial_state: Any = None

    async def set_up(self, states: Iterable[ProviderState]) -> dict[str, Any]:
        """Reset the stub, set up the provider states, and return the values that they generate."""
        await self._control("POST", "reset", {})
        values: dict[str, Any] = {}
        for state in states:
            body = {"state": state.name, "params": dict(state.params)}
            values |= await self._control("POST", "states", body)
        self._initial_state = copy.deepcopy(self._app.runtime.state)
        return values

    def restore(self) -> None:
        """Go back to the state after `set_up`."""
        self._app.runtime.state = copy.deepcopy(self._initial_state)

    async def inject(self, fault: StubFault) -> None:
        """Inject a fault into the responses of all operations."""
        await self._control("POST", "faults", {"kind": fault.kind, **fault.options})

    async def clear_faults(self) -> None:
        """Delete all faults."""
        await self._control("DELETE", "faults")

    async def last_operation(self) -> str:
        """Return the operationId of the last request."""
        operation: str = (await self._control("GET", "requests"))[-1]["operation"]
        return operation

    def snapshot(self) -> Any:
        """Return everything that the stub remembers, except access tokens, as values that can be compared."""
        # each token request issues a token, which changes nothing else
        return {
            name: _plain(value) for name, value in vars(self._app.runtime.state).items() if name != "tokens"
        }

    async def send(self, request: RawMessage) -> RawMessage:
        """Send a request of a client."""
        method, target, _ = request.start_line.split(" ")
        lines = request.head.split(b"\r\n")[1:-2]
        headers = [
            (name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)
        ]
        return await self._send(method, target, headers, request.body)

    async def _control(self, method: str, resource: str, body: Mapping[str, Any] | None = None) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
        response = await self._send(method, f"/_stub/{resource}", headers, content)
        assert response.status < 300, response.body
        return json.loads(response.body or "null")

    async def _send(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> RawMessage:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        return _raw_message(sent)


def _raw_message(sent: list[Message]) -> RawMessage:
    start, *parts = sent
    body = b"".join(part.get("body", b"") for part in parts)
    headers = [*start["headers"]]
    if start["status"] != 204 and not any(name == b"content-length" for name, _ in headers):
        headers.append((b"transfer-encoding", b"chunked"))
    lines = [b"HTTP/1.1 %d -" % start["status"], *(name + b": " + value for name, value in headers), b"", b""]
    return RawMessage(b"\r\n".join(lines), body)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {repr(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [_plain(item) for item in value]
        return sorted(items, key=repr) if isinstance(value, set | frozenset) else items
    return str(value)
