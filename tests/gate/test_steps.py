"""The steps are commands of their own, and in their order they lead to the verdict of `gate run`."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from gate.deployments import deployed_versions
from pact_broker_client.client import BrokerClient
from tests.conftest import CONSUMER, CreateCheckout
from tests.gate.checkout import Checkout, git

pytestmark = pytest.mark.timeout(300)  # whole runs of the gate, on a machine that may be busy


def test_single_steps_lead_to_yes(create_checkout: CreateCheckout) -> None:
    """In a fresh clone with the embedded broker, which keeps its data between the steps."""
    checkout = create_checkout("vault")

    record = checkout.run(sys.executable, "-m", "consumer_tests")
    publish = checkout.gate("publish")
    verify = checkout.gate("verify")
    verdict = checkout.gate("can-i-deploy")

    assert (record.code, publish.code, verify.code) == (0, 0, 0)
    assert ("✓ publish" in publish.text, "✓ verify" in verify.text) == (True, True)
    assert verdict.code == 0, verdict.text
    assert checkout.verdict()["verdict"] == "yes"
    assert "Broker: run 'make broker'" in verdict.text


def test_step_that_runs_too_early_names_the_one_before(unchanged_checkout: Checkout) -> None:
    """No verdict before something is published, and no before it is verified."""
    before = unchanged_checkout.gate("can-i-deploy")
    unpublished = unchanged_checkout.gate("verify")
    unchanged_checkout.gate("publish")
    unverified = unchanged_checkout.gate("can-i-deploy")

    assert (before.code, unpublished.code, unverified.code) == (2, 2, 1)
    for run in (before, unpublished):
        assert "nothing was published for voicehive-orchestrator" in run.text
        assert "run 'make pact-publish' and 'make pact-verify' first" in run.text
    assert "has not verified this version's pact" in unverified.text


def test_deleted_pact_file_does_not_make_its_vendor_optional(small_checkout: Checkout) -> None:
    """The required vendors come from the expectations."""
    (small_checkout.folder / f"pacts/{CONSUMER}-tts.json").unlink()

    publish = small_checkout.gate("publish")
    verify = small_checkout.gate("verify")
    verdict = small_checkout.gate("can-i-deploy")

    assert (publish.code, verify.code, verdict.code) == (1, 1, 1)
    steps = zip((publish, verify, verdict), ("publish", "verify", "can-i-deploy"), strict=True)
    assert [f"✗ {name} " in run.text and f"✓ {name}" not in run.text for run, name in steps] == [True] * 3
    assert "there is no pact file for tts" in publish.text
    assert "tts: this version has no pact at the broker" in verify.text
    assert "this version has no pact with tts at the broker" in verdict.text
    assert small_checkout.outcomes() == {"tts": "no pact", "vault": "verified"}


def test_deployment_is_recorded_in_any_environment(verified_checkout: Checkout) -> None:
    """`record-deployment` records the orchestrator's own version, `can-i-deploy` asks about any environment."""
    record = verified_checkout.gate("record-deployment", "--environment", "test")
    verdict = verified_checkout.gate("can-i-deploy", "--environment", "test")

    assert (record.code, verdict.code) == (0, 0)
    assert "may be deployed to test" in verdict.text
    with BrokerClient(str(verified_checkout.broker)) as client:
        assert deployed_versions(client, "test") == {
            CONSUMER: git(verified_checkout.folder, "rev-parse", "HEAD")
        }
        assert CONSUMER not in deployed_versions(client, "production")


def test_advice_for_an_unknown_environment_creates_it(
    unchanged_checkout: Checkout, external_broker: str
) -> None:
    """No verdict about an environment that the broker does not have, and the command that the message prints works."""
    verdict = unchanged_checkout.gate("can-i-deploy", "--environment", "far-moon")
    record = unchanged_checkout.invoke("record-deployment", "--environment", "far-moon")
    command = verdict.text.partition("or create it: ")[2].partition(" --broker-base-url ")[0]
    arguments = [*shlex.split(command), "--broker-base-url", external_broker]

    run = subprocess.run(
        [str(Path(sys.executable).with_name(Path(arguments[0]).name)), *arguments[1:]],
        timeout=60,
        check=False,
    )

    assert (verdict.code, record.code) == (2, 2)
    for text in (verdict.text, record.text):
        assert "the broker has no environment 'far-moon', it has: " in text
        assert "production" in text
    assert unchanged_checkout.verdict()["verdict"] == "no verdict"
    assert (arguments[0], run.returncode) == (".venv/bin/pact-broker", 0)
    with BrokerClient(external_broker) as client:
        assert deployed_versions(client, "far-moon") == {}


@pytest.mark.parametrize(
    "command",
    [
        ("record-deployment", "--environment", ""),
        ("can-i-deploy", "--environment", ""),
        ("record-deployment",),
    ],
)
def test_empty_environment_is_an_error_with_an_example(
    unchanged_checkout: Checkout, command: tuple[str, ...]
) -> None:
    """As `make … ENVIRONMENT=` passes it, or without the option: nothing is assumed."""
    run = unchanged_checkout.invoke(*command)

    assert run.code == 2
    assert "no environment is named" in run.text
    assert "name one, such as ENVIRONMENT=production" in run.text


def test_unpublished_version_is_not_recorded_as_deployed(unchanged_checkout: Checkout) -> None:
    """A deployment of a version that the broker does not know is an error."""
    run = unchanged_checkout.invoke("record-deployment", "--environment", "production")

    assert run.code == 2
    assert "nothing was published for voicehive-orchestrator" in run.text


def test_pact_broker_is_the_official_cli(unchanged_checkout: Checkout, external_broker: str) -> None:
    """`pact-broker publish …` publishes."""
    command = str(Path(sys.executable).with_name("pact-broker"))
    options = ("--broker-base-url", external_broker, "--consumer-app-version", "1", "--branch", "main")

    run = subprocess.run(
        [command, "publish", "pacts", *options],
        cwd=unchanged_checkout.folder,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert httpx.get(f"{external_broker}/pacticipants/{CONSUMER}/versions/1").json()["number"] == "1"
