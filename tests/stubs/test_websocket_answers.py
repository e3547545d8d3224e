"""The four answers of a WebSocket: served, denied by the vendor, served without what the vendor ignores, or not modelled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.sdk import NotModelled, WebSocketSession
from tests.stubs.example_vendor import make_stub
from tests.stubs.indexed_shop import make_shop

DEADLINE_SECONDS = 20.0


def test_websocket_that_the_stub_lacks_is_denied_with_501(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The handshake gets the response that HTTP requests get, and the server logs nothing."""
    with run_apps([make_shop(tmp_path)]) as servers:
        url = servers.urls["shop"]
        with pytest.raises(InvalidStatus) as raised, connect(f"{url.replace('http', 'ws', 1)}/prices/7"):
            pass
        [violation] = httpx.get(f"{url}/_stub/violations").json()

    assert raised.value.response.status_code == 501
    assert json.loads(raised.value.response.body or b"")["lacks"] == "the operation WEBSOCKET /prices/{id}"
    assert (violation["kind"], violation["operation"]) == ("not_modelled", "WEBSOCKET /prices/{id}")
    assert capfd.readouterr() == ("", "")


def test_handshake_with_something_that_the_stub_lacks_is_denied_with_501(tmp_path: Path) -> None:
    """The check of a handshake may find a gap, too."""
    stub = make_stub()

    def check(_state: Any, query: Mapping[str, str]) -> None:
        raise NotModelled(f"the codec {query['codec']}", ("query", "codec"))

    @stub.websocket("prices", "/prices/{id}", messages="item.json", check_handshake=check)
    async def prices(_session: WebSocketSession) -> None:
        return

    with run_apps([make_shop(tmp_path, stub)]) as servers:
        url = servers.urls["shop"]
        with (
            pytest.raises(InvalidStatus) as raised,
            connect(f"{url.replace('http', 'ws', 1)}/prices/7?codec=opus"),
        ):
            pass
        [violation] = httpx.get(f"{url}/_stub/violations").json()

    assert raised.value.response.status_code == 501
    assert (violation["kind"], violation["operation"], violation["where"]) == (
        "not_modelled",
        "prices",
        "query.codec",
    )


def test_parameter_of_a_websocket_that_the_vendor_lacks_is_recorded(tmp_path: Path) -> None:
    """The connection is served as without it."""
    stub = make_stub()

    @stub.websocket("prices", "/prices/{id}", messages="item.json", query=["format"])
    async def prices(session: WebSocketSession) -> None:
        await session.close()

    with run_apps([make_shop(tmp_path, stub)]) as servers:
        url = servers.urls["shop"]
        with connect(f"{url.replace('http', 'ws', 1)}/prices/7?format=x&fromat=y") as socket:
            received_until_close(socket)
        violations = httpx.get(f"{url}/_stub/violations").json()

    assert socket.close_code == 1000
    assert [(violation["kind"], violation["where"]) for violation in violations] == [
        ("unknown_parameter", "query.fromat")
    ]


def test_parameter_of_a_websocket_that_the_stub_lacks_is_denied_with_501(tmp_path: Path) -> None:
    """The index has `format`, and the stub does not model it."""
    stub = make_stub()

    @stub.websocket("prices", "/prices/{id}", messages="item.json")
    async def prices(_session: WebSocketSession) -> None:
        return

    with run_apps([make_shop(tmp_path, stub)]) as servers:
        url = servers.urls["shop"]
        with (
            pytest.raises(InvalidStatus) as raised,
            connect(f"{url.replace('http', 'ws', 1)}/prices/7?format=x"),
        ):
            pass
        [violation] = httpx.get(f"{url}/_stub/violations").json()

    assert json.loads(raised.value.response.body or b"")["lacks"] == "the query parameter 'format' of prices"
    assert (violation["kind"], violation["where"]) == ("not_modelled", "query.format")


def received_until_close(socket: ClientConnection) -> list[str | bytes]:
    """Return the messages that come before the server closes the connection."""
    messages = []
    with suppress(ConnectionClosed):
        while True:
            messages.append(socket.recv(timeout=DEADLINE_SECONDS))
    return messages


@pytest.mark.parametrize(("error", "code"), [(NotModelled("binary audio"), 4501), (KeyError("x"), 1011)])
def test_websocket_handler_that_cannot_go_on_closes_the_connection(
    tmp_path: Path, error: Exception, code: int
) -> None:
    """4501 for what the stub lacks, 1011 for a defect; never a traceback or silence."""
    stub = make_stub()

    @stub.websocket("prices", "/prices/{id}", messages="item.json")
    async def prices(_session: WebSocketSession) -> None:
        raise error

    with run_apps([make_shop(tmp_path, stub)]) as servers:
        url = servers.urls["shop"]
        with connect(f"{url.replace('http', 'ws', 1)}/prices/7") as socket:
            messages = received_until_close(socket)
        defects = httpx.get(f"{url}/_stub/defects").json()
        violations = httpx.get(f"{url}/_stub/violations").json()

    assert socket.close_code == code
    assert [json.loads(message)["lacks"] for message in messages] == (
        ["binary audio"] if code == 4501 else []
    )
    assert [defect["message"] for defect in defects] == (["KeyError('x')"] if code == 1011 else [])
    assert [violation["requires"] for violation in violations] == (
        ["the stub lacks binary audio"] if code == 4501 else []
    )


def test_text_that_is_not_utf_8_ends_the_connection_without_a_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A lone surrogate that was encoded all the same: the close code is 1007."""
    stub = make_stub()

    @stub.websocket("prices", "/prices/{id}", messages="item.json")
    async def prices(session: WebSocketSession) -> None:
        await session.receive(lambda _: "item")

    with run_apps([make_shop(tmp_path, stub)]) as servers:
        with connect(f"{servers.urls['shop'].replace('http', 'ws', 1)}/prices/7") as socket:
            socket.send(b"\xed\xa0\x80", text=True)
            received_until_close(socket)
        defects = httpx.get(f"{servers.urls['shop']}/_stub/defects").json()

    assert (socket.close_code, defects) == (1007, [])
    assert capfd.readouterr() == ("", "")
