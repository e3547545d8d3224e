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


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"request": None}, "request", "is missing"),
        ({"request": []}, "request", "must be an object"),
        ({"request": {"method": "POST"}}, "request.url", "is missing"),
        ({"request": {"url": URL}}, "request.method", "is missing"),
        ({"request": {"method": "JUMP", "url": URL}}, "request.method", "is not a recognised HTTP method"),
        ({"request": {"method": "GET", "url": URL}}, "request.method", "must be POST"),
        ({"request": {"method": 1, "url": URL}}, "request.method", "must be a string"),
        ({"consumer": {"name": "Nobody"}}, "consumer.name", "does not match an existing pacticipant"),
        (
            {"consumer": {"name": "Web", "label": "ios"}},
            "consumer.label",
            "name and label cannot be provided at the same time",
        ),
        ({"provider": "Hotel"}, "provider", "must be an object with a name or a label"),
        ({"events": []}, "events", "must be a list with at least one event"),
        ({"enabled": "yes"}, "enabled", "must be true or false"),
        ({"description": 3}, "description", "must be a string"),
    ],
)
async def test_invalid_field_is_named(
    broker: httpx.AsyncClient, fields: dict[str, Any], field: str, message: str
) -> None:
    """Each rule has its field and says what would be right; nothing is stored."""
    response = await broker.post("/webhooks", json={**webhook(URL, "contract_published"), **fields})

    assert (response.status_code, response.json()["errors"]) == (400, {field: [message]})
    assert (await broker.get("/webhooks")).json()["_links"]["pb:webhooks"] == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://example.org", "scheme must be https"),
        ("http://example.org", "scheme must be https"),
        ("example.org", "is not a valid URL, such as https://example.org/hook"),
        ("https://", "is not a valid URL, such as https://example.org/hook"),
        ("https://a b/", "is not a valid URL, such as https://example.org/hook"),
        ("https://[::1", "is not a valid URL: Invalid IPv6 URL"),
        ("https://h:x/", "is not a valid URL: Port could not be cast to integer value as 'x'"),
        ("https://${pactbroker.consumerName}/x", "cannot have a template parameter in the host"),
        (
            "https://u:p@example.org/",
            "cannot have credentials: use username and password of the request",
        ),
        (
            "https://127.0.0.1/",
            "host 127.0.0.1 has the address 127.0.0.1, which is not public: to allow it, add the host to PACT_BROKER_WEBHOOK_HOST_WHITELIST",
        ),
        (f"https://example.org/{'x' * 4000}", "must have at most 4000 characters"),
        (7, "must be a string"),
    ],
)
async def test_invalid_url_is_rejected_with_its_reason(
    broker: httpx.AsyncClient, url: Any, message: str
) -> None:
    """The reason is under `request.url`."""
    response = await broker.post("/webhooks", json=webhook(url, "contract_published"))

    assert (response.status_code, response.json()["errors"]) == (400, {"request.url": [message]})


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"a b": "x"}, "a b is not the name of a header"),
        ({"X": 1}, "X must be a string"),
        ({"X": "a\r\nY: b"}, "X cannot contain multiple lines"),
        ({"Host": "x"}, "Host is set by the broker"),
        ({"X": "x" * 4001}, "X must have at most 4000 characters"),
        ({f"X{number}": "x" for number in range(51)}, "must be an object with at most 50 headers"),
        ("X: y", "must be an object with at most 50 headers"),
    ],
)
async def test_invalid_headers_are_named(broker: httpx.AsyncClient, headers: Any, message: str) -> None:
    """A header that cannot be sent is rejected when the webhook is created."""
    response = await broker.post(
        "/webhooks", json=webhook(URL, "contract_published", request={"headers": headers})
    )

    assert (response.status_code, response.json()["errors"]) == (400, {"request.headers": [message]})


async def test_unknown_event_is_rejected_with_all_names(broker: httpx.AsyncClient) -> None:
    """The message has the index and the events that exist."""
    body = webhook(URL, "contract_published", "boom")

    [message] = (await broker.post("/webhooks", json=body)).json()["errors"]["events"]

    assert message == (
        "name must be one of: contract_published, contract_content_changed, provider_verification_published, "
        "provider_verification_succeeded, provider_verification_failed, contract_requiring_verification_published (at index 1)"
    )


async def test_authorization_beside_username_is_rejected(broker: httpx.AsyncClient) -> None:
    """The official broker drops the header without a word."""
    request = {"headers": {"Authorization": "Bearer abc"}, "username": "u", "password": "p"}

    response = await broker.post("/webhooks", json=webhook(URL, "contract_published", request=request))

    message = "Authorization cannot be given beside username, from which it is made: leave out one of them"
    assert (response.status_code, response.json()["errors"]) == (400, {"request.headers": [message]})


async def test_masked_secret_without_stored_value_is_rejected(broker: httpx.AsyncClient) -> None:
    """A mask is never sent as a secret."""
    request = {"headers": {"Authorization": MASK}}

    response = await broker.post("/webhooks", json=webhook(URL, "contract_published", request=request))

    message = "the value of authorization is masked: give the real value"
    assert (response.status_code, response.json()["errors"]) == (400, {"request.headers": [message]})


async def test_body_of_a_request_is_bounded(broker: httpx.AsyncClient) -> None:
    """A body that is too long is rejected with the limit."""
    response = await broker.post(
        "/webhooks", json=webhook(URL, "contract_published", request={"body": "x" * 100_000})
    )

    message = "must have at most 100000 characters as JSON"
    assert (response.status_code, response.json()["errors"]) == (400, {"request.body": [message]})


@pytest.mark.parametrize("uuid", ["abc", "a" * 101, "696c5f93-1b7f-44bc-8d03-59440fcaa9a!"])
async def test_uuid_has_a_shape(broker: httpx.AsyncClient, uuid: str) -> None:
    """A UUID that is too short, too long or has other characters is rejected."""
    response = await broker.put(f"/webhooks/{uuid}", json=webhook(URL, "contract_published"))

    message = "must have 16 to 100 characters of A-Z, a-z, 0-9, _ and -"
    assert (response.status_code, response.json()["errors"]) == (400, {"uuid": [message]})


async def test_number_of_webhooks_is_bounded(
    broker: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit a webhook is rejected; an existing one can be replaced."""
    monkeypatch.setattr("broker.services.webhooks.MAX_WEBHOOKS", 1)
    body = await create(broker)

    second = await broker.post("/webhooks", json=webhook(URL, "contract_published"))
    replaced = await broker.put(f"/webhooks/{body['uuid']}", json=webhook(URL, "contract_published"))

    message = "there are 1 webhooks already: delete one"
    assert (second.status_code, second.json()["errors"]) == (400, {"": [message]})
    assert replaced.status_code == 200
