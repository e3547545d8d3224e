"""Long bodies are parsed beside other requests."""

from __future__ import annotations

import asyncio
import pkgutil
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from broker.body_parser import MAX_BYTES_IN_LOOP
from tests.broker.payloads import pact, publication

RELEASED_AFTER_SECONDS = 30
"""A parser that holds the event loop goes on after this time, so that the test ends."""


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/contracts/publish"), ("PUT", "/pacts/provider/B/consumer/A/version/1")],
    ids=["publication", "single pact"],
)
@pytest.mark.parametrize("step", ["broker.web.decode_json", "broker.domain.contracts.identify"])
async def test_other_requests_are_answered_while_a_long_body_is_parsed(
    broker: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, method: str, path: str, step: str
) -> None:
    """A step of the parser is held until another request, which has a short body, is answered."""
    started, other_is_answered = threading.Event(), threading.Event()
    run_step: Callable[..., Any] = pkgutil.resolve_name(step)

    def held(document: object, *arguments: object) -> Any:
        if len(str(document)) > MAX_BYTES_IN_LOOP:
            started.set()
            assert other_is_answered.wait(RELEASED_AFTER_SECONDS), "the other request had to wait"
        return run_step(document, *arguments)

    monkeypatch.setattr(step, held)
    document = pact("A", "B", "x" * MAX_BYTES_IN_LOOP)
    body = publication("1", document) if method == "POST" else document
    publishing = asyncio.create_task(broker.request(method, path, json=body))
    assert await asyncio.to_thread(started.wait, RELEASED_AFTER_SECONDS)

    other = await broker.post("/pacticipants", json={"name": "another"})
    other_is_answered.set()

    assert other.status_code == 201
    assert (await publishing).is_success
    assert (await broker.get("/pacts/provider/B/consumer/A/latest")).json()["interactions"]


async def test_error_in_a_long_body_is_reported_like_one_in_a_short_body(broker: httpx.AsyncClient) -> None:
    """The thread that parses it hands the error over."""
    padding = "x" * MAX_BYTES_IN_LOOP

    malformed = await broker.post(
        "/contracts/publish", content=f'{{"a": "{padding}"', headers={"Content-Type": "application/json"}
    )
    incomplete = await broker.post("/contracts/publish", json={"padding": padding})
    no_pact = await broker.put("/pacts/provider/B/consumer/A/version/1", json={"interactions": padding})

    assert malformed.status_code == incomplete.status_code == no_pact.status_code == 400
    assert malformed.json()["error"].startswith("the body is not JSON: ")
    assert incomplete.json()["errors"]["contracts"] == ["is missing"]
    assert no_pact.json()["errors"] == {"": ["interactions must be a list of objects"]}
