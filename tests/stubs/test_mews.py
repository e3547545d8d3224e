"""State and rejections of Mews's stub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.vendors.mews.rows import fake_guid
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN

CREDENTIALS = {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN, "Client": "test 1.0"}
IDS = [fake_guid(256 + number) for number in range(5)]


@pytest.fixture
def mews() -> Iterator[httpx.Client]:
    """A running stub with five confirmed reservations."""
    with (
        run_apps([create_stub_app("mews")]) as servers,
        httpx.Client(base_url=servers.urls["mews"]) as client,
    ):
        for reservation_id in IDS:
            params = {"id": reservation_id, "state": "Confirmed"}
            state = {"state": "a reservation", "params": params}
            client.post("/_stub/states", json=state).raise_for_status()
        yield client


def post(mews: httpx.Client, operation: str, **body: Any) -> httpx.Response:
    """Send a request with valid credentials to an operation."""
    return mews.post(f"/api/connector/v1/{operation}", json=CREDENTIALS | body)


def list_reservations(mews: httpx.Client, **body: Any) -> dict[str, Any]:
    """Return a page of reservations."""
    page: dict[str, Any] = post(mews, "reservations/getAll/2023-06-06", **body).json()
    return page


def test_second_cancellation_is_rejected(mews: httpx.Client) -> None:
    """A cancelled reservation is listed as such and cannot be cancelled again."""
    cancel = {"ReservationIds": IDS[:1], "Notes": ""}
    statuses = [post(mews, "reservations/cancel", **cancel).status_code for _ in range(2)]

    page = list_reservations(mews, States=["Canceled"], Limitation={"Count": 10})

    assert statuses == [200, 403]
    assert [reservation["Id"] for reservation in page["Reservations"]] == IDS[:1]


def test_cancellation_with_unknown_id_cancels_nothing(mews: httpx.Client) -> None:
    """Cancellation is atomic."""
    response = post(mews, "reservations/cancel", ReservationIds=[IDS[0], fake_guid(999)], Notes="")

    page = list_reservations(mews, States=["Canceled"], Limitation={"Count": 10})

    assert (response.status_code, page["Reservations"]) == (400, [])


def test_cursor_continues_after_the_last_row(mews: httpx.Client) -> None:
    """The cursor is the last row's id; after the last page it is null and there are no rows."""
    pages: list[list[str]] = []
    cursor = None
    for _ in range(4):
        page = list_reservations(mews, Limitation={"Count": 2, "Cursor": cursor})
        pages.append([reservation["Id"] for reservation in page["Reservations"]])
        cursor = page["Cursor"]

    assert (pages, cursor) == ([IDS[:2], IDS[2:4], IDS[4:], []], None)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"AccessToken": "another"}, 401),
        ({"ClientToken": ""}, 400),
        ({"Limitation": {"Count": 0}}, 400),
        ({"Limitation": {"Count": 1001}}, 400),
        ({"ReservationIds": []}, 400),
        ({"ReservationIds": ["4711"]}, 400),
        ({"Extent": {}}, 400),
    ],
)
def test_invalid_request_is_rejected(mews: httpx.Client, change: dict[str, Any], status: int) -> None:
    """Mews has one error body: a message and no code."""
    response = post(mews, "reservations/getAll/2023-06-06", **{"Limitation": {"Count": 1}, **change})

    assert response.status_code == status
    assert response.json().keys() == {"Message", "RequestId", "Details"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/connector/v1/customers/getAll/2023-06-06", 404),
        ("/api/connector/v1/configuration/get/", 404),
        ("/api/connector/v1/reservations/getAll", 501),
    ],
)
def test_unknown_path_returns_404(mews: httpx.Client, path: str, status: int) -> None:
    """Paths match exactly; the undated list of reservations is another operation, which the stub does not model."""
    assert mews.post(path, json=CREDENTIALS).status_code == status


def test_get_returns_404(mews: httpx.Client) -> None:
    """Mews takes POST only."""
    assert mews.get("/api/connector/v1/configuration/get").status_code == 404
