"""Webhooks that cannot be sent as they are defined are rejected, with the field and what would be right."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.broker.webhook_receiver import webhook

MASK = "**********"
URL = "https://ci.example.org/hook"


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
    body = (await broker.post("/webhooks", json=webhook(URL, "contract_published"))).json()

    second = await broker.post("/webhooks", json=webhook(URL, "contract_published"))
    replaced = await broker.put(f"/webhooks/{body['uuid']}", json=webhook(URL, "contract_published"))

    message = "there are 1 webhooks already: delete one"
    assert (second.status_code, second.json()["errors"]) == (400, {"": [message]})
    assert replaced.status_code == 200
