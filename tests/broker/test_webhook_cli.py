"""The webhook commands of the official Pact CLI against the embedded broker."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.broker.broker_process import run_broker
from tests.broker.payloads import pact, publication
from tests.broker.webhook_receiver import WebhookReceiver

UUID = "696c5f93-1b7f-44bc-8d03-59440fcaa9a0"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a broker that may send webhooks to loopback, with a pact between Foo and Bar; for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACT_BROKER_WEBHOOK_HOST_WHITELIST", "127.0.0.1")
        patch.setenv("PACT_BROKER_WEBHOOK_SCHEME_WHITELIST", "http https")
        with run_broker(tmp_path_factory.mktemp("webhooks") / "b.sqlite") as address:
            body = publication("1", pact("Foo", "Bar", "x"))
            httpx.post(f"{address}/contracts/publish", json=body).raise_for_status()
            yield address


@pytest.fixture(autouse=True)
def without_webhooks(url: str) -> None:
    """Each test begins without webhooks."""
    for item in list_webhooks(url):
        httpx.delete(f"{url}/webhooks/{item['uuid']}").raise_for_status()


def run(url: str, *arguments: str) -> tuple[int, str]:
    """Run `pact-broker …` against the broker and return the exit code and the output."""
    return run_program(*arguments, "--broker-base-url", url)


def run_program(*arguments: str) -> tuple[int, str]:
    """Run `pact-broker …` and return the exit code and the output."""
    program = str(Path(sys.executable).with_name("pact-broker"))
    completed = subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return completed.returncode, completed.stdout + completed.stderr


def list_webhooks(url: str) -> list[dict[str, object]]:
    """Return all webhooks."""
    links = httpx.get(f"{url}/webhooks").json()["_links"]["pb:webhooks"]
    return [httpx.get(item["href"]).json() for item in links]


def test_webhook_is_created_updated_tested_and_deleted(url: str, receiver: WebhookReceiver) -> None:
    """Each command succeeds and has its effect."""
    request = [receiver.url + "/hook?c=${pactbroker.consumerName}", "--request", "POST", "--data", '{"a": 1}']

    created = run(
        url, "create-webhook", *request, "--consumer", "Foo", "--provider", "Bar",
        "--user", "u:p", "--contract-published", "--description", "first",
    )  # fmt: skip
    put = [
        run(
            url, "create-or-update-webhook", *request, "--uuid", UUID,
            "--provider-verification-succeeded", "--description", text,
        )
        for text in ("second", "third")
    ]  # fmt: skip
    webhooks = list_webhooks(url)
    tested = run(url, "test-webhook", "--uuid", UUID)
    deleted = run(url, "delete-webhook", "--uuid", UUID)

    assert (created[0], [code for code, _ in put], tested[0], deleted[0]) == (0, [0, 0], 0, 0), (
        created,
        put,
        tested,
    )
    assert [(item["description"], item["events"]) for item in webhooks] == [
        ("first", [{"name": "contract_published"}]),
        ("third", [{"name": "provider_verification_succeeded"}]),
    ]
    assert (webhooks[0]["consumer"], webhooks[0]["provider"]) == ({"name": "Foo"}, {"name": "Bar"})
    assert [item.path for item in receiver.requests] == ["/hook?c=Foo"]
    assert [item["description"] for item in list_webhooks(url)] == ["first"]


def test_rejected_webhook_is_reported_with_its_reason(url: str) -> None:
    """The CLI prints the broker's message, and fails."""
    code, output = run(
        url, "create-webhook", "https://192.168.0.1/hook", "--request", "POST", "--contract-published"
    )

    assert code == 1
    assert "host must be one of the allowed hosts: 127.0.0.1" in output


def test_uuid_of_the_cli_is_accepted(url: str, receiver: WebhookReceiver) -> None:
    """generate-uuid makes what create-or-update-webhook needs."""
    code, output = run_program("generate-uuid")
    uuid = output.strip().split()[-1]

    created = run(
        url, "create-or-update-webhook", receiver.url, "--request", "POST", "--uuid", uuid, "--contract-published"
    )  # fmt: skip

    assert (code, created[0]) == (0, 0), created[1]
    assert [item["uuid"] for item in list_webhooks(url)] == [uuid]
