"""Bodies and numbers that are too long, too deep, out of range or late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from broker import web as broker_web
from tests.broker.payloads import pact, publication


async def test_body_of_100_kb_is_accepted(broker: httpx.AsyncClient) -> None:
    """Long descriptions are stored and returned."""
    response = await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x" * 100_000)))

    assert response.status_code == 200


@pytest.mark.parametrize("depth", [201, 400, 900, 100_000])
async def test_deeply_nested_body_returns_400(broker: httpx.AsyncClient, depth: int) -> None:
    """A body nested beyond the limit is 400, and names the field as long as it can be parsed."""
    raw = b'{"name": "A", "contacts": ' + b"[" * depth + b"]" * depth + b"}"

    response = await broker.post("/environments", content=raw, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert response.json() in (
        {"errors": {"contacts": ["is nested more than 200 levels deep"]}},
        {"error": "the body is not JSON: it is nested too deeply"},
    )


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
async def test_number_that_json_lacks_returns_400(broker: httpx.AsyncClient, number: str) -> None:
    """A number that cannot be written back as JSON is not accepted."""
    raw = f'{{"name": "A", "production": false, "contacts": [{{"name": "x", "n": {number}}}]}}'

    response = await broker.post("/environments", content=raw, headers={"Content-Type": "application/json"})

    assert response.status_code == 400
    assert "is not JSON" in response.json()["error"]


@pytest.mark.parametrize("url_path", ["/pacticipants?size=", "/matrix?q[][pacticipant]=A&limit="])
@pytest.mark.parametrize("value", ["9" * 5000, "0", "-1", "x", "٣"])
async def test_number_out_of_range_in_query_returns_400(
    broker: httpx.AsyncClient, url_path: str, value: str
) -> None:
    """Numbers in the query must be positive decimal integers of a sensible length."""
    await broker.post("/pacticipants", json={"name": "A"})

    assert (await broker.get(url_path + value)).status_code == 400


@pytest.mark.parametrize("value", ["9" * 5000, "9" * 25, "0", "x"])
async def test_unknown_result_number_returns_404(broker: httpx.AsyncClient, value: str) -> None:
    """A result number that cannot exist is 404."""
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x")))
    document = (await broker.get("/pacts/provider/B/consumer/A/latest")).json()
    content_url = document["_links"]["pb:pact-version"]["href"]

    assert (await broker.get(f"{content_url}/verification-results/{value}")).status_code == 404


async def test_incomplete_body_returns_408(
    broker: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that does not arrive in time ends the request."""
    monkeypatch.setattr(broker_web, "BODY_TIMEOUT_SECONDS", 0.05)

    async def stalled_body() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    response = await broker.post(
        "/pacticipants", content=stalled_body(), headers={"Content-Type": "application/json"}
    )

    assert (response.status_code, response.json()) == (
        408,
        {"errors": {"": ["the body did not arrive within 0.05 seconds"]}},
    )
