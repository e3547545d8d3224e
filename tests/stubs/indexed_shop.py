"""The example vendor with an index of what it has, so that its stub knows what it lacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from provider_verification.stubs.engine.app import StubApp
from provider_verification.stubs.sdk import StubDefinition
from tests.stubs.example_vendor import KEY, ExampleState, make_app

INDEX: dict[str, Any] = {
    "GET /items/{itemId}": {"query": ["currency", "expand"]},
    "POST /items": {
        "query": [],
        "body": {"id": None, "price": None, "colour": None, "supplier": {"name": None}},
    },
    "DELETE /items/{id}": {"query": []},
    "GET /orders/{id}": {"query": []},
    "WEBSOCKET /prices/{id}": {"query": ["format"]},
}


def make_shop(folder: Path, stub: StubDefinition[ExampleState] | None = None) -> StubApp:
    """Return the example vendor's stub with an index of what the vendor has."""
    (folder / "index.json").write_text(json.dumps(INDEX))
    return make_app(folder, stub)


def client_of(app: StubApp, headers: Mapping[str, str] = KEY) -> httpx.AsyncClient:
    """Return a client of a stub without a network."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop", headers=headers)


async def violations_of(client: httpx.AsyncClient) -> list[tuple[str, str, str]]:
    """Return kind, operation and location of each violation."""
    violations = (await client.get("/_stub/violations")).json()
    return [(violation["kind"], violation["operation"], violation["where"]) for violation in violations]
