"""WebSockets of a vendor: every message held to its schema, in both directions."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from provider_verification.stubs.engine.request_validation import load_json
from provider_verification.stubs.sdk import Json, RequestRejected, ValidationIssue

if TYPE_CHECKING:
    from provider_verification.stubs.engine.app import StubApp

POLICY_VIOLATION = 1008
INTERNAL_ERROR = 1011


class WebSocketSession:
    """One open socket.

    Args:
        app: the stub it belongs to.
        name: the operation, for violations.
        socket: the connection, accepted.
        messages: the file in the vendor's folder whose `$defs` are the messages.
    """

    def __init__(self, app: StubApp, name: str, socket: WebSocket, messages: str) -> None:
        self._app, self._name, self._socket = app, name, socket
        self._messages = messages
        self.world = app.world
        self.path = socket.path_params
        self.query = dict(socket.query_params)
        self.headers = dict(socket.headers)

    async def receive(self, kind_of: Callable[[Json], str]) -> Json:
        """The next message, as valid as the kind that `message` makes of it.

        Raises:
            RequestRejected: it is no JSON object, or not what its schema says.
        """
        raw = await self._socket.receive_text()
        try:
            value = load_json(raw)
        except ValueError:
            raise self._wrong(raw, ValidationIssue(("message",), "json", "should be JSON")) from None
        if not isinstance(value, dict):
            raise self._wrong(raw, ValidationIssue(("message",), "type", "should be a JSON object"))
        kind = kind_of(value)
        for error in self._app.contract.message_validator(self._messages, kind).iter_errors(value):
            rule = str(error.schema_path[-1])
            documented = f"schemas/{self._app.vendor}/{self._messages}#/$defs/{kind}"
            raise self._wrong(
                raw, ValidationIssue(("message", *error.instance_path), rule, error.message, documented)
            )
        return value

    async def send(self, kind: str, value: Json) -> None:
        """Send a message; one that breaks the stub's own schema ends the connection as a defect."""
        validator = self._app.contract.message_validator(self._messages, kind)
        if not validator.is_valid(value):
            error = next(iter(validator.iter_errors(value)))
            where = "/" + "/".join(map(str, error.instance_path))
            defect = self._app.journal.record_defect(self._name, 0, where, error.message)
            await self._socket.close(INTERNAL_ERROR, json.dumps(defect)[:120])
            return
        await self._socket.send_text(json.dumps(value))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection."""
        await self._socket.close(code, reason[:120])

    def _wrong(self, raw: str, fault: ValidationIssue) -> RequestRejected:
        self._app.journal.record_violation("rejected", self._name, fault, raw)
        return RequestRejected("invalid", f"{fault.path} {fault.message}", (fault,))


def websocket_endpoint(
    app: StubApp, name: str, messages: str, handler: Callable[[WebSocketSession], Awaitable[None]]
) -> Callable[[WebSocket], Awaitable[None]]:
    """The endpoint that serves a vendor's socket by `handler`."""

    async def endpoint(socket: WebSocket) -> None:
        await socket.accept()
        line = WebSocketSession(app, name, socket, messages)
        seen: dict[str, Any] = {"operation": name, "method": "GET", "path": socket.url.path, "status": 101}
        app.journal.requests.append(seen)
        try:
            await handler(line)
        except WebSocketDisconnect:
            return

    return endpoint
