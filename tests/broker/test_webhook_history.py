"""The history of webhooks: what was triggered and what became of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from broker.app import create_app
from broker.database import Database
from broker.domain.webhook_rules import WebhookRules, parse_host_rule
from broker.webhooks.settings import WebhookSettings
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


async def test_deleted_webhook_is_not_sent_any_more(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """What waits for a retry ends with the webhook; its history stays."""
    receiver.responding.clear()
    receiver.statuses = [500] * 5
    hook = await create(webhook_broker, receiver.url, "contract_published")
    await publish(webhook_broker)
    await receiver.wait_for(1)

    await webhook_broker.delete(hook)
    receiver.responding.set()

    [execution] = await wait_for_statuses(webhook_broker, "failure")
    assert len(receiver.requests) == 1
    assert "Not sent: the webhook was deleted" in await read_log(webhook_broker, execution)


async def test_webhook_that_is_disabled_is_not_sent_any_more(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """What waits for a retry ends with the attempt that is running."""
    receiver.responding.clear()
    receiver.statuses = [500] * 5
    hook = await create(webhook_broker, receiver.url, "contract_published")
    await publish(webhook_broker)
    await receiver.wait_for(1)

    await webhook_broker.put(hook, json=webhook(receiver.url, "contract_published", enabled=False))
    receiver.responding.set()

    [execution] = await wait_for_statuses(webhook_broker, "failure")
    assert len(receiver.requests) == 1
    assert "Not sent: the webhook was disabled" in await read_log(webhook_broker, execution)


async def test_disabled_webhook_is_not_triggered(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """Of two webhooks only the enabled one is triggered."""
    await create(webhook_broker, f"{receiver.url}/off", "contract_published", enabled=False)
    await create(webhook_broker, f"{receiver.url}/on", "contract_published")

    await publish(webhook_broker)

    await wait_for_statuses(webhook_broker, "success")
    assert [item.path for item in receiver.requests] == ["/on"]


async def test_executions_of_a_result_are_listed(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """The result links to what its publication triggered."""
    document = await publish(webhook_broker)
    await create(webhook_broker, receiver.url, "contract_published", "provider_verification_succeeded")

    result = (await webhook_broker.get(await publish_result(webhook_broker, document))).json()

    href = result["_links"]["pb:triggered-webhooks"]["href"]
    listed = (await webhook_broker.get(href)).json()["_embedded"]["triggeredWebhooks"]
    assert [item["eventName"] for item in listed] == ["provider_verification_succeeded"]


@pytest.mark.parametrize(
    "url",
    [
        "/pacts/provider/Hotel/consumer/Web/webhooks/status",
        "/pacts/provider/Hotel/consumer/Web/version/1/triggered-webhooks",
        f"/triggered-webhooks/{'0' * 36}/logs",
    ],
)
async def test_unknown_history_is_not_found(webhook_broker: httpx.AsyncClient, url: str) -> None:
    """There is no history of what does not exist."""
    assert (await webhook_broker.get(url)).status_code == 404


async def test_publication_names_events_and_triggered_webhooks(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """The notices, which the official CLI prints, have the events and the URL of each log."""
    await create(webhook_broker, receiver.url, "contract_published", description="notify")
    body = publication("1", pact("Web", "Hotel", "x"), branch="main")

    response = (await webhook_broker.post("/contracts/publish", json=body)).json()

    texts = [notice["text"] for notice in response["notices"]]
    [execution] = await read_executions(webhook_broker)
    assert texts[3:] == [
        "  Events detected: contract_published, contract_content_changed (first time untagged pact published)",
        f'  Webhook "notify" triggered for event contract_published.\n    View logs at {execution["_links"]["pb:logs"]["href"]}',
    ]
    assert [item["message"] for item in response["logs"]] == texts
    assert json.dumps(response)


async def test_attempts_before_a_restart_count(receiver: WebhookReceiver, tmp_path: Path) -> None:
    """What is due later is not sent at the start, and goes on where it was."""
    receiver.statuses = [500, 500]
    settings = WebhookSettings(
        WebhookRules(schemes=("http",), hosts=(parse_host_rule("127.0.0.1"),)), (0.0, 600.0)
    )
    async with running_broker(tmp_path / "b.sqlite", settings) as broker:
        await create(broker, receiver.url, "contract_published")
        await publish(broker)
        await wait_for_statuses(broker, "retrying")
        await receiver.wait_for(2)

    async with running_broker(tmp_path / "b.sqlite", settings) as broker:
        [execution] = await read_executions(broker)

    assert (execution["status"], execution["attemptsRemaining"]) == (
        "retrying",
        3 - execution["attemptsMade"],
    )
    assert len(receiver.requests) == 2


@asynccontextmanager
async def running_broker(database_file: Path, settings: WebhookSettings) -> AsyncIterator[httpx.AsyncClient]:
    """Run a broker on a file as long as the block, and yield a client of it."""
    database = Database(database_file)
    app = create_app(database, webhook_settings=settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.state.webhook_worker.running(),
        httpx.AsyncClient(transport=transport, base_url="http://broker") as client,
    ):
        yield client
    database.close()
