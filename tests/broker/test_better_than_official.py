"""Faults of the official broker that the embedded one does not have, where no other test is about them.

The rest: `test_bad_requests`, `test_process` (races), `test_strict_rules`, `test_query_keys`, `test_security`.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.broker.payloads import pact, publication


@pytest.mark.parametrize(
    ("selector", "description"),
    [
        ({"branch": True}, "latest from branch main"),
        ({"environment": "test"}, "deployed to test"),
        ({"environment": "test", "deployed": True}, "deployed to test"),
    ],
)
async def test_reason_of_a_selection_is_in_words(
    broker: httpx.AsyncClient, selector: dict[str, Any], description: str
) -> None:
    """The official broker shows an object of its code in the description and in a notice."""
    await broker.post("/contracts/publish", json=publication("1", pact("A", "B", "x"), branch="main"))
    environments = (await broker.get("/environments?name=test")).json()["_embedded"]["environments"]
    await broker.post(
        f"/pacticipants/A/versions/1/deployed-versions/environment/{environments[0]['uuid']}", json={}
    )

    selected = await broker.post(
        "/pacts/provider/B/for-verification", json={"consumerVersionSelectors": [selector]}
    )

    (item,) = selected.json()["_embedded"]["pacts"]
    first_notice = item["verificationProperties"]["notices"][0]["text"]
    assert item["shortDescription"] == description
    assert first_notice == f"Pact between A (1) and B is verified because it is {description}"


async def test_same_reason_is_given_once(broker: httpx.AsyncClient) -> None:
    """The official broker gives it once for each row."""
    await broker.put("/pacticipants/B/versions/1", json={})
    for version in ("1", "2"):
        body = publication(version, pact("A", "B", f"content {version}"), tags=["dev"])
        await broker.post("/contracts/publish", json=body)
        read = (await broker.get(f"/pacts/provider/B/consumer/A/version/{version}")).json()
        link = read["_links"]["pb:publish-verification-results"]["href"]
        for _ in range(2):
            await broker.post(link, json={"success": False, "providerApplicationVersion": "1"})

    body = (await broker.get("/matrix?q[][pacticipant]=A&q[][version]=2")).json()

    assert len(body["matrix"]) == 2
    assert [notice["text"] for notice in body["notices"] if notice["type"] == "error"] == [
        "The verification of the pact between A (2) and B (1) failed"
    ]


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/hal+json"])
async def test_index_is_json_for_every_json_type(broker: httpx.AsyncClient, accept: str) -> None:
    """The official broker responds 406 to the first."""
    response = await broker.get("/", headers={"Accept": accept})

    assert (response.status_code, response.json()["_links"]["self"]["href"]) == (200, "http://broker")
