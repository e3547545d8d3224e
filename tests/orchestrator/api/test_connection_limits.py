"""Slow readers, long heads, many pipelined requests and many idle connections; tested with raw sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress

import pytest
from starlette.types import Receive, Scope, Send

from orchestrator.api import http_protocol, write_timer
from orchestrator.api.http_protocol import MAX_HEAD_BYTES, MAX_PIPELINED_REQUESTS, LimitedHttpProtocol
from tests.orchestrator.api.test_http_protocol import DEADLINE, REQUEST, TIMEOUT, send, serve

CHUNK = b"x" * 2 * 1024 * 1024
"""More than the buffers of a socket hold."""
CLOSING_REQUEST = REQUEST.replace(b"Host", b"Connection: close\r\nHost")
CHUNKED_REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"


class LargeResponse:
    """An application with a response of some chunks. It counts the requests."""

    def __init__(self, chunks: int) -> None:
        self.started = 0
        self.ended = asyncio.Semaphore(0)
        self._chunks = chunks

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the response."""
        self.started += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for number in range(1, self._chunks + 1):
                more = number < self._chunks
                await send({"type": "http.response.body", "body": CHUNK, "more_body": more})
        finally:
            self.ended.release()


async def connect_slow_reader(port: int, sent: bytes) -> socket.socket:
    """Open a connection with a small buffer and send bytes; nothing is read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.settimeout(0)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    await asyncio.get_running_loop().sock_sendall(connection, sent)
    return connection


async def receive_all(connection: socket.socket) -> bytes:
    """Return everything until the connection is closed or reset."""
    received = []
    with suppress(ConnectionResetError):
        while data := await asyncio.get_running_loop().sock_recv(connection, 1024 * 1024):
            received.append(data)
    return b"".join(received)


@pytest.mark.parametrize("chunks", [1, 2])
async def test_response_that_is_not_read_is_aborted(monkeypatch: pytest.MonkeyPatch, chunks: int) -> None:
    """One chunk: the application is done, and the connection is to be closed. Two: it waits for the client."""
    monkeypatch.setattr(write_timer, "WRITE_TIMEOUT_SECONDS", TIMEOUT)
    app = LargeResponse(chunks)
    lost = asyncio.Event()

    class ObservedProtocol(LimitedHttpProtocol):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            lost.set()

    async with serve(ObservedProtocol, app) as port:
        with await connect_slow_reader(port, CLOSING_REQUEST) as connection:
            async with asyncio.timeout(DEADLINE):
                await lost.wait()
                await app.ended.acquire()
                received = await receive_all(connection)

    assert len(received) < len(CHUNK)


async def test_response_that_is_read_slowly_is_not_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes longer than the time-out, but bytes are read all the time."""
    monkeypatch.setattr(write_timer, "WRITE_TIMEOUT_SECONDS", TIMEOUT)
    monkeypatch.setattr(write_timer, "MIN_WRITE_BYTES", 1)
    loop = asyncio.get_running_loop()
    async with serve(app=LargeResponse(2)) as port:
        with await connect_slow_reader(port, CLOSING_REQUEST) as connection:
            size = 0
            until = loop.time() + 3 * TIMEOUT
            async with asyncio.timeout(DEADLINE):
                while loop.time() < until:
                    size += len(await loop.sock_recv(connection, 64 * 1024))
                    await asyncio.sleep(TIMEOUT / 100)
                size += len(await receive_all(connection))

    assert size > 2 * len(CHUNK)


async def test_pipelined_request_begins_after_the_previous_response_is_read() -> None:
    """Until then it would occupy a place among the requests in progress."""
    app = LargeResponse(1)
    async with serve(app=app) as port:
        with await connect_slow_reader(port, REQUEST * 2 + CLOSING_REQUEST) as connection:
            async with asyncio.timeout(DEADLINE):
                await app.ended.acquire()
                for _ in range(10):
                    await asyncio.sleep(0)
                started = app.started
                received = await receive_all(connection)

    assert (started, app.started) == (1, 3)
    assert received.count(b"HTTP/1.1 200 OK") == 3


async def test_number_of_pipelined_requests_is_limited() -> None:
    """One request is served and the limit waits; one more aborts the connection."""
    async with serve() as port:
        served = await send(port, REQUEST * MAX_PIPELINED_REQUESTS + CLOSING_REQUEST)
        aborted = await send(port, REQUEST * (MAX_PIPELINED_REQUESTS + 1) + CLOSING_REQUEST)

    assert (served.count(b" 204 "), aborted) == (MAX_PIPELINED_REQUESTS + 1, b"")


LONG = b"x" * MAX_HEAD_BYTES
LONG_HEADS = {
    "URL": [REQUEST.replace(b" / ", b" /" + LONG + b" ")],
    "header": [REQUEST.replace(b"Host: x", b"X: " + LONG)],
    "headers": [REQUEST.replace(b"Host: x", b"Host: x" + b"\r\nX-Header: 12345678" * (MAX_HEAD_BYTES // 16))],
    "incomplete URL": [b"GET /" + LONG],
    "incomplete header": [b"GET / HTTP/1.1\r\nX: " + LONG],
    "empty lines": [b"\r\n" * (MAX_HEAD_BYTES // 2 + 1)],
    "trailer": [CHUNKED_REQUEST, b"X: " + LONG],
    "trailers": [CHUNKED_REQUEST + b"X-Trailer: 1234567\r\n" * (MAX_HEAD_BYTES // 16)],
    "second request": [REQUEST, b"GET / HTTP/1.1\r\nX: " + LONG],
}


@pytest.mark.parametrize("parts", LONG_HEADS.values(), ids=list(LONG_HEADS))
async def test_head_that_is_too_long_is_rejected(parts: list[bytes]) -> None:
    """431 in the format of errors, whether the head is complete or not, and the connection is closed."""
    async with serve() as port:
        received = await send(port, *parts)

    head, _, body = received[received.index(b"HTTP/1.1 431 ") :].partition(b"\r\n\r\n")
    error = json.loads(body)["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert str(MAX_HEAD_BYTES) in error["message"]
    assert error["correlation_id"].encode() in head


async def test_header_below_the_limit_and_long_bodies_are_served() -> None:
    """Only the head is limited, and each head by itself."""
    long_header = b"Host: x\r\nX: " + LONG[:-100]
    body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (4 * len(LONG)) + 4 * LONG
    async with serve() as port:
        served = await send(
            port,
            REQUEST.replace(b"Host: x", long_header),
            REQUEST.replace(b"Host: x", long_header),
            body,
            CLOSING_REQUEST,
        )

    assert served.count(b"TTP/1.1 204 ") == 4


async def test_longest_idle_connection_is_closed_when_nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one has just been used, so the second one is closed; the new one is served."""
    monkeypatch.setattr(http_protocol, "MIN_IDLE_SECONDS", 0)
    monkeypatch.setattr(http_protocol, "HEADER_TIMEOUT_SECONDS", 60)
    async with serve(limit_concurrency=4) as port, asyncio.timeout(DEADLINE):
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for reader, writer in (connections[1], connections[0]):
            writer.write(REQUEST)
            await reader.readuntil(b"\r\n\r\n")
        served = await send(port, CLOSING_REQUEST)
        # the third one never sent a request
        closed = await connections[2][0].read()
        served += await send(port, CLOSING_REQUEST)
        connections[0][1].write(CLOSING_REQUEST)
        served += await connections[0][0].read()
        for _, writer in connections:
            writer.close()

    assert closed == b""
    assert served.count(b"HTTP/1.1 204 ") == 3


async def test_health_checks_and_metrics_are_served_with_too_many_connections() -> None:
    """They are needed most when the service is overloaded."""
    paths = [b"/healthz", b"/readyz", b"/metrics", b"/"]
    async with serve(limit_concurrency=1) as port:
        _, idle = await asyncio.open_connection("127.0.0.1", port)
        responses = [await send(port, CLOSING_REQUEST.replace(b" / ", b" " + path + b" ")) for path in paths]
        idle.close()

    assert [response.split(b" ")[1] for response in responses] == [b"204", b"204", b"204", b"503"]


@pytest.mark.parametrize(
    "sent", [b"\0\r\n\r\n", CLOSING_REQUEST.replace(b"close", b"close, Upgrade\r\nUpgrade: x")]
)
async def test_malformed_request_writes_no_plain_text_to_the_log(
    capfd: pytest.CaptureFixture[str], sent: bytes
) -> None:
    """Lines of uvicorn are not JSON, and anybody can cause them."""
    async with serve(log_level="warning") as port:
        await send(port, sent)

    assert capfd.readouterr().err == ""
