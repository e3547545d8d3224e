"""Secrets of webhooks, which are sent but never logged, and tests of webhooks."""

from __future__ import annotations

import httpx

from tests.broker.payloads import pact, publication
from tests.broker.webhook_client import (
    create,
    publish,
    publish_result,
    read_executions,
    read_log,
    wait_for_statuses,
)
from tests.broker.webhook_receiver import WebhookReceiver, webhook

MASK = "**********"


async def test_secrets_are_sent_but_never_logged(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """Also when the receiver echoes them, neither the log nor the response of a test has them."""
    receiver.response_body = None
    request = {
        "headers": {"X-Token": "token-4711"},
        "username": "u",
        "password": "pass-4712",
        "body": "token-4711 pass-4712 dTpwYXNzLTQ3MTI=",
    }
    hook = await create(webhook_broker, receiver.url, "contract_published", request=request)

    await publish(webhook_broker)
    [execution] = await wait_for_statuses(webhook_broker, "success")
    tested = await webhook_broker.post(f"{hook}/execute")

    log = await read_log(webhook_broker, execution)
    assert [item.headers["x-token"] for item in receiver.requests] == ["token-4711"] * 2
    assert [item.headers["authorization"] for item in receiver.requests] == ["Basic dTpwYXNzLTQ3MTI="] * 2
    assert tested.json()["request"]["headers"]["x-token"] == MASK
    assert tested.json()["response"]["body"] == f"{MASK} {MASK} {MASK}"
    for text in (log, tested.json()["logs"]):
        assert f"x-token: {MASK}" in text
        assert not any(secret in text for secret in ("4711", "4712", "dTpwYXNzLTQ3MTI="))


async def test_secret_at_the_end_of_a_shortened_body_is_not_logged(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """The log has the first 2,000 characters of a long body, and so would have a part of the secret."""
    receiver.response_body = None
    request = {
        "headers": {"X-Token": "token-4711-abcdef"},
        "body": "y" * 1995 + "token-4711-abcdef" + "z" * 100,
    }
    hook = await create(webhook_broker, receiver.url, "contract_published", request=request)

    tested = await webhook_broker.post(f"{hook}/execute")

    assert tested.json()["success"] is True
    assert "yyyytoke" not in tested.json()["logs"]
    assert tested.json()["logs"].count("y" * 1995) == 2


async def test_masked_secrets_keep_their_value(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """A webhook that is read, changed and put back still sends its secrets."""
    request = {"headers": {"X-Token": "token-4711"}, "username": "u", "password": "pass"}
    hook = await create(webhook_broker, receiver.url, "contract_published", request=request)
    body = (await webhook_broker.get(hook)).json()

    response = await webhook_broker.put(hook, json={**body, "description": "changed"})
    await webhook_broker.post(f"{hook}/execute")

    [received] = receiver.requests
    assert response.status_code == 200
    assert (received.headers["x-token"], received.headers["authorization"]) == (
        "token-4711",
        "Basic dTpwYXNz",
    )


async def test_test_execution_uses_the_pact_and_result_of_one_pair(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """A webhook for all pacts is tested with the newest pact and with its own result, not another pair's."""
    document = await publish(webhook_broker)
    await publish_result(webhook_broker, document)
    await webhook_broker.post("/contracts/publish", json=publication("2", pact("App", "Hotel", "y")))
    body = {"consumer": "${pactbroker.consumerName}", "result": "${pactbroker.verificationResultUrl}"}
    hook = await create(
        webhook_broker,
        f"{receiver.url}/h?v=${{pactbroker.consumerVersionNumber}}",
        "contract_published",
        request={"body": body},
    )

    response = await webhook_broker.post(f"{hook}/execute", json={})

    executed = response.json()
    assert (response.status_code, executed["success"]) == (200, True)
    assert executed["request"]["url"] == "/h?v=2"
    assert executed["request"]["body"] == receiver.requests[0].json == {"consumer": "App", "result": ""}
    assert executed["_links"]["try-again"]["href"] == f"http://broker{hook}/execute"
    assert executed["_links"]["webhook"]["href"] == f"http://broker{hook}"
    assert await read_executions(webhook_broker) == []


async def test_unsaved_webhook_can_be_tested_without_a_pact(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """The values are placeholders, and nothing is stored."""
    body = webhook(
        receiver.url,
        "contract_published",
        request={"body": "${pactbroker.consumerName} ${pactbroker.eventName}"},
    )

    response = await webhook_broker.post("/webhooks/execute", json=body)

    assert (response.status_code, response.json()["success"]) == (200, True)
    assert receiver.requests[0].body == b"Consumer test"
    assert (await webhook_broker.get("/webhooks")).json()["_links"]["pb:webhooks"] == []


async def test_failed_test_is_still_200(webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver) -> None:
    """The status is that of the test, in the body."""
    receiver.statuses = [503]
    hook = await create(webhook_broker, receiver.url, "contract_published")

    response = await webhook_broker.post(f"{hook}/execute")

    assert (response.status_code, response.json()["success"]) == (200, False)
    assert response.json()["response"]["status"] == 503


async def test_unknown_webhook_cannot_be_tested(webhook_broker: httpx.AsyncClient) -> None:
    """The official CLI's test-webhook reports the 404."""
    assert (await webhook_broker.post("/webhooks/none/execute", json={})).status_code == 404
