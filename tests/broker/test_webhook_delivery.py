"""Delivery of webhooks to a receiver on loopback: requests, retries, history and logs."""

from __future__ import annotations

import httpx
import pytest

from tests.broker.webhook_client import (
    create,
    publish,
    publish_result,
    read_log,
    wait_for_statuses,
)
from tests.broker.webhook_receiver import WebhookReceiver

EVERY_PARAMETER = (
    "consumerName", "providerName", "consumerVersionNumber", "providerVersionNumber", "consumerVersionTags",
    "providerVersionTags", "consumerVersionBranch", "providerVersionBranch", "providerVersionDescriptions",
    "consumerLabels", "providerLabels", "pactUrl", "verificationResultUrl", "githubVerificationStatus",
    "gitlabVerificationStatus", "bitbucketVerificationStatus", "azureDevOpsVerificationStatus", "eventName", "buildUrl",
    "currentlyDeployedProviderVersionNumber", "unknown",
)  # fmt: skip


async def test_every_parameter_has_its_value(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """A result's event knows both versions with branches and tags, the URLs, and the status in four vocabularies."""
    document = await publish(webhook_broker, branch="feat/x", tags=["dev", "qa"])
    for name in ("branches/main", "tags/prod"):
        kind, _, value = name.partition("/")
        versions = f"/{kind}/{value}/versions/7" if kind == "branches" else f"/versions/7/tags/{value}"
        await webhook_broker.put(f"/pacticipants/Hotel{versions}")
    body = {name: f"${{pactbroker.{name}}}" for name in EVERY_PARAMETER}
    await create(
        webhook_broker, f"{receiver.url}/h", "provider_verification_published", request={"body": body}
    )

    result_url = await publish_result(webhook_broker, document, success=False)

    [received] = await receiver.wait_for(1)
    values = received.json
    sha = document["_links"]["pb:pact-version"]["name"]
    assert values.pop("pactUrl").startswith(
        f"http://broker/pacts/provider/Hotel/consumer/Web/pact-version/{sha}/metadata/"
    )
    assert values == {
        "consumerName": "Web", "consumerVersionNumber": "1", "consumerVersionBranch": "feat/x",
        "consumerVersionTags": "dev, qa", "consumerLabels": "",
        "providerName": "Hotel", "providerVersionNumber": "7", "providerVersionBranch": "main",
        "providerVersionTags": "prod", "providerLabels": "", "providerVersionDescriptions": "",
        "currentlyDeployedProviderVersionNumber": "", "verificationResultUrl": result_url, "buildUrl": "http://ci/7",
        "githubVerificationStatus": "failure", "gitlabVerificationStatus": "failed",
        "bitbucketVerificationStatus": "FAILED", "azureDevOpsVerificationStatus": "failed",
        "eventName": "provider_verification_published", "unknown": "${pactbroker.unknown}",
    }  # fmt: skip


async def test_result_for_the_pact_of_a_webhook_ends_work_in_progress(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """At the official broker, a result that is sent to a webhook's pact URL never counts for that."""
    await publish(webhook_broker, branch="main")
    await create(
        webhook_broker, receiver.url, "contract_published", request={"body": "${pactbroker.pactUrl}"}
    )
    await publish(webhook_broker, "2", "y", branch="feat/y")
    [received] = await receiver.wait_for(1)
    await webhook_broker.put("/pacticipants/Hotel/branches/b/versions/7")

    async def work_in_progress() -> list[str]:
        body = {
            "consumerVersionSelectors": [{"mainBranch": True}],
            "providerVersionBranch": "b",
            "includeWipPactsSince": "2020-01-01",
        }
        response = await webhook_broker.post("/pacts/provider/Hotel/for-verification", json=body)
        entries = response.json()["_embedded"]["pacts"]
        return [item["_links"]["self"]["name"] for item in entries if "wip" in item["verificationProperties"]]

    before = await work_in_progress()
    document = (await webhook_broker.get(received.body.decode())).json()
    await publish_result(webhook_broker, document)

    assert document["_links"]["self"]["href"].endswith("/version/2")
    assert before == ["Pact between Web (2) and Hotel"]
    assert await work_in_progress() == []


async def test_request_is_sent_as_defined(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """Method, escaped URL, headers, credentials and a value with quotation marks arrive as they should."""
    request = {
        "method": "PUT",
        "headers": {
            "X-Event": "${pactbroker.eventName}",
            "X-Branch": "ż ${pactbroker.consumerVersionBranch}",
        },
        "body": {"deep": [{"branch": "${pactbroker.consumerVersionBranch}"}], "number": 1.5},
        "username": "u-${pactbroker.consumerName}",
        "password": "p",
    }
    url = f"{receiver.url}/a/${{pactbroker.consumerVersionBranch}}?b=${{pactbroker.consumerVersionBranch}}"
    await create(webhook_broker, url, "contract_published", request=request)

    await publish(webhook_broker, branch='x/y "&=ü')

    [received] = await receiver.wait_for(1)
    escaped = "x%2Fy%20%22%26%3D%C3%BC"
    assert (received.method, received.path) == ("PUT", f"/a/{escaped}?b={escaped}")
    assert received.json == {"deep": [{"branch": 'x/y "&=ü'}], "number": 1.5}
    assert received.headers["content-type"] == "application/json"
    assert received.headers["authorization"] == "Basic dS1XZWI6cA=="
    assert received.headers["x-event"] == "contract_published"
    assert received.headers["x-branch"].encode("latin-1").decode() == 'ż x/y "&=ü'
    assert received.headers["user-agent"].startswith("Pact Broker")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [('{"a": 1}', "application/json"), ("<xml/>", "text/plain; charset=utf-8"), (None, None)],
)
async def test_body_without_content_type_has_the_right_one(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver, body: str | None, content_type: str | None
) -> None:
    """The official broker sends every body without a content type as a form."""
    await create(webhook_broker, receiver.url, "contract_published", request={"body": body})

    await publish(webhook_broker)

    [received] = await receiver.wait_for(1)
    assert (received.body, received.headers.get("content-type")) == ((body or "").encode(), content_type)


async def test_failed_attempts_are_repeated_until_one_succeeds(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """The history counts the attempts, and the log has each with its status."""
    receiver.statuses = [500, 404]
    await create(webhook_broker, receiver.url, "contract_published")

    await publish(webhook_broker)

    await receiver.wait_for(3)
    [execution] = await wait_for_statuses(webhook_broker, "success")
    log = await read_log(webhook_broker, execution)
    assert (execution["attemptsMade"], execution["attemptsRemaining"]) == (3, 0)
    assert (execution["eventName"], execution["name"]) == ("contract_published", "POST 127.0.0.1")
    statuses = [line.partition("HTTP/1.1 ")[2] for line in log.splitlines() if "HTTP/1.1 " in line]
    assert [text for text in statuses if text[0].isdigit()] == [
        "500 Internal Server Error",
        "404 Not Found",
        "200 OK",
    ]
    assert log.count("The next attempt is in 0 seconds") == 2


async def test_attempts_end_after_the_schedule(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """After the last retry the execution has failed, and the status of the pact says so."""
    receiver.statuses = [500] * 10
    await create(webhook_broker, receiver.url, "contract_published")

    await publish(webhook_broker)

    [execution] = await wait_for_statuses(webhook_broker, "failure")
    status = (await webhook_broker.get("/pacts/provider/Hotel/consumer/Web/webhooks/status")).json()
    [item] = (await webhook_broker.get("/dashboard")).json()["items"]
    assert (item["webhookStatus"], item["latestWebhookExecution"]) == (
        "failure",
        {"triggeredAt": execution["triggeredAt"]},
    )
    assert len(receiver.requests) == 3
    assert (execution["attemptsMade"], execution["attemptsRemaining"]) == (3, 0)
    assert status["summary"] == {"successful": 0, "failed": 1}
    assert status["_embedded"]["triggeredWebhooks"] == [execution]
    assert [item["href"] for item in status["_links"]["pb:error-logs"]] == [
        execution["_links"]["pb:logs"]["href"]
    ]


async def test_receiver_that_is_away_is_an_attempt(webhook_broker: httpx.AsyncClient) -> None:
    """A refused connection is repeated like a bad status."""
    await create(webhook_broker, "http://127.0.0.1:1/", "contract_published")

    await publish(webhook_broker)

    [execution] = await wait_for_statuses(webhook_broker, "failure")
    assert (await read_log(webhook_broker, execution)).count(
        "Webhook failed: All connection attempts failed"
    ) == 3
