"""Limits of the delivery of webhooks: time, redirects, sizes, concurrency, queue and history."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from broker.webhooks import sender as sender_module
from tests.broker.webhook_client import create, publish, read_executions, read_log, wait_for_statuses
from tests.broker.webhook_receiver import WebhookReceiver


async def test_receiver_that_does_not_respond_is_given_up(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt has a limit for all of it together."""
    monkeypatch.setattr(sender_module, "TOTAL_TIMEOUT_SECONDS", 0.05)
    receiver.responding.clear()
    hook = await create(webhook_broker, receiver.url, "contract_published")

    body = (await webhook_broker.post(f"{hook}/execute")).json()

    assert (body["success"], body["error"]) == (False, {"message": "no response within 0.05 seconds"})


async def test_redirects_are_not_followed(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """A receiver cannot send the broker to another address."""
    receiver.statuses, receiver.response_headers = [302], {"Location": f"{receiver.url}/other"}
    hook = await create(webhook_broker, f"{receiver.url}/first", "contract_published")

    body = (await webhook_broker.post(f"{hook}/execute")).json()

    assert (body["success"], body["response"]["status"]) == (False, 302)
    assert [item.path for item in receiver.requests] == ["/first"]


async def test_long_response_is_not_received(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """Of a response the beginning is received: this one ends before the length that it declares."""
    receiver.response_body = b"x" * 20_000
    receiver.response_headers = {"Content-Length": "1000000000"}
    hook = await create(webhook_broker, receiver.url, "contract_published")

    body = (await webhook_broker.post(f"{hook}/execute")).json()

    assert body["success"] is True
    assert len(body["response"]["body"]) == sender_module.MAX_RESPONSE_BYTES
    assert len(body["logs"]) < 3_000


async def test_number_of_concurrent_requests_is_bounded(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """While five receivers do not respond, the sixth request waits."""
    receiver.responding.clear()
    for number in range(7):
        await create(webhook_broker, f"{receiver.url}/{number}", "contract_published")
    await publish(webhook_broker)
    await receiver.wait_for(5)
    statuses = [item["status"] for item in await read_executions(webhook_broker)]
    held = len(receiver.requests)

    receiver.responding.set()

    await wait_for_statuses(webhook_broker, *["success"] * 7)
    assert (held, statuses) == (5, ["not_run"] * 7)


async def test_queue_is_bounded(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not fit into the queue is recorded as failed with its reason; the publication succeeds."""
    monkeypatch.setattr("broker.store.triggered_webhooks.MAX_PENDING", 1)
    await create(webhook_broker, f"{receiver.url}/1", "contract_published")
    await create(webhook_broker, f"{receiver.url}/2", "contract_published")

    await publish(webhook_broker)

    executions = await wait_for_statuses(webhook_broker, "failure", "success")
    assert "not sent: 1 webhooks are waiting already" in await read_log(webhook_broker, executions[0])
    assert [item.path for item in receiver.requests] == ["/1"]


async def test_history_is_bounded(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the newest finished executions are kept."""
    monkeypatch.setattr("broker.store.triggered_webhooks.MAX_FINISHED", 2)
    for number in range(4):
        await create(webhook_broker, f"{receiver.url}/{number}", "contract_published")

    await publish(webhook_broker)

    await wait_for_statuses(webhook_broker, "success", "success")
    assert len(receiver.requests) == 4


async def test_number_of_concurrent_tests_is_bounded(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """While five tests wait for their receiver, another one is told to try again."""
    receiver.responding.clear()
    hook = await create(webhook_broker, receiver.url, "contract_published")
    tests = [asyncio.create_task(webhook_broker.post(f"{hook}/execute")) for _ in range(5)]
    await receiver.wait_for(5)

    rejected = await webhook_broker.post(f"{hook}/execute")
    receiver.responding.set()

    message = "too many tests of webhooks are running: try again"
    assert (rejected.status_code, rejected.json()["errors"]) == (503, {"": [message]})
    assert [response.status_code for response in await asyncio.gather(*tests)] == [200] * 5
