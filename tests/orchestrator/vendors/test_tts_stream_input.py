"""Live speech: words go in as they are written, audio comes out piece by piece, and every end is told."""

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
from orchestrator.vendors.tts.stream_input import AudioChunk

Behaviour = Callable[[ServerConnection], Coroutine[Any, Any, None]]
IMPATIENT = CallPolicy(attempt_timeout=0.2)


@asynccontextmanager
async def vendor(behaviour: Behaviour) -> AsyncIterator[TtsClient]:
    """A client of a vendor that behaves so."""
    async with (
        serve(behaviour, "127.0.0.1", 0) as server,
        httpx.AsyncClient() as http,
    ):
        port = next(iter(server.sockets)).getsockname()[1]
        yield TtsClient(base_url=f"http://127.0.0.1:{port}", api_key="key", http=http, policy=IMPATIENT)


async def words(*texts: str) -> AsyncIterator[str]:
    """A text as it is written."""
    for text in texts:
        yield text


async def spoken(client: TtsClient, texts: AsyncIterator[str]) -> list[AudioChunk]:
    """All pieces."""
    async with client.stream_input(texts, voice_id="v1") as pieces:
        return [piece async for piece in pieces]


def audio(data: bytes) -> str:
    """A piece as the vendor sends it."""
    return json.dumps({"audio": base64.b64encode(data).decode()})


async def test_a_piece_comes_before_the_text_has_ended() -> None:
    """The guest hears the first words while the rest is still being thought of."""
    heard = asyncio.Event()

    async def slowly() -> AsyncIterator[str]:
        yield "Good"
        await heard.wait()
        yield "evening."

    async def echo(socket: ServerConnection) -> None:
        await socket.recv()
        while text := json.loads(await socket.recv())["text"]:
            await socket.send(audio(text.encode()))
        await socket.send('{"isFinal": true, "audio": null}')

    pieces = []
    async with vendor(echo) as client, client.stream_input(slowly(), voice_id="v1") as arriving:
        async for piece in arriving:
            pieces.append(piece.audio)
            heard.set()

    assert pieces == [b"Good ", b"evening. "]


async def test_what_is_sent_is_what_the_vendor_requires() -> None:
    """A blank first, each text with a blank at its end, an empty text last; nothing for blanks alone."""
    sent: list[dict[str, Any]] = []

    async def listen(socket: ServerConnection) -> None:
        while not sent or sent[-1]["text"]:
            sent.append(json.loads(await socket.recv()))
        await socket.send('{"isFinal": true}')

    async with vendor(listen) as client:
        await spoken(client, words("Good ", "  ", "evening."))

    assert [message["text"] for message in sent] == [" ", "Good ", "evening. ", ""]


async def _silent(socket: ServerConnection) -> None:
    await socket.wait_closed()


async def _hangs_up(socket: ServerConnection) -> None:
    await socket.close(1011)


async def _nonsense(socket: ServerConnection) -> None:
    await socket.send("{}")
    await socket.wait_closed()


async def _no_base64(socket: ServerConnection) -> None:
    await socket.send('{"audio": "?"}')
    await socket.wait_closed()


async def _no_json(socket: ServerConnection) -> None:
    await socket.send("<html>")
    await socket.wait_closed()


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (_silent, VendorTimeout),
        (_hangs_up, VendorUnavailable),
        (_nonsense, InvalidVendorResponse),
        (_no_base64, InvalidVendorResponse),
        (_no_json, InvalidVendorResponse),
    ],
)
async def test_a_vendor_that_fails_is_told(behaviour: Behaviour, error: type[VendorError]) -> None:
    """Silence, a connection that ends, and what is no message."""
    async with vendor(behaviour) as client:
        with pytest.raises(VendorError) as raised:
            await spoken(client, words("Good"))

    assert type(raised.value) is error


async def test_a_text_that_fails_is_not_the_vendor_s_fault() -> None:
    """Whoever writes the text broke off: their error comes out, and the socket is closed."""
    closed = asyncio.Event()

    async def listen(socket: ServerConnection) -> None:
        await socket.wait_closed()
        closed.set()

    async def failing() -> AsyncIterator[str]:
        yield "Good"
        raise LookupError("the model broke off")

    async with vendor(listen) as client:
        with pytest.raises(LookupError, match="the model broke off"):
            await spoken(client, failing())
        await asyncio.wait_for(closed.wait(), 5)


async def test_a_refused_handshake_is_read_by_its_status() -> None:
    """As any other answer."""

    def not_here(socket: ServerConnection, _: Any) -> Any:
        return socket.respond(404, "no such path\n")

    async with (
        serve(_silent, "127.0.0.1", 0, process_request=not_here) as server,
        httpx.AsyncClient() as http,
    ):
        port = next(iter(server.sockets)).getsockname()[1]
        client = TtsClient(base_url=f"http://127.0.0.1:{port}", api_key="key", http=http, policy=IMPATIENT)
        with pytest.raises(NotFound):
            await spoken(client, words("Good"))


async def test_nobody_there_is_an_unavailable_vendor() -> None:
    """Nothing listens."""
    async with httpx.AsyncClient() as http:
        client = TtsClient(base_url="http://127.0.0.1:1", api_key="key", http=http, policy=IMPATIENT)
        with pytest.raises(VendorUnavailable):
            await spoken(client, words("Good"))
