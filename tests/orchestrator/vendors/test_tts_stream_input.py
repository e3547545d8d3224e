"""Synthesis of a text that is still being written: audio arrives in chunks, and every way it ends is reported."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.errors import (
    InvalidVendorResponse,
    NotFound,
    VendorError,
    VendorTimeout,
    VendorUnavailable,
)
from orchestrator.vendors.tts.client import TtsClient
from orchestrator.vendors.tts.stream_input import AudioChunk, ChunkAlignment

Behaviour = Callable[[ServerConnection], Coroutine[Any, Any, None]]
SHORT_TIMEOUT = CallPolicy(attempt_timeout=0.2)


@asynccontextmanager
async def connect_to_vendor(behaviour: Behaviour) -> AsyncIterator[TtsClient]:
    """A client of a vendor with this behaviour."""
    async with (
        serve(behaviour, "127.0.0.1", 0) as server,
        httpx.AsyncClient() as http,
    ):
        port = next(iter(server.sockets)).getsockname()[1]
        yield TtsClient(
            base_url=f"http://127.0.0.1:{port}", api_key=lambda: "key", http=http, policy=SHORT_TIMEOUT
        )


async def text_parts(*texts: str) -> AsyncIterator[str]:
    """The parts of a text."""
    for text in texts:
        yield text


async def collect_chunks(client: TtsClient, texts: AsyncIterator[str]) -> list[AudioChunk]:
    """All chunks of the audio."""
    async with client.stream_input(texts, voice_id="v1") as chunks:
        return [chunk async for chunk in chunks]


def audio_message(data: bytes) -> str:
    """A chunk of audio as the vendor sends it."""
    return json.dumps({"audio": base64.b64encode(data).decode()})


async def test_first_chunk_arrives_before_text_is_complete() -> None:
    """The guest hears the first words while the rest is still being written."""
    first_chunk_received = asyncio.Event()

    async def write_slowly() -> AsyncIterator[str]:
        yield "Good"
        await first_chunk_received.wait()
        yield "evening."

    async def echo(socket: ServerConnection) -> None:
        await socket.recv()
        while text := json.loads(await socket.recv())["text"]:
            await socket.send(audio_message(text.encode()))
        await socket.send('{"isFinal": true, "audio": null}')

    received = []
    async with (
        connect_to_vendor(echo) as client,
        client.stream_input(write_slowly(), voice_id="v1") as chunks,
    ):
        async for chunk in chunks:
            received.append(chunk.audio)
            first_chunk_received.set()

    assert received == [b"Good ", b"evening. "]


async def test_sent_messages_follow_vendor_protocol() -> None:
    """A space first, each text with a space at its end, an empty text last; nothing for whitespace alone."""
    sent: list[dict[str, Any]] = []

    async def listen(socket: ServerConnection) -> None:
        while not sent or sent[-1]["text"]:
            sent.append(json.loads(await socket.recv()))
        await socket.send('{"isFinal": true}')

    async with connect_to_vendor(listen) as client:
        await collect_chunks(client, text_parts("Good ", "  ", "evening."))

    assert [message["text"] for message in sent] == [" ", "Good ", "evening. ", ""]


async def _send_nothing(socket: ServerConnection) -> None:
    await socket.wait_closed()


async def _close_connection(socket: ServerConnection) -> None:
    await socket.close(1011)


async def _send_empty_object(socket: ServerConnection) -> None:
    await socket.send("{}")
    await socket.wait_closed()


async def _send_invalid_base64(socket: ServerConnection) -> None:
    await socket.send('{"audio": "?"}')
    await socket.wait_closed()


async def _send_html(socket: ServerConnection) -> None:
    await socket.send("<html>")
    await socket.wait_closed()


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (_send_nothing, VendorTimeout),
        (_close_connection, VendorUnavailable),
        (_send_empty_object, InvalidVendorResponse),
        (_send_invalid_base64, InvalidVendorResponse),
        (_send_html, InvalidVendorResponse),
    ],
)
async def test_vendor_failure_is_translated(behaviour: Behaviour, error: type[VendorError]) -> None:
    """No message, a closed connection, and invalid messages."""
    async with connect_to_vendor(behaviour) as client:
        with pytest.raises(VendorError) as raised:
            await collect_chunks(client, text_parts("Good"))

    assert type(raised.value) is error


async def test_error_in_text_source_is_raised() -> None:
    """The error of the text source is raised instead of a VendorError, and the WebSocket is closed."""
    closed = asyncio.Event()

    async def listen(socket: ServerConnection) -> None:
        await socket.wait_closed()
        closed.set()

    async def fail_after_first_part() -> AsyncIterator[str]:
        yield "Good"
        raise LookupError("the model broke off")

    async with connect_to_vendor(listen) as client:
        with pytest.raises(LookupError, match="the model broke off"):
            await collect_chunks(client, fail_after_first_part())
        await asyncio.wait_for(closed.wait(), 5)


async def test_rejected_handshake_is_translated_by_status() -> None:
    """The status of the handshake has the error class of an HTTP response."""

    def respond_404(socket: ServerConnection, _: Any) -> Any:
        return socket.respond(404, "no such path\n")

    async with (
        serve(_send_nothing, "127.0.0.1", 0, process_request=respond_404) as server,
        httpx.AsyncClient() as http,
    ):
        port = next(iter(server.sockets)).getsockname()[1]
        client = TtsClient(
            base_url=f"http://127.0.0.1:{port}", api_key=lambda: "key", http=http, policy=SHORT_TIMEOUT
        )
        with pytest.raises(NotFound):
            await collect_chunks(client, text_parts("Good"))


async def test_refused_connection_raises_vendor_unavailable() -> None:
    """Nothing listens on the port."""
    async with httpx.AsyncClient() as http:
        client = TtsClient(
            base_url="http://127.0.0.1:1", api_key=lambda: "key", http=http, policy=SHORT_TIMEOUT
        )
        with pytest.raises(VendorUnavailable):
            await collect_chunks(client, text_parts("Good"))


@pytest.mark.parametrize("name", ["charsDurationsMs", "charDurationsMs"])
def test_durations_are_read_in_either_spelling(name: str) -> None:
    """The vendor's spec and its published sessions differ."""
    alignment = ChunkAlignment.model_validate({"chars": ["H"], "charStartTimesMs": [0], name: [60]})

    assert alignment.durations == [60]
