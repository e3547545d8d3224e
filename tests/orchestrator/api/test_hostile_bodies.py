"""Bodies that cost much to check or to answer."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
import tracemalloc
from collections.abc import AsyncIterator

import httpx
import jwt
import pytest
from fastapi import FastAPI

from orchestrator.api.middleware.request_body import MAX_CALL_EVENT_BYTES, MAX_REQUEST_BYTES
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


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/auth/login", MAX_REQUEST_BYTES),
        ("/auth/refresh", MAX_REQUEST_BYTES),
        ("/auth/admin/users", MAX_REQUEST_BYTES),
        ("/tts/synthesize", MAX_REQUEST_BYTES),
        ("/webhook/call-event", MAX_CALL_EVENT_BYTES),
    ],
)
@pytest.mark.parametrize("chunked", [True, False])
async def test_size_of_a_body_is_limited_by_route(
    http: httpx.AsyncClient, admin: dict[str, str], path: str, limit: int, *, chunked: bool
) -> None:
    """The message names the limit; one byte less is read, whether the length is declared or not."""
    statuses, messages = [], []
    for size in (limit, limit + 1):
        body = b'"' + b"x" * (size - 2) + b'"'
        content = _chunks(body) if chunked else body
        response = await http.post(
            path, content=content, headers={**admin, "Content-Type": "application/json"}
        )
        statuses.append(response.status_code)
        messages.append(response.json()["error"]["message"])

    assert statuses == [422, 413]
    assert messages[1] == f"The body should have at most {limit} bytes."


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    yield body[:10]
    yield body[10:]


@pytest.mark.parametrize(
    "path", ["/auth/login", "/auth/refresh", "/v1/livekit/webhook", "/v1/apaleo/webhook"]
)
async def test_rate_limit_of_an_address_is_applied_before_the_body_is_read(
    app: FastAPI, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A client without a request left gets 429 although its body never arrives; each request counts once."""
    limits = app.state.container.settings.limits
    monkeypatch.setitem(limits.__dict__, "user_rate_limit", 2)
    remaining = [(await http.post(path, json={})).headers["X-RateLimit-Remaining"] for _ in range(2)]

    async with asyncio.timeout(20):
        response = await http.post(
            path, content=_endless_body(), headers={"Content-Type": "application/json"}
        )

    assert remaining == ["1", "0"]
    assert (response.status_code, response.headers["X-RateLimit-Remaining"]) == (429, "0")


async def _endless_body() -> AsyncIterator[bytes]:
    yield b"{"
    await asyncio.Event().wait()
