"""Faults on the wire: what a client of a broken vendor meets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from provider_verification.stubs.engine.server import run_apps
from tests.stubs.example_vendor import KEY, make_app


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of the made-up vendor on a real socket."""
    with (
        run_apps([make_app(tmp_path)]) as servers,
        httpx.Client(base_url=servers.urls["shop"], headers=KEY, timeout=5) as client,
    ):
        yield client


def inject(shop: httpx.Client, **fault: object) -> None:
    """Tell the stub to play a fault once."""
    shop.post("/_stub/faults", json={"times": 1, "operation": "getItem", **fault}).raise_for_status()


def test_a_fault_is_played_as_often_as_asked(shop: httpx.Client) -> None:
    """Twice an error, then the item again."""
    inject(shop, kind="status", status=503, times=2)

    assert [shop.get("/items/a").status_code for _ in range(3)] == [503, 503, 200]


def test_a_fault_is_for_its_operation_only(shop: httpx.Client) -> None:
    """Another operation does not meet it."""
    inject(shop, kind="status")

    assert shop.post("/items", json={"id": "b", "price": 1}).status_code == 201


def test_a_status_comes_with_the_vendor_s_error_body(shop: httpx.Client) -> None:
    """And with Retry-After when it is asked for."""
    inject(shop, kind="status", status=429, retry_after=7)

    answer = shop.get("/items/a")

    assert (answer.status_code, answer.headers["retry-after"], answer.json()["error"]) == (429, "7", "fault")


def test_a_delayed_answer_comes_late(shop: httpx.Client) -> None:
    """A client that does not wait that long times out."""
    inject(shop, kind="delay", seconds=30)

    with pytest.raises(httpx.ReadTimeout):
        shop.get("/items/a", timeout=0.2)


def test_a_hanging_request_gets_no_answer(shop: httpx.Client) -> None:
    """The connection ends without a byte."""
    inject(shop, kind="hang", seconds=0.05)

    with pytest.raises(httpx.TransportError):
        shop.get("/items/a")


def test_a_reset_connection(shop: httpx.Client) -> None:
    """The connection breaks instead of an answer."""
    inject(shop, kind="reset")

    with pytest.raises(httpx.TransportError):
        shop.get("/items/a")


def test_a_truncated_body(shop: httpx.Client) -> None:
    """The body ends before its length."""
    inject(shop, kind="truncate")

    with pytest.raises(httpx.RemoteProtocolError):
        shop.get("/items/a")


def test_a_malformed_body(shop: httpx.Client) -> None:
    """It is no JSON."""
    inject(shop, kind="malformed")

    with pytest.raises(ValueError, match="Expecting"):
        shop.get("/items/a").json()


def test_a_dropped_field(shop: httpx.Client) -> None:
    """It is missing, the rest is there."""
    inject(shop, kind="drop", field="/price")

    assert shop.get("/items/a").json() == {"id": "a"}


def test_a_dripping_body_is_whole(shop: httpx.Client) -> None:
    """It comes in pieces, slowly, and complete."""
    shop.post("/items", json={"id": "x" * 300, "price": 1})
    inject(shop, kind="drip", seconds=0.02)
    started = time.monotonic()

    answer = shop.get(f"/items/{'x' * 300}")

    assert answer.json()["price"] == 1
    assert time.monotonic() - started >= 0.08
