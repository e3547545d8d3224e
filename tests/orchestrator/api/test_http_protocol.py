"""Connections whose request never becomes complete are closed; tested with raw sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from orchestrator.api import http_protocol
from orchestrator.api.http_protocol import LimitedHttpProtocol

TIMEOUT = 0.3
DEADLINE = 5.0
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def respond(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond 204 to any request, after a while to /slow; to /streaming 200 and nothing more."""
    if scope["path"] == "/streaming":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(3 * TIMEOUT)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serve(
    protocol: Any = LimitedHttpProtocol,
    app: Any = respond,
    log_level: str = "error",
    ws: Any = "none",
    **options: Any,
) -> AsyncIterator[int]:
    """Serve an application with this protocol for the duration of the block; yield the port."""
    config = uvicorn.Config(app, port=0, http=protocol, lifespan="off", log_level=log_level, ws=ws, **options)
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """The port of a server with a short time-out."""
    monkeypatch.setattr(http_protocol, "HEADER_TIMEOUT_SECONDS", TIMEOUT)
    async with serve() as port:
        yield port


@pytest.mark.parametrize("sent", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: x\r\n", REQUEST + b"GET /"])
async def test_incomplete_request_is_closed(port: int, sent: bytes) -> None:
    """Nothing at all, a part of the head, and a part of a second request on the same connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(DEADLINE):
        received = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert received.count(b"204 No Content") == sent.count(b"\r\n\r\n")


async def test_slow_head_is_closed_however_often_a_byte_arrives(port: int) -> None:
    """The limit is for the whole head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\n")
    async with asyncio.timeout(DEADLINE):
        while not reader.at_eof():
            writer.write(b"X")
            await asyncio.sleep(TIMEOUT / 10)
    writer.close()


async def test_body_that_never_arrives_is_closed_after_the_response(port: int) -> None:
    """The application responded without reading it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST.replace(b"\r\n\r\n", b"\r\nContent-Length: 1000\r\n\r\n").replace(b"GET", b"POST"))
    async with asyncio.timeout(DEADLINE):
        while not reader.at_eof():
            writer.write(b"x")
            await reader.read(1000)
    writer.close()


async def test_idle_connection_between_requests_and_slow_responses_stay_open(port: int) -> None:
    """The limit is only for a request that began."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    statuses = []
    for path in (b"/", b"/slow", b"/"):
        writer.write(REQUEST.replace(b" / ", b" " + path + b" "))
        async with asyncio.timeout(DEADLINE):
            statuses.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[1])
        await asyncio.sleep(2 * TIMEOUT)
    writer.close()
    await writer.wait_closed()

    assert statuses == [b"204"] * 3


async def test_overload_is_answered_in_the_format_of_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection more than the limit gets 503 with Retry-After, and the next one is served again."""
    monkeypatch.setattr(http_protocol, "HEADER_TIMEOUT_SECONDS", 60)
    async with serve(limit_concurrency=1) as port:
        _, first = await asyncio.open_connection("127.0.0.1", port)
        rejected = await send(port, REQUEST)
        first.close()
        await first.wait_closed()
        served = await send(port, REQUEST.replace(b"Host", b"Connection: close\r\nHost"))

    head, _, body = rejected.partition(b"\r\n\r\n")
    error = json.loads(body)["error"]
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in head.lower()
    assert (error["code"], error["retryable"]) == ("SERVICE_UNAVAILABLE", True)
    assert error["correlation_id"].encode() in head
    assert served.startswith(b"HTTP/1.1 204 ")


async def test_malformed_body_after_the_response_began_adds_no_second_response(port: int) -> None:
    """The application responded and waits for nothing; the connection is closed."""
    received = await send(
        port, b"POST /streaming HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"zz\r\n"
    )

    assert received.count(b"HTTP/1.1") == 1
    assert received.startswith(b"HTTP/1.1 200 ")


async def send(port: int, *parts: bytes) -> bytes:
    """Send each part when something was received for the previous one; return all that was received."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    async with asyncio.timeout(DEADLINE):
        for index, part in enumerate(parts):
            received += await reader.read(1) if index else b""
            writer.write(part)
        received += await reader.read()
    writer.close()
    await writer.wait_closed()
    return received


class Clients:
    """Connections that stay open until the end of the test."""

    def __init__(self) -> None:
        self._writers: list[asyncio.StreamWriter] = []

    async def request(self, port: int, address: str) -> bytes:
        """Open a connection from an address and send a request; return the status, or nothing if it is closed."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
        self._writers.append(writer)
        writer.write(REQUEST)
        async with asyncio.timeout(DEADLINE):
            try:
                line = await reader.readline()
            # closed before the request was read
            except ConnectionResetError:
                return b""
        return b"".join(line.split(b" ")[1:2])

    async def close(self, count: int) -> None:
        """Close the oldest connections."""
        for writer in self._writers[:count]:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        del self._writers[:count]


@pytest.fixture
async def clients() -> AsyncIterator[Clients]:
    """No connection yet."""
    clients = Clients()
    yield clients
    await clients.close(1000)


async def test_connections_of_one_address_are_limited(clients: Clients) -> None:
    """One too many is closed; other addresses have their own limit, and a closed connection makes room."""
    rejections: list[None] = []
    protocol = partial(
        LimitedHttpProtocol, max_connections_per_address=3, on_rejection=lambda: rejections.append(None)
    )
    async with serve(protocol) as port:
        statuses = [await clients.request(port, "127.0.0.1") for _ in range(4)]
        rejected = len(rejections)
        other_address = await clients.request(port, "127.0.0.2")
        await clients.close(1)
        async with asyncio.timeout(DEADLINE):
            while not await clients.request(port, "127.0.0.1"):
                pass

    assert (statuses, rejected) == ([b"204", b"204", b"204", b""], 1)
    assert other_address == b"204"


async def test_connections_of_a_trusted_proxy_are_not_limited(clients: Clients) -> None:
    """It stands for many clients."""
    protocol = partial(
        LimitedHttpProtocol, max_connections_per_address=1, trusted_proxies=[ip_network("127.0.0.0/8")]
    )
    async with serve(protocol) as port:
        statuses = [await clients.request(port, "127.0.0.1") for _ in range(3)]

    assert statuses == [b"204"] * 3
