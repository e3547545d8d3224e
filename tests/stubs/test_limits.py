"""Limits: requests that are huge or never finished, and the bounded lists of a stub."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect

from provider_verification.stubs.engine import http_limits
from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.engine.http_limits import MAX_BODY_BYTES, MAX_HEADER_BYTES
from provider_verification.stubs.engine.journal import MAX_REQUESTS, MAX_VIOLATIONS
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from tests.stubs.example_vendor import make_app

TIMEOUT = 0.3
DEADLINE = 10.0
GET = b"GET /_stub/health HTTP/1.1\r\nHost: stub\r\n\r\n"


@pytest.fixture(scope="module")
def vault_app() -> StubApp:
    """Vault's stub."""
    return create_stub_app("vault")


@pytest.fixture(params=["httptools", "h11"])
def address(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vault_app: StubApp
) -> Iterator[tuple[str, int]]:
    """Host and port of a stub with a short request timeout, on each HTTP protocol; Vault's LIST needs h11."""
    monkeypatch.setattr(http_limits, "REQUEST_TIMEOUT_SECONDS", TIMEOUT)
    vault_app.runtime.reset()
    app = make_app(tmp_path) if request.param == "httptools" else vault_app
    with run_apps([app]) as servers:
        url = urlsplit(servers.urls[app.vendor])
        yield str(url.hostname), int(url.port or 0)


def receive_all(connection: socket.socket) -> bytes:
    """Return everything until the stub closes the connection."""
    connection.settimeout(DEADLINE)
    return b"".join(iter(lambda: connection.recv(65536), b""))


def receive_response(connection: socket.socket) -> bytes:
    """Return one response with a small JSON object as its body, which can come in several parts."""
    response = b""
    while not response.endswith(b"}"):
        response += connection.recv(65536)
    return response


def send_repeatedly(connection: socket.socket, data: bytes, times: int) -> None:
    """Send data a number of times."""
    for _ in range(times):
        connection.sendall(data)


@pytest.mark.parametrize(
    "request_start",
    [
        b"",
        b"GET /items/a HT",
        b"GET /items/a HTTP/1.1\r\nHost: stub\r\n",
        b"POST /items HTTP/1.1\r\nHost: stub\r\nContent-Length: 10\r\n\r\n{",
        b"POST /items HTTP/1.1\r\nHost: stub\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ],
    ids=["nothing", "request line", "headers", "body", "chunked body"],
)
def test_unfinished_request_is_closed_after_timeout(address: tuple[str, int], request_start: bytes) -> None:
    """The connection is closed without a response, nothing is recorded, and the stub still responds."""
    with socket.create_connection(address) as connection:
        connection.sendall(request_start)
        received = receive_all(connection)

    url = f"http://{address[0]}:{address[1]}/_stub/requests"
    assert (received, httpx.get(url).json()) == (b"", [])


def test_unfinished_second_request_is_closed_after_timeout(address: tuple[str, int]) -> None:
    """The limit applies to each request of a connection."""
    with socket.create_connection(address) as connection:
        connection.sendall(GET)
        connection.settimeout(DEADLINE)
        first = receive_response(connection)
        connection.sendall(b"GET /_stub")
        rest = receive_all(connection)

    assert first.startswith(b"HTTP/1.1 200")
    assert rest == b""


def test_idle_connection_outlives_the_request_timeout(address: tuple[str, int]) -> None:
    """Between two requests only the keep-alive timeout applies."""
    with socket.create_connection(address) as connection:
        connection.sendall(GET)
        connection.settimeout(DEADLINE)
        receive_response(connection)
        connection.settimeout(2 * TIMEOUT)
        with pytest.raises(TimeoutError):
            connection.recv(65536)
        connection.settimeout(DEADLINE)
        connection.sendall(GET)

        assert receive_response(connection).startswith(b"HTTP/1.1 200")


def test_endless_headers_are_rejected(address: tuple[str, int]) -> None:
    """A client that sends headers without end is disconnected at the size limit."""
    with socket.create_connection(address) as connection:
        connection.settimeout(DEADLINE)
        connection.sendall(b"GET /items/a HTTP/1.1\r\nHost: stub\r\nX: ")
        with pytest.raises(ConnectionError):
            send_repeatedly(connection, b"x" * 16_384, 100_000)


async def test_websocket_outlives_the_request_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the handshake the limit does not apply: the vendor's own timeout does."""
    monkeypatch.setattr(http_limits, "REQUEST_TIMEOUT_SECONDS", TIMEOUT)
    with run_apps([create_stub_app("tts")]) as servers:
        url = f"{servers.urls['tts'].replace('http', 'ws')}/v1/text-to-speech/concierge/stream-input"
        async with connect(url, additional_headers={"xi-api-key": "stub-tts-key"}) as session:
            await session.send(json.dumps({"text": " "}))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(session.recv(), 2 * TIMEOUT)
            await session.send(json.dumps({"text": ""}))

            assert json.loads(await session.recv())["isFinal"] is True
        async with httpx.AsyncClient(base_url=servers.urls["tts"]) as http:
            entries = (await http.get("/_stub/requests")).json()
    assert [(entry["operation"], entry["status"]) for entry in entries] == [("streamInput", 101)]


@pytest.mark.parametrize("path", ["/items/a", "/_stub/requests"])
async def test_huge_headers_are_rejected(shop: httpx.AsyncClient, path: str) -> None:
    """Headers over the limit get 431 from the vendor's paths and the control API, and are not recorded."""
    response = await shop.get(path, headers={"X-Huge": "x" * MAX_HEADER_BYTES})

    assert response.status_code == 431
    assert (await shop.get("/_stub/requests")).json() == []


async def test_huge_control_body_is_rejected(shop: httpx.AsyncClient) -> None:
    """The control API has the same limit for bodies as the vendor's paths."""
    response = await shop.post("/_stub/faults", content=b" " * (MAX_BODY_BYTES + 1))

    assert (response.status_code, response.json()) == (
        413,
        {"detail": f"the body has more than {MAX_BODY_BYTES} bytes"},
    )


async def test_journal_is_bounded(app: StubApp, shop: httpx.AsyncClient) -> None:
    """The newest requests, the first violations, and the start of long values are kept."""
    for number in range(MAX_VIOLATIONS + 1):
        await shop.get(f"/{number}/{'x' * 1000}")

    requests = app.runtime.journal.requests
    violations = list(app.runtime.journal.violations.values())
    assert (requests.maxlen, len(requests), len(violations)) == (
        MAX_REQUESTS,
        MAX_VIOLATIONS + 1,
        MAX_VIOLATIONS,
    )
    assert max(len(violation.operation) + len(violation.requirement) for violation in violations) <= 1000
