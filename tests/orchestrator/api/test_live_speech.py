"""Limits of the time of a WebSocket for speech."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI

from orchestrator.api.routes import live_speech
from orchestrator.container import Container
from orchestrator.speech.service import SpeechService
from orchestrator.speech.timed_audio import TimedAudio

Messages = asyncio.Queue[MutableMapping[str, Any]]


@asynccontextmanager
async def silent_client(app: FastAPI, headers: dict[str, str]) -> AsyncIterator[Messages]:
    """Connect to /tts/stream and send nothing; yield what is received."""
    scope = {
        "type": "websocket",
        "path": "/tts/stream",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "subprotocols": [],
    }
    sent: Messages = asyncio.Queue()
    events: Messages = asyncio.Queue()
    events.put_nowait({"type": "websocket.connect"})
    serving = asyncio.create_task(app(scope, events.get, sent.put))
    yield sent
    events.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await serving


async def _say_nothing(*_: object, **__: object) -> AsyncIterator[TimedAudio]:
    await asyncio.Event().wait()
    yield TimedAudio(b"")


@pytest.fixture(autouse=True)
def _silent_vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor accepts the connection and waits for text, like the service."""
    monkeypatch.setattr(SpeechService, "stream_pieces", _say_nothing)


@pytest.mark.parametrize("limit", ["MAX_IDLE_SECONDS", "MAX_STREAM_SECONDS"])
async def test_client_that_sends_nothing_is_disconnected(
    app: FastAPI, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """After the time between two pieces, and after the time of the whole connection."""
    monkeypatch.setattr(live_speech, limit, 0.0)

    async with silent_client(app, admin) as received:
        accepted, message, close = [await received.get() for _ in range(3)]

    error = json.loads(message["text"])["error"]
    assert accepted["type"] == "websocket.accept"
    assert error["code"] == "VALIDATION_ERROR"
    assert "seconds" in error["details"][0]["problem"]
    assert (close["type"], close["code"]) == ("websocket.close", 1008)


async def test_connection_is_one_of_the_requests_in_progress(
    app: FastAPI, container: Container, admin: dict[str, str]
) -> None:
    """As long as it is open: it has no limit of its own."""
    async with silent_client(app, admin) as received:
        accepted = await received.get()
        in_progress = container.admission.in_progress()

    assert accepted["type"] == "websocket.accept"
    assert (in_progress, container.admission.in_progress()) == (1, 0)
