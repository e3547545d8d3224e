"""Captures what the official verifier and a vendor's stub exchange for each interaction of a pact."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from contract_strength.exchange import MARKER_HEADER, Exchange, Reply, Sent, StateSetUp
from contract_strength.mutant import NoVerdictError
from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.asgi_io import read_body, replay_body
from provider_verification.stubs.engine.http_limits import MAX_BODY_BYTES
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.verify import verify_files

STATES_PATH = "/_stub/states"
MESSAGES_PATH = "/_stub/messages"
HOP_HEADERS = frozenset({"content-length", "transfer-encoding", "connection", "date", "server"})


class RecordingStubApp(StubApp):
    """A stub that keeps what it was asked and what it sent.

    Attributes:
        states: the provider states set up since the last teardown.
        exchanges: states, request (None for a message) and reply by the interaction's marker.
    """

    def __init__(self, vendor: str) -> None:
        super().__init__(vendor, create_stub_app(vendor).stub)
        self.states: list[StateSetUp] = []
        self.exchanges: dict[str, tuple[tuple[StateSetUp, ...], Sent | None, Reply]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, and keep it with its response."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        body = await read_body(receive, MAX_BODY_BYTES) or b""
        messages: list[Message] = []

        async def keep_and_send(message: Message) -> None:
            messages.append(message)
            await send(message)

        await super().__call__(scope, replay_body(body, receive), keep_and_send)
        self._keep(scope, body, _reply(messages))

    def _keep(self, scope: Scope, body: bytes, reply: Reply) -> None:
        sent = _sent(scope, body)
        if scope["path"] == STATES_PATH:
            self._keep_state(json.loads(body), reply)
        elif scope["path"] == MESSAGES_PATH:
            self.exchanges[json.loads(body)["description"]] = (tuple(self.states), None, reply)
        elif marker := dict(_header_texts(scope["headers"])).get(MARKER_HEADER):
            self.exchanges[marker] = (tuple(self.states), sent, reply)

    def _keep_state(self, change: Mapping[str, Any], reply: Reply) -> None:
        if change.get("action") == "teardown":
            self.states.clear()
        elif change.get("state"):
            self.states.append(StateSetUp(change["state"], change.get("params", {}), reply.json))


def capture_exchanges(vendor: str, pact: Mapping[str, Any]) -> list[Exchange]:
    """Verify a pact with the vendor's stub, and return what was exchanged for each interaction, in the pact's order.

    Raises:
        NoVerdictError: the stub does not fulfil the pact, so that no mutant of its responses says anything.
    """
    app = RecordingStubApp(vendor)
    marked = {**pact, "interactions": [_mark(item, str(i)) for i, item in enumerate(pact["interactions"])]}
    with TemporaryDirectory() as folder, run_apps([app]) as servers:
        file = Path(folder) / "pact.json"
        file.write_text(json.dumps(marked), encoding="utf-8")
        result = verify_files(vendor, servers.urls[vendor], [file])
    if not result.success:
        raise NoVerdictError("\n".join([result.summary(), *result.details()]))
    return [_exchange(vendor, app, str(i), item) for i, item in enumerate(pact["interactions"])]


def _exchange(vendor: str, app: RecordingStubApp, marker: str, item: Mapping[str, Any]) -> Exchange:
    key = marker if "request" in item else item["description"]
    states, request, reply = app.exchanges[key]
    return Exchange(vendor, item, states, request, reply)


def _mark(interaction: Mapping[str, Any], marker: str) -> dict[str, Any]:
    marked = copy.deepcopy(dict(interaction))
    if "request" in marked:
        marked["request"].setdefault("headers", {})[MARKER_HEADER] = [marker]
    return marked


def _sent(scope: Scope, body: bytes) -> Sent:
    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1")
    headers = tuple(
        (name, value)
        for name, value in _header_texts(scope["headers"])
        if name not in HOP_HEADERS and name != MARKER_HEADER
    )
    return Sent(scope["method"], f"{path}?{query}" if query else path, headers, body)


def _reply(messages: Sequence[Message]) -> Reply:
    start = next(message for message in messages if message["type"] == "http.response.start")
    headers = tuple(pair for pair in _header_texts(start["headers"]) if pair[0] not in HOP_HEADERS)
    body = b"".join(message.get("body", b"") for message in messages if message is not start)
    return Reply(start["status"], headers, body)


def _header_texts(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]
