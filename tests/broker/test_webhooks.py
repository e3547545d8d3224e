"""Webhooks as resources: creation, lists, validation and secrets."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.broker.payloads import pact, publication
from tests.broker.webhook_receiver import webhook

MASK = "**********"
UUID = "696c5f93-1b7f-44bc-8d03-59440fcaa9a0"
URL = "https://ci.example.org/hook"
SECRETS = {
    "headers": {"X-Api-Key": "key-4711", "X-Event": "${pactbroker.eventName}"},
    "username": "ci",
    "password": "password-4711",
}


@pytest.fixture
async def pair(broker: httpx.AsyncClient) -> None:
    """The pacticipants Web and Hotel with a pact."""
    await broker.post("/contracts/publish", json=publication("1", pact("Web", "Hotel", "x")))


async def create(broker: httpx.AsyncClient, path: str = "/webhooks", **fields: Any) -> dict[str, Any]:
    """Create a webhook and return its body."""
    response = await broker.post(path, json=webhook(URL, "contract_published", **fields))
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


@pytest.mark.usefixtures("pair")
async def test_created_webhook_is_returned_at_its_location(broker: httpx.AsyncClient) -> None:
    """The body has every field that was sent and the links that the official clients follow."""
    request = {"headers": {"X-Event": "e"}, "body": {"pact": "${pactbroker.pactUrl}"}}
    fields = {"description": "notify", "consumer": {"name": "Web"}, "provider": {"name": "Hotel"}}

    response = await broker.post(
        "/webhooks", json=webhook(URL, "contract_published", request=request, **fields)
    )

    body = response.json()
    href = f"http://broker/webhooks/{body['uuid']}"
    links = {name: item["href"] for name, item in body["_links"].items()}
    assert (response.status_code, response.headers["location"]) == (201, href)
    assert (await broker.get(href)).json() == body
    assert body["description"] == "notify"
    assert body["enabled"] is True
    assert body["events"] == [{"name": "contract_published"}]
    assert body["request"] == {
        "method": "POST", "url": URL, "headers": {"x-event": "e"}, "body": {"pact": "${pactbroker.pactUrl}"},
    }  # fmt: skip
    assert links == {
        "self": href,
        "pb:execute": f"{href}/execute",
        "pb:consumer": "http://broker/pacticipants/Web",
        "pb:provider": "http://broker/pacticipants/Hotel",
        "pb:pact-webhooks": "http://broker/webhooks/provider/Hotel/consumer/Web",
        "pb:webhooks": "http://broker/webhooks",
    }


async def test_webhook_without_events_is_for_changed_content(broker: httpx.AsyncClient) -> None:
    """The default event and description are those of the official broker."""
    body = (await broker.post("/webhooks", json={"request": {"method": "post", "url": URL}})).json()

    assert body["events"] == [{"name": "contract_content_changed"}]
    assert body["description"] == "POST ci.example.org"


async def test_put_creates_and_replaces(broker: httpx.AsyncClient) -> None:
    """The first PUT of a UUID is 201 and the second 200; both are the same webhook."""
    path = f"/webhooks/{UUID}"

    responses = [
        await broker.put(path, json=webhook(URL, "contract_published", description=text))
        for text in ("first", "second")
    ]

    assert [response.status_code for response in responses] == [201, 200]
    assert (await broker.get(path)).json()["description"] == "second"
    assert len((await broker.get("/webhooks")).json()["_links"]["pb:webhooks"]) == 1


async def test_deleted_webhook_is_gone(broker: httpx.AsyncClient) -> None:
    """DELETE is 204 once, then 404."""
    body = await create(broker)
    path = f"/webhooks/{body['uuid']}"

    statuses = [(await broker.delete(path)).status_code for _ in range(2)]

    assert statuses == [204, 404]
    assert (await broker.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/webhooks", ["all", "pair", "label", "provider"]),
        ("/webhooks/provider/Hotel/consumer/Web", ["pair"]),
        ("/pacts/provider/Hotel/consumer/Web/webhooks", ["pair"]),
        ("/webhooks/provider/Hotel", ["pair", "provider"]),
        ("/webhooks/consumer/Web", ["pair"]),
    ],
)
@pytest.mark.usefixtures("pair")
async def test_lists_have_the_webhooks_of_the_path(
    broker: httpx.AsyncClient, path: str, names: list[str]
) -> None:
    """A list of pacticipants has only webhooks that name them, oldest first."""
    await create(broker, description="all")
    await create(broker, "/webhooks/provider/Hotel/consumer/Web", description="pair")
    await create(broker, description="label", consumer={"label": "ios"})
    await create(broker, "/webhooks/provider/Hotel", description="provider")

    links = (await broker.get(path)).json()["_links"]

    assert [item["name"] for item in links["pb:webhooks"]] == names
    assert links["self"]["href"] == links["pb:create"]["href"] == f"http://broker{path}"


@pytest.mark.parametrize("path", ["/webhooks/provider/Hotel/consumer/Nobody", "/webhooks/consumer/Nobody"])
@pytest.mark.usefixtures("pair")
async def test_path_with_unknown_pacticipant_is_not_found(broker: httpx.AsyncClient, path: str) -> None:
    """The 404 names the pacticipant, whatever the body is."""
    response = await broker.post(path, json={})

    assert (response.status_code, response.json()) == (404, {"error": "No consumer with name 'Nobody' found"})


async def test_secrets_are_masked_everywhere(broker: httpx.AsyncClient) -> None:
    """Neither creation, reading, nor the list returns a password or a secret header."""
    body = await create(broker, request=SECRETS)

    texts = [(await broker.get(path)).text for path in ("/webhooks", f"/webhooks/{body['uuid']}")]
    assert body["request"]["headers"] == {"x-api-key": MASK, "x-event": "${pactbroker.eventName}"}
    assert (body["request"]["username"], body["request"]["password"]) == ("ci", MASK)
    assert not any("4711" in text for text in texts)
