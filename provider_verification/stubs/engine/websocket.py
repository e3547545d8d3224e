"""WebSockets of a vendor: every message is validated against its schema, in both directions."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from provider_verification.stubs.engine.asgi_io import encode_body
from provider_verification.stubs.engine.journal import RecordedRequest
from provider_verification.stubs.engine.pact_examples import Attribution
from provider_verification.stubs.engine.plain_errors import explain_error
from provider_verification.stubs.engine.request_names import (
    KIND_BY_LOCATION,
    RequestNames,
    names_of_websocket,
)
from provider_verification.stubs.engine.request_validation import load_json
from provider_verification.stubs.engine.runtime import StubRuntime
from provider_verification.stubs.engine.websocket_gaps import (
    INTERNAL_ERROR,
    close_after_defect,
    close_not_modelled,
    close_with_reason,
    deny_not_modelled,
    sent_handshake,
)
from provider_verification.stubs.sdk import (
    Json,
    NotModelled,
    RequestRejected,
    ValidationIssue,
    WebSocketRoute,
)


class ValidatingWebSocketSession:
    """The sdk's WebSocketSession on a WebSocket of Starlette.

    Args:
        runtime: the stub.
        names: what the client may send.
        socket: the accepted connection.
        messages: the file in the vendor's schema folder whose `$defs` are the messages.
        sent: called with the messages of the pacts that are sent.
    """

    def __init__(
        self, runtime: StubRuntime, names: RequestNames, socket: WebSocket, messages: str, sent: set[str]
    ) -> None:
        self._runtime, self._names, self._socket, self._sent = runtime, names, socket, sent
        self._messages = messages
        self.name = names.operation
        self.state = runtime.state
        self.path_params: Mapping[str, str] = socket.path_params
        self.query = dict(socket.query_params)
        self.headers = dict(socket.headers)

    async def receive(self, kind_of: Callable[[Json], str]) -> Json:
        """Return the next message, validated as the kind of message that `kind_of` returns for it.

        Raises:
            RequestRejected: the message is not a text frame with a JSON object, or it violates its schema.
            NotModelled: the vendor has one of its fields, and the stub lacks it.
            WebSocketDisconnect: the client closed the connection.
        """
        text = await self._receive_text()
        try:
            message = load_json(text)
        except ValueError:
            raise self._reject(text, ValidationIssue(("message",), "json", "should be JSON")) from None
        if not isinstance(message, dict):
            raise self._reject(text, ValidationIssue(("message",), "type", "should be a JSON object"))
        ignored = self._names.find_ignored((), message, "message")
        issue = self._find_issue(kind_of(message), message)
        if issue:
            raise self._reject(text, issue)
        self._record_ignored(ignored, text)
        return message

    async def _receive_text(self) -> str:
        frame = await self._socket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame["code"], frame.get("reason"))
        text: str | None = frame.get("text")
        if text is None:
            raise self._reject("", ValidationIssue(("message",), "frame", "should be a text frame"))
        return text

    def _find_issue(self, kind: str, message: Json) -> ValidationIssue | None:
        schema = self._runtime.contract.message_schema(self._messages, kind)
        pointer = f"schemas/{self._runtime.vendor}/{self._messages}#/$defs/{kind}"
        for error in map(explain_error, schema.validator.iter_errors(message)):
            return ValidationIssue(("message", *error.path), error.rule, error.message, pointer)
        return None

    def check_names(self) -> None:
        """Record the headers of the handshake that are misspelled, and the parameters that the vendor ignores.

        Raises:
            NotModelled: the vendor has one of the parameters, and the stub lacks it.
        """
        for issue in self._names.find_misspelled_headers(self.headers):
            self.record_violation(issue, kind="warning")
        self._record_ignored(self._names.find_ignored(self.query, None))

    def _record_ignored(self, issues: Iterable[ValidationIssue], text: str = "") -> None:
        """Record parameters, or fields of a message, that the vendor ignores."""
        for issue in issues:
            sample = text or self.query[str(issue.location[1])]
            self.record_violation(issue, sample, KIND_BY_LOCATION[str(issue.location[0])])

    def record_violation(self, issue: ValidationIssue, sample: str = "", kind: str = "rejected") -> None:
        """Record a violation by the client in the journal."""
        self._runtime.journal.record_violation(kind, self.name, issue, sample, sent_handshake(self._socket))

    async def send(self, kind: str, value: Json) -> None:
        """Send a message of the given kind.

        Raises:
            WebSocketDisconnect: the value violates its schema, so the connection is closed with 1011.
        """
        schema = self._runtime.contract.message_schema(self._messages, kind)
        if schema.validator.is_valid(value):
            self._sent.update(self._runtime.pact_messages.matching(value))
            await self._socket.send_text(json.dumps(value))
            return
        defect = self._runtime.journal.record_defect(self.name, 0, *schema.explain(value))
        await self.close(INTERNAL_ERROR, json.dumps(defect))
        raise WebSocketDisconnect(INTERNAL_ERROR)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection."""
        await close_with_reason(self._socket, code, reason)

    def _reject(self, text: str, issue: ValidationIssue) -> RequestRejected:
        self.record_violation(issue, text)
        return RequestRejected("invalid", f"{issue.path} {issue.message}", (issue,))


def websocket_endpoint(
    runtime: StubRuntime, path: str, route: WebSocketRoute
) -> Callable[[WebSocket], Awaitable[None]]:
    """Return the endpoint that accepts the vendor's WebSocket at a path and serves it by the route's handler."""
    names = names_of_websocket(path, route, runtime.contract, runtime.index)

    async def endpoint(socket: WebSocket) -> None:
        sent: set[str] = set()
        session = ValidatingWebSocketSession(runtime, names, socket, route.messages, sent)
        try:
            route.check_handshake(runtime.state, session.query)
            session.check_names()
        except RequestRejected as rejection:
            await _deny_handshake(runtime, session, socket, rejection)
            return
        except NotModelled as gap:
            await deny_not_modelled(runtime, route.name, gap, socket)
            return
        await socket.accept()
        runtime.journal.requests.append(_record(route.name, socket, session, 101, Attribution(sent, sent)))
        try:
            await route.handler(session)
        except WebSocketDisconnect:
            return
        except NotModelled as gap:
            await close_not_modelled(runtime, route.name, socket, gap)
        except Exception as error:  # noqa: BLE001 - the client gets a close code, whatever is wrong in the stub
            await close_after_defect(runtime, route.name, socket, error)

    return endpoint


async def _deny_handshake(
    runtime: StubRuntime, session: ValidatingWebSocketSession, socket: WebSocket, rejection: RequestRejected
) -> None:
    for issue in rejection.issues:
        session.record_violation(issue)
    response = runtime.definition.hooks.error_response(rejection)
    runtime.journal.requests.append(_record(session.name, socket, session, response.status, Attribution()))
    await socket.send_denial_response(
        Response(encode_body(response), response.status, media_type=response.media_type)
    )


def _record(
    name: str, socket: WebSocket, session: ValidatingWebSocketSession, status: int, attribution: Attribution
) -> RecordedRequest:
    return RecordedRequest(
        operation=name,
        method="GET",
        path=socket.url.path,
        query={key: socket.query_params.getlist(key) for key in socket.query_params},
        headers=session.headers,
        body=b"",
        status=status,
        fault=None,
        client_port=socket.client.port if socket.client else 0,
        received_at=time.monotonic(),
        # grows with the messages that are sent
        attribution=attribution,
    )
