"""Requests as bytes: those that no client sends, and heads that are too long."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.broker.broker_process import run_broker


@pytest.fixture(scope="module")
def open_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.URL]:
    """The URL of an open broker, one for all tests."""
    with run_broker(tmp_path_factory.mktemp("broker") / "b.sqlite") as url:
        yield httpx.URL(url)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /environments?name=\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /pacticipants?\xed\xa0\x80=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /pacts/latest HTTP/1.1\r\nHost: [\r\n\r\n",
        b"GET /pacts/latest HTTP/1.1\r\nHost: \xff\r\n\r\n",
        b"GET /pacts/latest HTTP/1.0\r\n\r\n",
        b"GET http://evil.example/pacts/latest HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /pacticipants/\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
        b"POST /pacticipants HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)  # fmt: skip
def test_request_that_no_client_sends_is_no_server_error(open_url: httpx.URL, request_bytes: bytes) -> None:
    """It is answered or closed, and the next request is answered."""
    with socket.create_connection((open_url.host, open_url.port or 0), timeout=15) as connection:
        connection.sendall(request_bytes)
        status_line = connection.recv(12)

    assert not status_line.startswith(b"HTTP/1.1 5")
    assert httpx.get(open_url).status_code == 200


@pytest.mark.parametrize("head", [b"GET /", b"GET / HTTP/1.1\r\nX: "], ids=["URL", "header"])
def test_head_without_end_is_refused(open_url: httpx.URL, head: bytes) -> None:
    """The memory of a connection is bounded; the next request is answered."""
    with socket.create_connection((open_url.host, open_url.port or 0), timeout=15) as connection:
        connection.sendall(head + b"a" * 65_000)
        # less than the rest of a segment: a server that closes with unread bytes resets the connection
        connection.sendall(b"a" * 1000)
        answer = connection.recv(1000)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"The head of the request has more than 65536 bytes." in answer
    assert httpx.get(open_url).status_code == 200


def test_head_with_too_many_headers_is_refused_also_if_it_arrives_at_once(open_url: httpx.URL) -> None:
    """The request is not handled, although it is complete."""
    headers = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(66))
    request = b"POST /pacticipants HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 13\r\n"
    with socket.create_connection((open_url.host, open_url.port or 0), timeout=15) as connection:
        connection.sendall(request + headers + b'\r\n{"name": "A"}')
        answer = connection.recv(1000)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"The head of the request has more than 65536 bytes." in answer
    assert httpx.get(open_url.join("/pacticipants")).json()["pacticipants"] == []


def test_long_head_within_the_limit_is_accepted(open_url: httpx.URL) -> None:
    """Each part of it may arrive by itself."""
    with socket.create_connection((open_url.host, open_url.port or 0), timeout=15) as connection:
        for part in (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X: " + b"a" * 30_000, b"\r\n\r\n"):
            connection.sendall(part)
        answer = connection.recv(12)

    assert answer == b"HTTP/1.1 200"
