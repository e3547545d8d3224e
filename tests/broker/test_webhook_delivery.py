"""Delivery of webhooks to a receiver on loopback: requests, retries, history, logs and secrets."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from broker.webhooks import sender as sender_module
from tests.broker.payloads import pact, path, publication
from tests.broker.webhook_receiver import WebhookReceiver, wait_until_equal, webhook

MASK = "**********"
EVERY_PARAMETER = (
    "consumerName", "providerName", "consumerVersionNumber", "providerVersionNumber", "consumerVersionTags",
    "providerVersionTags", "consumerVersionBranch", "providerVersionBranch", "providerVersionDescriptions",
    "consumerLabels", "providerLabels", "pactUrl", "verificationResultUrl", "githubVerificationStatus",
    "gitlabVerificationStatus", "bitbucketVerificationStatus", "azureDevOpsVerificationStatus", "eventName", "buildUrl",
    "currentlyDeployedProviderVersionNumber", "unknown",
)  # fmt: skip


async def create(broker: httpx.AsyncClient, url: str, *events: str, **fields: Any) -> str:
    """Create a webhook and return its path."""
    response = await broker.post("/webhooks", json=webhook(url, *events, **fields))
    assert response.status_code == 201, response.text
    return f"/webhooks/{response.json()['uuid']}"


async def publish(broker: httpx.AsyncClient, version: str = "1", content: str = "x", **fields: Any) -> Any:
    """Publish a pact between Web and Hotel, and return it."""
    body = publication(version, pact("Web", "Hotel", content), **fields)
    response = await broker.post("/contracts/publish", json=body)
    assert response.status_code == 200, response.text
    return (
        await broker.get(path("pacts", "provider", "Hotel", "consumer", "Web", "version", version))
    ).json()


async def publish_result(broker: httpx.AsyncClient, document: Any, *, success: bool = True) -> str:
    """Publish a result of Hotel 7 and return its URL."""
    body = {"success": success, "providerApplicationVersion": "7", "buildUrl": "http://ci/7"}
    href = document["_links"]["pb:publish-verification-results"]["href"]
    return (await broker.post(href, json=body)).headers["location"]


async def read_executions(broker: httpx.AsyncClient, version: str = "1") -> list[dict[str, Any]]:
    """Return the executions for a version's pact, newest first."""
    href = path("pacts", "provider", "Hotel", "consumer", "Web", "version", version, "triggered-webhooks")
    executions: list[dict[str, Any]] = (await broker.get(href)).json()["_embedded"]["triggeredWebhooks"]
    return executions


async def wait_for_statuses(broker: httpx.AsyncClient, *statuses: str) -> list[dict[str, Any]]:
    """Wait until the executions for version 1 have these statuses, newest first."""

    async def read() -> list[str]:
        return [item["status"] for item in await read_executions(broker)]

    await wait_until_equal(read, [*statuses])
    return await read_executions(broker)


async def read_log(broker: httpx.AsyncClient, execution: dict[str, Any]) -> str:
    """Return the log of an execution."""
    response = await broker.get(execution["_links"]["pb:logs"]["href"])
    assert (response.status_code, response.headers["content-type"]) == (200, "text/plain;charset=utf-8")
    return response.text


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
    """Of an endless response the beginning is kept."""
    receiver.response_body = b"x" * 1_000_000
    hook = await create(webhook_broker, receiver.url, "contract_published")

    body = (await webhook_broker.post(f"{hook}/execute")).json()

    assert body["success"] is True
    assert len(body["response"]["body"]) == sender_module.MAX_RESPONSE_BYTES
    assert len(body["logs"]) < 3_000


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


async def test_disabled_webhook_is_not_triggered(
    webhook_broker: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    """Of two webhooks only the enabled one is triggered."""
    await create(webhook_broker, f"{receiver.url}/off", "contract_published", enabled=False)
    await create(webhook_broker, f"{receiver.url}/on", "contract_published")

    await publish(webhook_broker)

    await wait_for_statuses(webhook_broker, "success")
    assert [item.path for item in receiver.requests] == ["/on"]


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
