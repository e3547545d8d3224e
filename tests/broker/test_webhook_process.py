"""Webhooks of brokers as processes: nothing is lost by SIGKILL, and two brokers send each request once."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx
import pytest

from broker.__main__ import main
from tests.broker.payloads import pact, publication
from tests.broker.webhook_receiver import WebhookReceiver, webhook
from tests.conftest import Listening, Start
from tests.integration.waiting import wait_until

LOGS = "/pacts/provider/Hotel/consumer/Web/version/1/triggered-webhooks"


@pytest.fixture(autouse=True)
def loopback_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The brokers that a test starts may send to loopback."""
    monkeypatch.setenv("PACT_BROKER_WEBHOOK_HOST_WHITELIST", "127.0.0.1")
    monkeypatch.setenv("PACT_BROKER_WEBHOOK_SCHEME_WHITELIST", "http")


def statuses(client: httpx.Client) -> list[str]:
    """Return the statuses of the executions for version 1."""
    return [item["status"] for item in client.get(LOGS).json()["_embedded"]["triggeredWebhooks"]]


def test_killed_broker_loses_no_webhook(
    start_broker: Start, wait_for_broker_url: Listening, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    """What was being sent, and what was still waiting, is sent after the restart."""
    receiver.responding.clear()
    process = start_broker(tmp_path / "b.sqlite")
    with httpx.Client(base_url=wait_for_broker_url(process)) as client:
        for number in range(7):
            client.post("/webhooks", json=webhook(f"{receiver.url}/{number}", "contract_published"))
        client.post("/contracts/publish", json=publication("1", pact("Web", "Hotel", "x"))).raise_for_status()
        # as many as are sent at the same time; the others wait
        wait_until(lambda: len(receiver.requests) == 5, "five requests")
    process.send_signal(signal.SIGKILL)
    process.wait()
    interrupted = [request.path for request in receiver.requests]
    lock_mode = (tmp_path / "b.sqlite-webhooks.lock").stat().st_mode & 0o777
    receiver.responding.set()

    restarted = wait_for_broker_url(start_broker(tmp_path / "b.sqlite"))

    with httpx.Client(base_url=restarted) as client:
        wait_until(lambda: statuses(client) == ["success"] * 7, "all webhooks are sent")
    paths = [request.path for request in receiver.requests]
    assert lock_mode == 0o600
    assert sorted(interrupted) == [f"/{number}" for number in range(5)]
    assert sorted(paths) == sorted([*interrupted, *(f"/{number}" for number in range(7))])


def test_two_brokers_on_one_database_send_each_webhook_once(
    start_broker: Start, wait_for_broker_url: Listening, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    """One of them sends, whichever of them gets the publication."""
    urls = [wait_for_broker_url(start_broker(tmp_path / "b.sqlite")) for _ in range(2)]
    with httpx.Client() as client:
        client.post(f"{urls[0]}/webhooks", json=webhook(receiver.url, "contract_published"))
        for number in range(6):
            body = publication(str(number), pact("Web", "Hotel", "x"))
            client.post(f"{urls[number % 2]}/contracts/publish", json=body).raise_for_status()
        wait_until(lambda: len(receiver.requests) == 6, "six requests")

        logs = "/pacts/provider/Hotel/consumer/Web/version/{}/triggered-webhooks"

        def attempts(number: int) -> int:
            response = client.get(urls[0] + logs.format(number)).json()
            made: int = response["_embedded"]["triggeredWebhooks"][0]["attemptsMade"]
            return made

        wait_until(lambda: all(attempts(number) for number in range(6)), "all are stored")

        assert [attempts(number) for number in range(6)] == [1] * 6
    assert len(receiver.requests) == 6


def test_invalid_setting_is_an_error_at_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The broker exits with 2 and names the setting."""
    monkeypatch.setenv("PACT_BROKER_WEBHOOK_RETRY_SCHEDULE", "soon")

    code = main(["--port", "0", "--database", str(tmp_path / "b.sqlite")])

    assert code == 2
    expected = "the broker cannot start: PACT_BROKER_WEBHOOK_RETRY_SCHEDULE must be at most 20 numbers"
    assert capsys.readouterr().err.startswith(expected)
