"""Steps of the tests of webhooks: create them, cause events, and read their history."""

from __future__ import annotations

from typing import Any

import httpx

from tests.broker.payloads import pact, path, publication
from tests.broker.webhook_receiver import wait_until_equal, webhook


async def create(broker: httpx.AsyncClient, url: str, *events: str, **fields: Any) -> str:
    """Create a webhook and return its path."""
    response = await broker.post("/webhooks", json=webhook(url, *events, **fields))
    assert response.status_code == 201, response.text
    return f"/webhooks/{response.json()['uuid']}"


async def publish(broker: httpx.AsyncClient, version: str = "1", content: str = "x", **fields: Any) -> Any:
    """Publish a pact between Web and Hotel, and return it."""
    body = publication(version, pact("Web", "Hotel", content), **fields)
    response = await broker.post("/contracts/publish", json=body)
    assert response.status_code == 200, response.text
    return (
        await broker.get(path("pacts", "provider", "Hotel", "consumer", "Web", "version", version))
    ).json()


async def publish_result(broker: httpx.AsyncClient, document: Any, *, success: bool = True) -> str:
    """Publish a result of Hotel 7 and return its URL."""
    body = {"success": success, "providerApplicationVersion": "7", "buildUrl": "http://ci/7"}
    href = document["_links"]["pb:publish-verification-results"]["href"]
    return (await broker.post(href, json=body)).headers["location"]


async def read_executions(broker: httpx.AsyncClient, version: str = "1") -> list[dict[str, Any]]:
    """Return the executions for a version's pact, newest first."""
    href = path("pacts", "provider", "Hotel", "consumer", "Web", "version", version, "triggered-webhooks")
    executions: list[dict[str, Any]] = (await broker.get(href)).json()["_embedded"]["triggeredWebhooks"]
    return executions


async def wait_for_statuses(broker: httpx.AsyncClient, *statuses: str) -> list[dict[str, Any]]:
    """Wait until the executions for version 1 have these statuses, newest first."""

    async def read() -> list[str]:
        return [item["status"] for item in await read_executions(broker)]

    await wait_until_equal(read, [*statuses])
    return await read_executions(broker)


async def read_log(broker: httpx.AsyncClient, execution: dict[str, Any]) -> str:
    """Return the log of an execution."""
    response = await broker.get(execution["_links"]["pb:logs"]["href"])
    assert (response.status_code, response.headers["content-type"]) == (200, "text/plain;charset=utf-8")
    return response.text
