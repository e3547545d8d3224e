"""WebSockets of a vendor: every message is validated against its schema, in both directions."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping

from starlette.websockets import WebSocket, WebSocketDisconnect

from provider_verification.stubs.engine.journal import RecordedRequest
from provider_verification.stubs.engine.pact_examples import Attribution
from provider_verification.stubs.engine.request_validation import load_json
from provider_verification.stubs.engine.runtime import StubRuntime
from provider_verification.stubs.engine.websocket_gaps import (
    close_after_defect,
    close_not_modelled,
    sent_handshake,
)
from provider_verification.stubs.sdk import (
    Json,
    NotModelled,
    RequestRejected,
    ValidationIssue,
    WebSocketHandler,
)

INTERNAL_ERROR = 1011
"""The close code for a defect of the stub (RFC 6455, section 7.4.1)."""
MAX_REASON_LENGTH = 120
"""A close reason has at most 123 bytes (RFC 6455, section 5.5)."""


class ValidatingWebSocketSession:
    """The sdk's WebSocketSession on a WebSocket of Starlette.

    Args:
        runtime: the stub.
        name: the operation, for the journal.
        socket: the accepted connection.
        messages: the file in the vendor's schema folder whose `$defs` are the messages.
        sent: is told the messages of the pacts that are sent.
    """

    def __init__(
        self, runtime: StubRuntime, name: str, socket: WebSocket, messages: str, sent: set[str]
    ) -> None:
        self._runtime, self._name, self._socket, self._sent = runtime, name, socket, sent
        self._messages = messages
        self.state = runtime.state
        self.path_params: Mapping[str, str] = socket.path_params
        self.query = dict(socket.query_params)
        self.headers = dict(socket.headers)

    async def receive(self, kind_of: Callable[[Json], str]) -> Json:
        """Return the next message, validated as the kind of message that `kind_of` returns for it.

        Raises:
            RequestRejected: the message is not a JSON object, or it violates its schema.
        """
        text = await self._socket.receive_text()
        try:
            message = load_json(text)
        except ValueError:
            raise self._reject(text, ValidationIssue(("message",), "json", "should be JSON")) from None
        if not isinstance(message, dict):
            raise self._reject(text, ValidationIssue(("message",), "type", "should be a JSON object"))
        kind = kind_of(message)
        schema = self._runtime.contract.message_schema(self._messages, kind)
        for error in schema.validator.iter_errors(message):
            location = ("message", *error.instance_path)
            pointer = f"schemas/{self._runtime.vendor}/{self._messages}#/$defs/{kind}"
            rule = str(error.schema_path[-1])
            raise self._reject(text, ValidationIssue(location, rule, error.message, pointer))
        return message

    async def send(self, kind: str, value: Json) -> None:
        """Send a message of the given kind; a value that violates its schema closes the connection with 1011."""
        schema = self._runtime.contract.message_schema(self._messages, kind)
        if schema.validator.is_valid(value):
            self._sent.update(self._runtime.pact_messages.matching(value))
            await self._socket.send_text(json.dumps(value))
            return
        defect = self._runtime.journal.record_defect(self._name, 0, *schema.explain(value))
        await self.close(INTERNAL_ERROR, json.dumps(defect))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""
        await self._socket.close(code, reason[:MAX_REASON_LENGTH])

    def _reject(self, text: str, issue: ValidationIssue) -> RequestRejected:
        handshake = sent_handshake(self._socket)
        self._runtime.journal.record_violation("rejected", self._name, issue, text, handshake)
        return RequestRejected("invalid", f"{issue.path} {issue.message}", (issue,))


def websocket_endpoint(
    runtime: StubRuntime, name: str, messages: str, handler: WebSocketHandler
) -> Callable[[WebSocket], Awaitable[None]]:
    """Return the endpoint that accepts a vendor's WebSocket and serves it by the handler."""

    async def endpoint(socket: WebSocket) -> None:
        await socket.accept()
        sent: set[str] = set()
        session = ValidatingWebSocketSession(runtime, name, socket, messages, sent)
        request = RecordedRequest(
            operation=name,
            method="GET",
            path=socket.url.path,
            query={key: socket.query_params.getlist(key) for key in socket.query_params},
            headers=session.headers,
            body=b"",
            status=101,
            fault=None,
            client_port=socket.client.port if socket.client else 0,
            received_at=time.monotonic(),
            # grows with the messages that are sent
            attribution=Attribution(sent, sent),
        )
        runtime.journal.requests.append(request)
        try:
            await handler(session)
        except WebSocketDisconnect:
            return
        except NotModelled as gap:
            await close_not_modelled(runtime, name, socket, gap)
        except Exception as error:  # noqa: BLE001 - the client gets a close code, whatever is wrong in the stub
            await close_after_defect(runtime, name, socket, error)

    return endpoint
