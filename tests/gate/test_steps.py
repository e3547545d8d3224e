"""The steps are commands of their own, and in their order they lead to the verdict of `gate run`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from gate.deployments import deployed_versions
from pact_broker_client.client import BrokerClient
from tests.conftest import CONSUMER
from tests.gate.checkout import Checkout, git

pytestmark = pytest.mark.timeout(300)  # whole runs of the gate, on a machine that may be busy


def test_single_steps_lead_to_yes(small_checkout: Checkout) -> None:
    """In a fresh clone with the embedded broker, each step that runs too early names the one before it."""
    before = small_checkout.gate("can-i-deploy")
    unpublished = small_checkout.gate("verify")
    record = small_checkout.run(sys.executable, "-m", "consumer_tests")
    publish = small_checkout.gate("publish")
    unverified = small_checkout.gate("can-i-deploy")
    verify = small_checkout.gate("verify")
    verdict = small_checkout.gate("can-i-deploy")

    assert (before.code, unpublished.code) == (2, 2)
    assert "nothing was published for voicehive-orchestrator" in before.text
    assert "run 'make pact-publish' and 'make pact-verify' first" in before.text
    assert (record.code, publish.code, verify.code) == (0, 0, 0)
    assert unverified.code == 1
    assert "has not verified this version's pact" in unverified.text
    assert verdict.code == 0, verdict.text
    assert small_checkout.verdict()["verdict"] == "yes"


def test_deleted_pact_file_does_not_make_its_vendor_optional(
    small_checkout: Checkout, external_broker: str
) -> None:
    """The required vendors come from the expectations."""
    (small_checkout.folder / f"pacts/{CONSUMER}-tts.json").unlink()

    publish = small_checkout.gate("publish", PACT_BROKER_BASE_URL=external_broker)
    verify = small_checkout.gate("verify", PACT_BROKER_BASE_URL=external_broker)
    verdict = small_checkout.gate("can-i-deploy", PACT_BROKER_BASE_URL=external_broker)

    assert (publish.code, verify.code, verdict.code) == (0, 1, 1)
    assert "there is no pact file for tts" in publish.text
    assert "tts: this version has no pact at the broker" in verify.text
    assert "this version has no pact with tts at the broker" in verdict.text
    assert small_checkout.outcomes() == {"tts": "no pact", "vault": "verified"}


def test_deployment_is_recorded_in_any_environment(small_checkout: Checkout, external_broker: str) -> None:
    """`record-deployment` records the orchestrator's own version, `can-i-deploy` asks about any environment."""
    small_checkout.gate("run", PACT_BROKER_BASE_URL=external_broker)

    record = small_checkout.gate(
        "record-deployment", "--environment", "test", PACT_BROKER_BASE_URL=external_broker
    )
    verdict = small_checkout.gate(
        "can-i-deploy", "--environment", "test", PACT_BROKER_BASE_URL=external_broker
    )

    assert (record.code, verdict.code) == (0, 0)
    assert "may be deployed to test" in verdict.text
    with BrokerClient(external_broker) as client:
        assert deployed_versions(client, "test") == {
            CONSUMER: git(small_checkout.folder, "rev-parse", "HEAD")
        }
        assert CONSUMER not in deployed_versions(client, "production")


def test_unknown_environment_is_named(small_checkout: Checkout, external_broker: str) -> None:
    """No verdict about an environment that the broker does not have; its environments are listed."""
    verdict = small_checkout.gate(
        "can-i-deploy", "--environment", "moon", PACT_BROKER_BASE_URL=external_broker
    )
    record = small_checkout.gate(
        "record-deployment", "--environment", "moon", PACT_BROKER_BASE_URL=external_broker
    )

    assert (verdict.code, record.code) == (2, 2)
    assert "the broker has no environment 'moon', it has: " in verdict.text
    assert "production" in verdict.text
    assert small_checkout.verdict()["verdict"] == "no verdict"


def test_unpublished_version_is_not_recorded_as_deployed(
    small_checkout: Checkout, external_broker: str
) -> None:
    """A deployment of a version that the broker does not know is an error."""
    run = small_checkout.gate(
        "record-deployment", "--environment", "production", PACT_BROKER_BASE_URL=external_broker
    )

    assert run.code == 2
    assert "nothing was published for voicehive-orchestrator" in run.text


def test_pact_broker_is_the_official_cli(small_checkout: Checkout, external_broker: str) -> None:
    """`pact-broker publish …` publishes."""
    command = str(Path(sys.executable).with_name("pact-broker"))
    options = ("--broker-base-url", external_broker, "--consumer-app-version", "1", "--branch", "main")

    run = subprocess.run(
        [command, "publish", "pacts", *options],
        cwd=small_checkout.folder,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert httpx.get(f"{external_broker}/pacticipants/{CONSUMER}/versions/1").json()["number"] == "1"
