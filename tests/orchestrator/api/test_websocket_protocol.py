"""A client of a WebSocket that does not read or sends many frames; tested with a raw socket."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from starlette.types import Receive, Scope, Send

from orchestrator.api import write_timer
from orchestrator.api.http_protocol import LimitedHttpProtocol
from orchestrator.api.websocket_protocol import RECEIVE_BUFFER_BYTES, LimitedWebSocketProtocol
from tests.orchestrator.api.test_connection_limits import CHUNK, connect_slow_reader
from tests.orchestrator.api.test_http_protocol import DEADLINE, TIMEOUT, serve

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.mark.parametrize("messages", [1, 2])
async def test_connection_whose_messages_are_not_read_is_aborted(
    monkeypatch: pytest.MonkeyPatch, messages: int
) -> None:
    """One message: the application is done, and the connection is to be closed. Two: it waits for the client."""
    monkeypatch.setattr(write_timer, "WRITE_TIMEOUT_SECONDS", TIMEOUT)
    ended, lost = asyncio.Event(), asyncio.Event()

    async def send_much(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            for _number in range(messages):
                await send({"type": "websocket.send", "bytes": CHUNK})
        finally:
            ended.set()

    class ObservedProtocol(LimitedWebSocketProtocol):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            lost.set()

    async with serve(app=send_much, ws=ObservedProtocol) as port:
        with await connect_slow_reader(port, HANDSHAKE):
            async with asyncio.timeout(DEADLINE):
                await lost.wait()
                await ended.wait()


async def test_few_frames_are_read_at_once() -> None:
    """Of pings, which are not passed on to the application: all of a read are answered before other clients are served."""
    pings = b"\x89\x80\0\0\0\0" * 30_000
    sizes: list[int] = []
    is_received = asyncio.Event()

    async def accept(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()

    class ObservedProtocol(LimitedWebSocketProtocol):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            sizes.append(len(data))
            if sum(sizes) >= len(pings):
                is_received.set()

    async with asyncio.timeout(DEADLINE), serve(app=accept, ws=ObservedProtocol) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(pings)
        await is_received.wait()
        writer.transport.abort()

    assert max(sizes) <= 4 * RECEIVE_BUFFER_BYTES


async def test_text_that_is_not_utf_8_ends_the_connection_without_a_traceback(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The close code is 1007; the application sees a client that has gone."""
    events: list[str] = []

    async def accept(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        events.append((await receive())["type"])

    async with asyncio.timeout(DEADLINE), serve(app=accept, ws=LimitedWebSocketProtocol) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x81\x83\0\0\0\0\xed\xa0\x80")  # a lone surrogate
        close = await reader.readexactly(4)
        writer.close()

    assert (close, events) == (b"\x88\x02" + (1007).to_bytes(2, "big"), ["websocket.disconnect"])
    assert capfd.readouterr() == ("", "")


async def test_websockets_count_as_connections_of_their_address() -> None:
    """Otherwise each upgrade would make room for another connection."""
    rejections: list[None] = []
    protocol = partial(
        LimitedHttpProtocol, max_connections_per_address=2, on_rejection=lambda: rejections.append(None)
    )

    async def accept(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()

    async with asyncio.timeout(DEADLINE), serve(protocol, accept, ws=LimitedWebSocketProtocol) as port:
        writers = []
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HANDSHAKE)
            await reader.readuntil(b"\r\n\r\n")
            writers.append(writer)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        received = await reader.read()
        for each in (*writers, writer):
            each.close()

    assert (received, len(rejections)) == (b"", 1)
