"""Mews's stub is right on the second call too, and refuses as Mews does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN, fake_guid

CREDENTIALS = {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN, "Client": "test 1.0"}
IDS = [fake_guid(256 + number) for number in range(5)]


@pytest.fixture
def mews() -> Iterator[httpx.Client]:
    """A running stub with five confirmed reservations."""
    with (
        run_apps([create_stub_app("mews")]) as servers,
        httpx.Client(base_url=servers.urls["mews"]) as client,
    ):
        for id_ in IDS:
            state = {"state": "a reservation", "params": {"id": id_, "state": "Confirmed"}}
            client.post("/_stub/states", json=state).raise_for_status()
        yield client


def call(mews: httpx.Client, operation: str, **body: Any) -> httpx.Response:
    """Call an operation with credentials."""
    return mews.post(f"/api/connector/v1/{operation}", json=CREDENTIALS | body)


def listed(mews: httpx.Client, **body: Any) -> dict[str, Any]:
    """A page of reservations."""
    found: dict[str, Any] = call(mews, "reservations/getAll/2023-06-06", **body).json()
    return found


def test_a_cancelled_reservation_is_cancelled_once(mews: httpx.Client) -> None:
    """The second time it is refused, and it is found among the cancelled ones."""
    cancel = {"ReservationIds": IDS[:1], "Notes": ""}
    answers = [call(mews, "reservations/cancel", **cancel).status_code for _ in range(2)]

    found = listed(mews, States=["Canceled"], Limitation={"Count": 10})

    assert (answers, [one["Id"] for one in found["Reservations"]]) == ([200, 403], IDS[:1])


def test_of_several_with_an_unknown_one_none_is_cancelled(mews: httpx.Client) -> None:
    """All or none."""
    refused = call(mews, "reservations/cancel", ReservationIds=[IDS[0], fake_guid(999)], Notes="")

    found = listed(mews, States=["Canceled"], Limitation={"Count": 10})

    assert (refused.status_code, found["Reservations"]) == (400, [])


def test_a_page_goes_on_where_the_last_one_ended(mews: httpx.Client) -> None:
    """The cursor is the last row's id; after the last page it is null with no rows."""
    seen, cursor = [], None
    for _ in range(4):
        page = listed(mews, Limitation={"Count": 2, "Cursor": cursor})
        seen.append([one["Id"] for one in page["Reservations"]])
        cursor = page["Cursor"]

    assert (seen, cursor) == ([IDS[:2], IDS[2:4], IDS[4:], []], None)


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
def test_a_wrong_request_is_refused(mews: httpx.Client, change: dict[str, Any], status: int) -> None:
    """With Mews's one error body: a message and no code."""
    answer = call(mews, "reservations/getAll/2023-06-06", **{"Limitation": {"Count": 1}, **change})

    assert answer.status_code == status
    assert answer.json().keys() == {"Message", "RequestId", "Details"}


@pytest.mark.parametrize(
    "path", ["/api/connector/v1/reservations/getAll", "/api/connector/v1/configuration/get/"]
)
def test_an_unknown_address_is_404(mews: httpx.Client, path: str) -> None:
    """Addresses are exact; the undated list is another operation."""
    assert mews.post(path, json=CREDENTIALS).status_code == 404


def test_there_is_no_other_method_than_post(mews: httpx.Client) -> None:
    """Mews knows no GET."""
    assert mews.get("/api/connector/v1/configuration/get").status_code == 404
