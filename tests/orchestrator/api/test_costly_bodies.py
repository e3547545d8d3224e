"""Bodies that arrive slowly or cost much to check: they neither occupy the service nor are validated."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import Request

from orchestrator.api import route
from orchestrator.api.middleware.request_body import MAX_CALL_EVENT_BYTES, MAX_REQUEST_BYTES
from orchestrator.api.route import MAX_JSON_VALUES
from orchestrator.container import Container
from tests.integration.call_events import call_started
from tests.orchestrator.api.conftest import ADMIN, Login

DEADLINE = 20.0
JSON = {"Content-Type": "application/json"}
CREDENTIALS = {"email": ADMIN[0], "password": ADMIN[1]}


async def _body_after(
    arrival: asyncio.Event, on_wait: Callable[[], object] = lambda: None
) -> AsyncIterator[bytes]:
    yield b"{"
    on_wait()
    await arrival.wait()
    yield b"}"


async def test_slow_bodies_occupy_no_place_among_the_requests_in_progress(
    http: httpx.AsyncClient, container: Container
) -> None:
    """Another request of the same address is served meanwhile, and they are when their bodies have arrived."""
    count = container.settings.limits.max_concurrent_requests_per_client
    arrival, waiting = asyncio.Event(), asyncio.Semaphore(0)
    slow = [
        asyncio.create_task(
            http.post("/auth/login", content=_body_after(arrival, waiting.release), headers=JSON)
        )
        for _ in range(count)
    ]
    async with asyncio.timeout(DEADLINE):
        for _ in slow:
            await waiting.acquire()
        response = await http.post("/auth/login", json=CREDENTIALS)
        arrival.set()
        statuses = {(await task).status_code for task in slow}

    assert response.status_code == 200
    assert statuses == {422}
    assert container.admission.in_progress() == 0


@pytest.mark.parametrize("path", ["/webhook/call-event", "/tts/synthesize", "/auth/api-keys"])
async def test_permission_is_checked_before_the_body_is_read(
    http: httpx.AsyncClient, user_of: Login, path: str
) -> None:
    """A viewer gets 403 although the body never arrives."""
    viewer = await user_of("viewer", None)

    async with asyncio.timeout(DEADLINE):
        response = await http.post(path, content=_body_after(asyncio.Event()), headers={**viewer, **JSON})

    assert (response.status_code, response.json()["error"]["code"]) == (403, "AUTHORIZATION_ERROR")


@pytest.mark.parametrize(
    "content",
    [
        b"[" + b"[]," * 340_000 + b"[]]",
        b'{"event": "call.started", "metadata": [' + b"1," * 500_000 + b"1]}",
        b"{" + b",".join(b'"%d":0' % number for number in range(MAX_JSON_VALUES // 2)) + b"}",
        ("[" + "1," * MAX_JSON_VALUES + "1]").encode("utf-16"),
    ],
    ids=["lists", "numbers", "names", "UTF-16"],
)
async def test_number_of_values_in_a_body_is_limited(
    http: httpx.AsyncClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """422 with one detail, without a visit of each value in Python."""

    def fail(_: Any) -> None:
        raise AssertionError("the values were visited")

    monkeypatch.setattr(route, "walk_json", fail)

    response = await http.post("/webhook/call-event", content=content, headers={**admin, **JSON})

    assert response.status_code == 422
    assert response.json()["error"]["details"] == [
        {"field": "body", "problem": f"should have at most {MAX_JSON_VALUES} values and names"}
    ]


@pytest.mark.parametrize("text", ["a", "ü"], ids=["ASCII", "UTF-8"])
async def test_check_of_a_body_takes_less_time_than_two_parses(text: str) -> None:
    """No other request is served meanwhile, so the check must not be what a long body costs."""
    size = len(text.encode())
    body = f'{{"notes": "{text * (MAX_CALL_EVENT_BYTES // size - 100)}"}}'.encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    checks, parses = [], []
    for _ in range(5):
        request = Request({"type": "http", "headers": []}, receive)
        await request.json()
        started = time.thread_time()
        await route._check_body(request)  # noqa: SLF001 - through HTTP, the parse is part of the time
        checks.append(time.thread_time() - started)
        started = time.thread_time()
        json.loads(body)
        parses.append(time.thread_time() - started)

    assert min(checks) < 2 * min(parses)


async def test_text_with_many_separators_is_accepted(http: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """Only values and names are counted, and as many as the limit are accepted."""
    event = call_started("separators", "+4930123456", guest_data={"notes": ",[{:" * 5000})
    numbers = call_started("numbers", "+4930123456", guest_data={"numbers": [1] * (MAX_JSON_VALUES - 100)})

    statuses = [
        (await http.post("/webhook/call-event", json=body, headers=admin)).status_code
        for body in (event, numbers)
    ]

    assert statuses == [200, 200]


@pytest.mark.parametrize("declared", ["0" * 5000 + "2", "0" * 5000, "2"])
async def test_declared_length_with_many_zeros_is_read(http: httpx.AsyncClient, declared: str) -> None:
    """Python converts at most 4,300 digits."""
    response = await http.post("/auth/login", content=b"{}", headers={**JSON, "Content-Length": declared})

    assert response.status_code == 422


@pytest.mark.parametrize("declared", ["0" * 5000 + str(MAX_REQUEST_BYTES + 1), "9" * 5000])
async def test_declared_length_beyond_the_limit_is_rejected(http: httpx.AsyncClient, declared: str) -> None:
    """However many digits it has."""
    response = await http.post("/auth/login", content=b"{}", headers={**JSON, "Content-Length": declared})

    assert response.status_code == 413
