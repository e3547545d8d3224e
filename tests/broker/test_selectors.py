"""Consumer version selectors: parsing, and the pacts they select at the broker."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from broker.domain.selectors import ConsumerVersionSelector, parse_selectors
from tests.broker.payloads import pact, path, publication


@pytest.mark.parametrize(
    ("item", "selector"),
    [
        ({"deployedOrReleased": True}, ConsumerVersionSelector(deployed=True, released=True)),
        ({"deployed": True}, ConsumerVersionSelector(deployed=True)),
        ({"released": True}, ConsumerVersionSelector(released=True)),
        (
            {"environment": "test"},
            ConsumerVersionSelector(deployed=True, released=True, environment="test"),
        ),
        (
            {"deployedOrReleased": True, "environment": "test", "consumer": "A"},
            ConsumerVersionSelector(deployed=True, released=True, environment="test", consumer="A"),
        ),
        (
            {"environment": "test", "deployed": True},
            ConsumerVersionSelector(deployed=True, environment="test"),
        ),
        ({"matchingBranch": True}, ConsumerVersionSelector(branch="feat/x")),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_selector_is_parsed(item: dict[str, Any], selector: ConsumerVersionSelector) -> None:
    """Each combination of fields has its meaning."""
    assert parse_selectors([item], "feat/x", {"test"}) == ([selector], [])


@pytest.mark.parametrize(
    ("selector", "versions"),
    [
        ({"deployedOrReleased": True}, ["1", "2"]),
        ({"deployed": True}, ["1"]),
        ({"released": True}, ["2"]),
        ({"deployedOrReleased": True, "environment": "production"}, ["2"]),
        ({"environment": "test"}, ["1"]),
        ({"latest": True}, ["3"]),
        (None, ["1", "2", "3"]),
    ],
    ids=str,
)
async def test_selector_selects_versions(
    broker: httpx.AsyncClient, selector: dict[str, Any] | None, versions: list[str]
) -> None:
    """Version 1 is deployed to test, version 2 released in production, version 3 in no environment; the default is all."""
    for number in ("1", "2", "3"):
        await broker.post("/contracts/publish", json=publication(number, pact("A", "B", number)))
    await record(broker, "1", "deployed", "test")
    await record(broker, "2", "released", "production")

    body = {"consumerVersionSelectors": [selector]} if selector else {}
    response = await broker.post("/pacts/provider/B/for-verification", json=body)

    names = [item["_links"]["self"]["name"] for item in response.json()["_embedded"]["pacts"]]
    assert names == [f"Pact between A ({number}) and B" for number in versions]


async def record(broker: httpx.AsyncClient, number: str, kind: str, environment: str) -> None:
    """Record a deployment or release of a version of A."""
    environments = (await broker.get("/environments", params={"name": environment})).json()
    uuid = environments["_embedded"]["environments"][0]["uuid"]
    url_path = path("pacticipants", "A", "versions", number, f"{kind}-versions", "environment", uuid)
    assert (await broker.post(url_path, json={})).status_code == 201
