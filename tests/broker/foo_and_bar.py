"""Publications and results of a consumer Foo and a provider Bar."""

from __future__ import annotations

from typing import Any

import httpx

from tests.broker.payloads import pact, publication

PAIR = "/pacts/provider/Bar/consumer/Foo"


async def publish(
    broker: httpx.AsyncClient, version: str, *contents: str, consumer: str = "Foo", **fields: Any
) -> None:
    """Publish a pact with Bar."""
    body = publication(version, pact(consumer, "Bar", *contents), **fields)
    (await broker.post("/contracts/publish", json=body)).raise_for_status()


async def verify(
    broker: httpx.AsyncClient, version: str, *, success: bool = True, provider: str = "1"
) -> str:
    """Publish a result for the pact of a version of Foo, and return the result's path."""
    links = (await broker.get(f"{PAIR}/version/{version}")).json()["_links"]
    body = {"success": success, "providerApplicationVersion": provider}
    response = await broker.post(links["pb:publish-verification-results"]["href"], json=body)
    href: str = response.json()["_links"]["self"]["href"]
    return href.removeprefix("http://broker")
