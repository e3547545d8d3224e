"""Limits of a WebSocket for speech: its time, its messages and the work that each causes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI

from orchestrator.api.routes import live_speech
from orchestrator.container import Container
from orchestrator.speech.service import SpeechService
from orchestrator.speech.timed_audio import TimedAudio

DEADLINE = 20.0
Messages = asyncio.Queue[MutableMapping[str, Any]]


@asynccontextmanager
async def client_of(app: FastAPI, headers: dict[str, str], *texts: str) -> AsyncIterator[Messages]:
    """Connect to /tts/stream, send pieces of text at once and then nothing; yield what is received."""
    sent: Messages = asyncio.Queue()
    events = _connect_events(*texts)
    serving = asyncio.create_task(app(_scope(headers), events.get, sent.put))
    yield sent
    events.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await serving


def _scope(headers: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "websocket",
        "path": "/tts/stream",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }


def _connect_events(*texts: str) -> Messages:
    events: Messages = asyncio.Queue()
    events.put_nowait({"type": "websocket.connect"})
    for text in texts:
        events.put_nowait({"type": "websocket.receive", "text": json.dumps({"text": text})})
    return events


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

    async with client_of(app, admin) as received:
        accepted, message, close = [await received.get() for _ in range(3)]

    error = json.loads(message["text"])["error"]
    assert accepted["type"] == "websocket.accept"
    assert error["code"] == "VALIDATION_ERROR"
    assert "seconds" in error["details"][0]["problem"]
    assert (close["type"], close["code"]) == ("websocket.close", 1008)


async def test_client_that_does_not_read_the_error_is_left(
    app: FastAPI, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error cannot be sent, so the route ends without it; the server aborts the connection."""
    monkeypatch.setattr(live_speech, "MAX_STREAM_SECONDS", 0.0)
    monkeypatch.setattr(live_speech, "MAX_CLOSE_SECONDS", 0.0)
    accepted: Messages = asyncio.Queue(1)

    async with asyncio.timeout(DEADLINE):
        await app(_scope(admin), _connect_events().get, accepted.put)

    assert accepted.get_nowait()["type"] == "websocket.accept"


async def test_open_websockets_take_no_place_among_the_requests(
    app: FastAPI, container: Container, admin: dict[str, str]
) -> None:
    """They have a limit of their own, beyond which the handshake gets 503; a closed one makes room."""
    count = container.settings.limits.max_websockets_per_client

    async with asyncio.timeout(DEADLINE), AsyncExitStack() as open_sockets:
        for _ in range(count):
            received = await open_sockets.enter_async_context(client_of(app, admin))
            assert (await received.get())["type"] == "websocket.accept"
        numbers = (container.admission.in_progress(), container.websocket_admission.in_progress())
        async with client_of(app, admin) as received:
            start, body = [await received.get() for _ in range(2)]

    async with asyncio.timeout(DEADLINE), client_of(app, admin) as received:
        last = await received.get()

    assert numbers == (0, count)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 503)
    assert (b"retry-after", b"1") in start["headers"]
    assert json.loads(body["body"])["error"]["code"] == "SERVICE_UNAVAILABLE"
    assert last["type"] == "websocket.accept"
    assert container.websocket_admission.in_progress() == 0


async def test_empty_pieces_count_towards_the_limit_of_the_text(
    app: FastAPI, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise their number has no limit."""
    monkeypatch.setattr(live_speech, "MAX_STREAM_LENGTH", 10)

    async with asyncio.timeout(DEADLINE), client_of(app, admin, "five ", *[""] * 6) as received:
        _, message, close = [await received.get() for _ in range(3)]

    assert "characters in all pieces" in json.loads(message["text"])["error"]["details"][0]["problem"]
    assert close["code"] == 1008


async def test_only_the_new_piece_is_searched_for_the_end_of_a_word(
    app: FastAPI, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the word is that has begun; the vendor gets it as one."""
    searched: list[str] = []
    spoken: asyncio.Queue[str] = asyncio.Queue()
    split = live_speech._split_at_last_word  # noqa: SLF001 - the work per message

    def record(text: str) -> tuple[str, str]:
        searched.append(text)
        return split(text)

    async def speak(_: SpeechService, texts: AsyncIterator[str], *__: object, **___: object) -> Any:
        async for text in texts:
            spoken.put_nowait(text)
        yield TimedAudio(b"")

    monkeypatch.setattr(live_speech, "_split_at_last_word", record)
    monkeypatch.setattr(SpeechService, "stream_pieces", speak)
    pieces = ["Good", "", " eve", "ni", "ng. Y", "es "]

    async with asyncio.timeout(DEADLINE), client_of(app, admin, *pieces):
        texts = [await spoken.get() for _ in range(3)]

    assert searched == pieces
    assert texts == ["Good ", "evening. ", "Yes "]


async def test_other_clients_are_served_between_messages_that_have_arrived(
    app: FastAPI, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event loop runs other tasks at least once for each of them."""
    count, passes = 500, 0
    monkeypatch.setattr(live_speech, "MAX_STREAM_LENGTH", count)

    async def count_passes() -> None:
        nonlocal passes
        while True:
            passes += 1
            await asyncio.sleep(0)

    async with asyncio.timeout(DEADLINE), client_of(app, admin, *["x"] * (count + 1)) as received:
        await received.get()
        other = asyncio.create_task(count_passes())
        await received.get()
        other.cancel()

    assert passes >= count
