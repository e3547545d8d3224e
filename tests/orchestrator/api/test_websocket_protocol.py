"""A client of a WebSocket that does not read; tested with a raw socket."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from orchestrator.api import write_timer
from orchestrator.api.websocket_protocol import LimitedWebSocketProtocol
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
