"""Bodies that cost much to check or to answer."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import tracemalloc

import httpx
import jwt
import pytest

from orchestrator.calls.input_checks import walk_json
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS

LIVEKIT_SECRET = "a-secret-of-at-least-32-characters"


def test_deep_list_costs_memory_in_proportion_to_its_size() -> None:
    """A path is cut at the limit of nesting, not copied in full for each of the items."""
    document: object = list(range(20_000))
    for _ in range(900):
        document = [document]

    tracemalloc.start()
    visited = sum(1 for _ in walk_json(document))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert visited == 20_901
    assert peak_bytes < 20_000_000


async def test_number_of_field_errors_in_a_response_is_limited(http: httpx.AsyncClient) -> None:
    """A body can have tens of thousands of unknown fields."""
    response = await http.post("/auth/login", json={f"field{number}": 1 for number in range(1000)})

    assert (response.status_code, len(response.json()["error"]["details"])) == (422, 20)


async def test_path_with_a_slash_at_its_end_is_not_redirected(http: httpx.AsyncClient) -> None:
    """The redirect would go to the host that the client names."""
    response = await http.post("/auth/login/", json={}, headers={"Host": "other.example"})

    assert response.status_code == 404


@pytest.mark.parametrize(
    "email", ["\U0001f600" * 64 + "@hotel.example", "\u0130" * 64 + "@" + "\u0130" * 60 + ".de"]
)
async def test_email_that_grows_in_lower_case_or_in_a_token_is_rejected(
    http: httpx.AsyncClient, admin: dict[str, str], email: str
) -> None:
    """Such a user could be created, but not stored or used."""
    user = {"email": email, "password": "a-long-password", "roles": ["viewer"]}

    response = await http.post("/auth/admin/users", json=user, headers=admin)

    assert response.status_code == 422
    assert [detail["field"] for detail in response.json()["error"]["details"]] == ["email"]


@pytest.mark.parametrize("created_at", [253402300800, 10**18, 10**30, -(10**18), -62135596801])
async def test_livekit_webhook_with_impossible_time_is_rejected(
    http: httpx.AsyncClient, created_at: int
) -> None:
    """A signed webhook whose time is outside of the calendar; LiveKit would repeat it after a 500."""
    body = json.dumps(
        {
            "event": "room_finished",
            "id": "EV_1",
            "createdAt": created_at,
            "room": {"sid": "RM_1", "name": "call-1"},
        }
    ).encode()
    now = int(time.time())
    claims = {
        "iss": DUMMY_VENDOR_SETTINGS["LIVEKIT_API_KEY"],
        "nbf": now,
        "exp": now + 300,
        "sha256": base64.b64encode(hashlib.sha256(body).digest()).decode(),
    }
    headers = {
        "Authorization": jwt.encode(claims, LIVEKIT_SECRET, algorithm="HS256"),
        "Content-Type": "application/webhook+json",
    }

    response = await http.post("/v1/livekit/webhook", content=body, headers=headers)

    assert (response.status_code, response.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
