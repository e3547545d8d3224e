"""Injected faults as a client sees them."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from provider_verification.stubs.engine.server import run_apps
from tests.integration.waiting import wait_until
from tests.stubs.example_vendor import KEY, make_app


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of the example vendor over a real socket."""
    with (
        run_apps([make_app(tmp_path)]) as servers,
        httpx.Client(base_url=servers.urls["shop"], headers=KEY, timeout=5) as client,
    ):
        yield client


def inject(shop: httpx.Client, **fault: object) -> None:
    """Inject a fault into the next response of `getItem`."""
    shop.post("/_stub/faults", json={"times": 1, "operation": "getItem", **fault}).raise_for_status()


def assert_responds(shop: httpx.Client) -> None:
    """Check that the stub still responds on the same address, as usual."""
    assert shop.get("/items/a").json() == {"id": "a", "price": 5}


def os_error_number(error: BaseException) -> int | None:
    """Return the number of the operating system's error that caused another error."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    return cause.errno if cause else None


def test_fault_is_injected_the_given_number_of_times(shop: httpx.Client) -> None:
    """After two errors the stub responds as usual."""
    inject(shop, kind="status", status=503, times=2)

    assert [shop.get("/items/a").status_code for _ in range(3)] == [503, 503, 200]


def test_fault_does_not_affect_other_operations(shop: httpx.Client) -> None:
    """A rule applies to its operation only."""
    inject(shop, kind="status")

    assert shop.post("/items", json={"id": "b", "price": 1}).status_code == 201


def test_status_fault_has_vendor_error_body_and_retry_after(shop: httpx.Client) -> None:
    """An injected status comes with the vendor's error body and the Retry-After of the rule."""
    inject(shop, kind="status", status=429, retry_after=7)

    response = shop.get("/items/a")

    assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert response.json()["error"] == "fault"


def test_delayed_response_exceeds_the_read_timeout(shop: httpx.Client) -> None:
    """A client that waits less than the delay times out."""
    inject(shop, kind="delay", seconds=30)

    with pytest.raises(httpx.ReadTimeout):
        shop.get("/items/a", timeout=0.2)

    assert_responds(shop)


def test_hang_closes_the_connection_without_response(shop: httpx.Client) -> None:
    """The stub waits, then closes the connection."""
    inject(shop, kind="hang", seconds=0.05)
    start = time.monotonic()

    with pytest.raises(httpx.RemoteProtocolError, match="Server disconnected without sending a response"):
        shop.get("/items/a")

    assert time.monotonic() - start >= 0.05
    assert_responds(shop)


def get_item_with_correlation_id(shop: httpx.Client, correlation_id: str) -> int | None:
    """Return the status of a response, or None if the connection was closed without one."""
    try:
        return shop.get("/items/a", headers={"X-Correlation-ID": correlation_id}, timeout=60).status_code
    except httpx.RemoteProtocolError:
        return None


@pytest.mark.parametrize(("kind", "status"), [("delay", 200), ("hang", None)])
def test_deleting_the_rule_ends_the_waiting_of_its_request(
    shop: httpx.Client, kind: str, status: int | None
) -> None:
    """A test lets a delayed request go when it has done what it wanted to do in between."""
    inject(shop, kind=kind, seconds=3600)

    with ThreadPoolExecutor() as pool:
        future = pool.submit(get_item_with_correlation_id, shop, "one")
        wait_until(lambda: shop.get("/_stub/faults").json() == [], "the request gets the fault")
        shop.delete("/_stub/faults")

        assert future.result() == status


def test_deleting_the_rules_of_a_correlation_id_leaves_the_others(shop: httpx.Client) -> None:
    """Of two requests that wait, one is let go."""
    for correlation_id in ("one", "two"):
        inject(shop, kind="delay", seconds=3600, correlation_id=correlation_id)

    with ThreadPoolExecutor() as pool:
        one, two = (pool.submit(get_item_with_correlation_id, shop, name) for name in ("one", "two"))
        wait_until(lambda: shop.get("/_stub/faults").json() == [], "both requests get their fault")
        shop.delete("/_stub/faults", params={"correlation_id": "two"})

        assert two.result() == 200
        assert not one.done()
        shop.delete("/_stub/faults")
        assert one.result() == 200


def test_reset_fault_resets_the_connection(shop: httpx.Client) -> None:
    """The client gets a TCP reset instead of a response."""
    inject(shop, kind="reset")

    with pytest.raises(httpx.ReadError) as error:
        shop.get("/items/a")

    assert os_error_number(error.value) == errno.ECONNRESET
    assert_responds(shop)


def test_truncated_body_is_shorter_than_its_content_length(shop: httpx.Client) -> None:
    """The stub closes the connection after half of the body."""
    inject(shop, kind="truncate")

    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes, expected 20"):
        shop.get("/items/a")

    assert_responds(shop)


def test_malformed_body_is_not_json(shop: httpx.Client) -> None:
    """The body is complete but cannot be parsed."""
    inject(shop, kind="malformed")

    with pytest.raises(ValueError, match="Expecting"):
        shop.get("/items/a").json()


def test_drop_removes_only_the_given_field(shop: httpx.Client) -> None:
    """The other fields of the body stay."""
    inject(shop, kind="drop", field="/price")

    assert shop.get("/items/a").json() == {"id": "a"}


def test_dripped_body_is_slow_and_complete(shop: httpx.Client) -> None:
    """The body comes in chunks of 64 bytes, with the pause of the rule after each."""
    shop.post("/items", json={"id": "x" * 300, "price": 1})
    inject(shop, kind="drip", seconds=0.02)
    started = time.monotonic()

    response = shop.get(f"/items/{'x' * 300}")

    assert response.json()["price"] == 1
    assert time.monotonic() - started >= 0.08


def test_wrong_shape_is_json_of_another_type(shop: httpx.Client) -> None:
    """The body is complete and valid JSON, but an array instead of an object."""
    inject(shop, kind="wrong_shape")

    assert shop.get("/items/a").json() == [{"id": "a", "price": 5}]


def test_html_fault_is_a_successful_response_with_a_page(shop: httpx.Client) -> None:
    """A proxy responds in place of the vendor."""
    inject(shop, kind="html")

    response = shop.get("/items/a")

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.text.startswith("<!doctype html>")


def test_empty_fault_is_a_successful_response_without_body(shop: httpx.Client) -> None:
    """The response has neither a body nor a media type."""
    inject(shop, kind="empty")

    response = shop.get("/items/a")

    assert (response.status_code, response.content) == (200, b"")
    assert "content-type" not in response.headers


@pytest.mark.parametrize(
    ("status", "created"), [(401, False), (403, False), (429, False), (500, True), (503, True)]
)
def test_rejection_has_no_effect_and_outage_may_have_one(
    shop: httpx.Client,
    status: int,
    created: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A vendor checks credentials and limits first; an error of its own can come after the effect."""
    inject(shop, kind="status", status=status, operation="*")

    assert shop.post("/items", json={"id": "b", "price": 1}).status_code == status

    assert (shop.get("/items/b").status_code == 200) is created


def test_fault_of_a_correlation_id_does_not_affect_other_requests(shop: httpx.Client) -> None:
    """Tests that run at the same time each get their own faults."""
    inject(shop, kind="status", correlation_id="mine")

    others = shop.get("/items/a", headers={"X-Correlation-ID": "of-another-test"})
    mine = shop.get("/items/a", headers={"X-Correlation-ID": "mine"})

    assert (others.status_code, mine.status_code) == (200, 503)
