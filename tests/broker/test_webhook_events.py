"""Which events a publication or a result triggers, and for which webhooks."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.broker.payloads import pact, path, publication
from tests.broker.webhook_receiver import webhook

EVENTS = (
    "contract_published", "contract_content_changed", "contract_requiring_verification_published",
    "provider_verification_published", "provider_verification_succeeded", "provider_verification_failed",
)  # fmt: skip
URL = "https://ci.example.org/hook"


@pytest.fixture
async def hook(broker: httpx.AsyncClient) -> None:
    """A webhook for every event of every pact."""
    await broker.post("/webhooks", json=webhook(URL, *EVENTS))


async def publish(broker: httpx.AsyncClient, version: str, content: str = "x", **fields: Any) -> None:
    """Publish a pact between Web and Hotel."""
    body = publication(version, pact("Web", "Hotel", content), **fields)
    assert (await broker.post("/contracts/publish", json=body)).status_code == 200


async def publish_result(
    broker: httpx.AsyncClient, version: str, provider_version: str, *, success: bool = True
) -> Any:
    """Publish a result for a version's pact and return it."""
    document = (await broker.get(pact_path(version))).json()
    body = {"success": success, "providerApplicationVersion": provider_version}
    href = document["_links"]["pb:publish-verification-results"]["href"]
    return (await broker.post(href, json=body)).json()


def pact_path(version: str) -> str:
    """Return the path of the pact of a version of Web."""
    return path("pacts", "provider", "Hotel", "consumer", "Web", "version", version)


async def read_events(broker: httpx.AsyncClient, version: str) -> list[str]:
    """Return the events that the pact of a version triggered, oldest first."""
    response = await broker.get(f"{pact_path(version)}/triggered-webhooks")
    return [item["eventName"] for item in response.json()["_embedded"]["triggeredWebhooks"]][::-1]


PUBLISHED, CHANGED, REQUIRING = EVENTS[:3]


@pytest.mark.parametrize(
    ("publications", "events"),
    [
        ([("1", "x", [])], [PUBLISHED, CHANGED]),
        ([("1", "x", []), ("2", "x", [])], [PUBLISHED]),
        ([("1", "x", []), ("2", "y", [])], [PUBLISHED, CHANGED]),
        ([("1", "x", []), ("2", "y", []), ("3", "x", [])], [PUBLISHED, CHANGED]),
        ([("1", "x", ["dev"]), ("2", "x", ["dev"])], [PUBLISHED]),
        ([("1", "x", ["dev"]), ("2", "x", ["prod"])], [PUBLISHED, CHANGED]),
        ([("1", "x", ["dev"]), ("2", "y", ["prod"]), ("3", "x", ["dev"])], [PUBLISHED]),
        ([("1", "x", ["dev"]), ("2", "x", ["dev", "prod"])], [PUBLISHED, CHANGED]),
        ([("1", "x", ["dev"]), ("2", "x", [])], [PUBLISHED, CHANGED]),
        ([("1", "x", []), ("2", "y", ["dev"]), ("3", "x", [])], [PUBLISHED]),
    ],
    ids=[
        "first", "equal", "different", "changed back", "equal with the tag", "new tag", "equal to the last of the tag",
        "one of two tags is new", "first without a tag", "equal to the last without a tag",
    ],
)  # fmt: skip
@pytest.mark.usefixtures("hook")
async def test_content_is_compared_with_the_version_before(
    broker: httpx.AsyncClient, publications: list[tuple[str, str, list[str]]], events: list[str]
) -> None:
    """By tag if the version has tags, and else with the last version without."""
    for version, content, tags in publications:
        await publish(broker, version, content, tags=tags)

    assert await read_events(broker, publications[-1][0]) == events


@pytest.mark.usefixtures("hook")
async def test_republished_pact_is_published_but_not_changed(broker: httpx.AsyncClient) -> None:
    """The same content for the same version again is one event."""
    await publish(broker, "1")
    await publish(broker, "1")

    assert await read_events(broker, "1") == [PUBLISHED, CHANGED, PUBLISHED]


@pytest.fixture
async def hotel_in_use(broker: httpx.AsyncClient) -> None:
    """Hotel 1 is deployed to test and production, 2 is released to production, 3 is an old, 4 the newest one on main."""
    environments = {
        item["name"]: item["uuid"]
        for item in (await broker.get("/environments")).json()["_embedded"]["environments"]
    }
    for number in "34":
        await broker.put(f"/pacticipants/Hotel/branches/main/versions/{number}")
    for number, kind, name in (
        ("1", "deployed", "test"), ("1", "deployed", "production"), ("2", "released", "production"),
    ):  # fmt: skip
        await broker.put(f"/pacticipants/Hotel/versions/{number}", json={})
        href = f"/pacticipants/Hotel/versions/{number}/{kind}-versions/environment/{environments[name]}"
        assert (await broker.post(href, json={})).status_code == 201


@pytest.mark.usefixtures("hook", "hotel_in_use")
async def test_verification_is_required_of_each_version_in_use(broker: httpx.AsyncClient) -> None:
    """Once for each version, but not for one that has a result for the content."""
    await publish(broker, "1", "x")
    first = await read_events(broker, "1")
    await publish_result(broker, "1", "1")
    await publish_result(broker, "1", "4", success=False)
    await publish(broker, "2", "x", branch="b")

    assert first == [PUBLISHED, REQUIRING, REQUIRING, REQUIRING, CHANGED]
    assert await read_events(broker, "2") == [PUBLISHED, REQUIRING]


@pytest.mark.parametrize(("success", "event"), [(True, "succeeded"), (False, "failed")])
@pytest.mark.usefixtures("hook")
async def test_result_has_two_events(broker: httpx.AsyncClient, *, success: bool, event: str) -> None:
    """A result is published, and it succeeded or failed."""
    await publish(broker, "1")

    result = await publish_result(broker, "1", "7", success=success)

    response = await broker.get(result["_links"]["pb:triggered-webhooks"]["href"])
    names = [item["eventName"] for item in response.json()["_embedded"]["triggeredWebhooks"]]
    assert names == [f"provider_verification_{event}", "provider_verification_published"]


@pytest.mark.usefixtures("hook")
async def test_result_is_about_the_version_it_was_verified_for(broker: httpx.AsyncClient) -> None:
    """A verifier that read the content as that of version 1 reports to version 1, although version 2 has it too."""
    await publish(broker, "1")
    document = (await broker.get("/pacts/provider/Hotel/consumer/Web/latest")).json()
    await publish(broker, "2")

    href = document["_links"]["pb:publish-verification-results"]["href"]
    await broker.post(href, json={"success": True, "providerApplicationVersion": "7"})

    assert (await read_events(broker, "1"))[-2:] == list(EVENTS[3:5])
    assert await read_events(broker, "2") == [PUBLISHED]


@pytest.mark.parametrize(
    ("filters", "is_triggered"),
    [
        ({}, True),
        ({"consumer": {"name": "Web"}}, True),
        ({"provider": {"name": "Hotel"}}, True),
        ({"consumer": {"name": "Hotel"}}, False),
        ({"provider": {"name": "Web"}}, False),
        ({"consumer": {"name": "Web"}, "provider": {"name": "Hotel"}}, True),
        ({"consumer": {"label": "ios"}}, True),
        ({"consumer": {"label": "android"}}, False),
        ({"provider": {"label": "ios"}}, False),
        ({"enabled": False}, False),
    ],
)
async def test_webhook_is_for_the_pacticipants_that_it_names(
    broker: httpx.AsyncClient, *, filters: dict[str, Any], is_triggered: bool
) -> None:
    """Without a name or a label it is for all; Web has the label ios."""
    for name in ("Web", "Hotel"):
        await broker.post("/pacticipants", json={"name": name})
    await broker.put("/pacticipants/Web/labels/ios")
    await broker.post("/webhooks", json=webhook(URL, PUBLISHED, **filters))

    await publish(broker, "1")

    assert await read_events(broker, "1") == [PUBLISHED] * is_triggered


@pytest.mark.usefixtures("hook")
async def test_pact_that_is_put_or_merged_has_its_events(broker: httpx.AsyncClient) -> None:
    """The resources that clients used before `contracts/publish` have the same events."""
    first, more = pact("Web", "Hotel", "x"), pact("Web", "Hotel", "y")

    assert (await broker.put(pact_path("1"), json=first)).status_code == 201
    created = await read_events(broker, "1")
    assert (await broker.patch(pact_path("1"), json=more)).status_code == 200

    assert created == [PUBLISHED, CHANGED]
    assert await read_events(broker, "1") == [PUBLISHED, CHANGED] * 2


@pytest.mark.usefixtures("hook")
async def test_rejected_publication_triggers_nothing(broker: httpx.AsyncClient) -> None:
    """A conflict stores neither a pact nor an execution."""
    await publish(broker, "1")
    before = await read_events(broker, "1")

    conflict = publication("1", pact("Web", "Hotel", "other"))

    assert (await broker.post("/contracts/publish", json=conflict)).status_code == 409
    assert await read_events(broker, "1") == before
