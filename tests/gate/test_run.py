"""`gate run`: yes if everything is verified, no with the operation and the field if something is broken."""

from __future__ import annotations

import json

import httpx
import pytest

from gate.deployments import deployed_versions
from pact_broker_client.client import BrokerClient
from tests.broker.payloads import path
from tests.conftest import CONSUMER, CreateCheckout
from tests.gate.checkout import Checkout, GateRun, git

pytestmark = pytest.mark.timeout(300)  # whole runs of the gate, on a machine that may be busy

VENDORS = ("apaleo", "livekit", "mews", "tts", "vault")


def interaction_count(checkout: Checkout, vendor: str) -> int:
    """Return the number of interactions in the vendor's pact file."""
    pact = json.loads((checkout.folder / f"pacts/{CONSUMER}-{vendor}.json").read_text())
    return len(pact["interactions"])


def test_everything_verified_is_yes(create_checkout: CreateCheckout, external_broker: str) -> None:
    """Exit code 0, the reason in one sentence, and a published result for every interaction of every vendor."""
    checkout = create_checkout(broker=external_broker)

    run = checkout.gate("run")

    assert run.code == 0, run.text
    assert checkout.outcomes() == dict.fromkeys(VENDORS, "verified")
    assert checkout.verdict()["verdict"] == "yes"
    assert (
        "may be deployed to production: apaleo, livekit, mews, tts and vault verified its pacts." in run.text
    )
    assert f"Reports: build/verification/, build/verdict.json Broker: {external_broker}" in run.text
    commit = git(checkout.folder, "rev-parse", "HEAD")
    for vendor in VENDORS:
        pact = path("pacts", "provider", vendor, "consumer", CONSUMER, "version", commit)
        result = httpx.get(f"{external_broker}{pact}/verification-results/latest").json()
        assert result["success"] is True
        assert len(result["testResults"]) == interaction_count(checkout, vendor) > 0


def test_stub_without_a_field_is_no(small_checkout: Checkout) -> None:
    """Operation and field are named before any suite runs, and of the vendors only the one that verified is recorded."""
    small_checkout.edit_all(
        "provider_verification/stubs/vendors/tts", r'            "has_more": has_more,\n', ""
    )
    small_checkout.commit("stub")

    run = small_checkout.gate("run")

    assert run.code == 1, run.text
    assert small_checkout.outcomes() == {"tts": "failed", "vault": "verified"}
    assert small_checkout.verdict()["verdict"] == "no"
    assert "No: voicehive-orchestrator" in run.text
    assert "tts does not keep the pact: '" in run.text
    reason = (
        "'the voices' [GET /v2/voices, listVoices]: "
        "the stub broke its own schema: 'has_more' is a required property"
    )
    assert reason in run.text.partition("No: ")[0]
    assert reason in run.text.partition("No: ")[2]
    assert "is missing" not in run.text
    assert "suites" not in run.text
    with BrokerClient(str(small_checkout.broker)) as client:
        assert list(deployed_versions(client, "production")) == ["vault"]


def test_single_steps_name_operation_and_field(small_checkout: Checkout) -> None:
    """`make pact-verify` alone names what broke, and so does `make can-i-deploy` after it."""
    small_checkout.edit_all(
        "provider_verification/stubs/vendors/tts", r'            "has_more": has_more,\n', ""
    )
    small_checkout.gate("publish")

    run = small_checkout.gate("verify")
    verdict = small_checkout.gate("can-i-deploy")

    assert (run.code, verdict.code) == (1, 1)
    problem = (
        "'the voices' [GET /v2/voices, listVoices]: "
        "the stub broke its own schema: 'has_more' is a required property"
    )
    assert problem in run.text
    row = next(row for row in small_checkout.verdict()["rows"] if row["problems"])
    assert problem in row["problems"]
    assert f"tts does not keep the pact: {row['problems'][0]}; " in verdict.text


def assert_verdict_names_version_and_environment(run: GateRun, checkout: Checkout, environment: str) -> None:
    """Check the last lines of a gate that stopped before it asked the broker, and build/verdict.json."""
    commit = git(checkout.folder, "rev-parse", "HEAD")
    version = checkout.verdict()["version"]
    assert version.startswith(f"{commit}-dirty.")
    shown = f"{CONSUMER} {version.replace(commit, commit[:10])}"
    assert (
        f"No: {shown} must not be deployed to {environment}: the orchestrator does not do what its expectations say."
        in run.text
    )
    assert checkout.verdict()["environment"] == environment


def test_renamed_path_in_a_client_is_no(small_checkout: Checkout) -> None:
    """A client calls another path than its expectations say: both paths and the operation are named."""
    small_checkout.edit("orchestrator/vendors/tts/client.py", 'path="/v2/voices"', 'path="/v2/voice-list"')

    run = small_checkout.gate("run", "--environment", "test")

    assert run.code == 1
    assert_verdict_names_version_and_environment(run, small_checkout, "test")
    assert "'the voices' [GET /v2/voices, listVoices] at consumer_tests/tts/voices.py:" in run.text
    assert "path: /v2/voice-list instead of /v2/voices" in run.text
    assert "VendorUnavailable" not in run.text
    assert small_checkout.verdict()["verdict"] == "no"
    assert "/v2/voice-list" in small_checkout.verdict()["reason"]


def test_new_field_in_a_model_is_no(small_checkout: Checkout) -> None:
    """Without an example the expectation is named; with one, the vendor does not send the field, and neither is it yes."""
    small_checkout.edit(
        "orchestrator/vendors/tts/models.py", "    voice_id: str\n", "    voice_id: str\n    loudness: int\n"
    )

    without_example = small_checkout.gate("run")
    assert_verdict_names_version_and_environment(without_example, small_checkout, "production")
    small_checkout.edit(
        "consumer_tests/tts/voices.py",
        'VOICE = {"voice_id": "concierge"',
        'VOICE = {"voice_id": "concierge", "loudness": 1',
    )
    not_sent = small_checkout.gate("run")

    assert (without_example.code, not_sent.code) == (1, 1)
    assert (
        "'the voices' [GET /v2/voices, listVoices] at consumer_tests/tts/voices.py:" in without_example.text
    )
    assert "loudness" in without_example.text
    assert small_checkout.outcomes() == {"tts": "failed", "vault": "verified"}
    assert "'the voices' [GET /v2/voices, listVoices]: $.voices" in not_sent.text
    assert "loudness" in not_sent.text


def test_failed_result_at_the_broker_is_no(verified_checkout: Checkout) -> None:
    """The newest result of a vendor's current version failed: the operation and the field it names are printed."""
    commit = git(verified_checkout.folder, "rev-parse", "HEAD")
    pact_path = path("pacts", "provider", "vault", "consumer", CONSUMER, "version", commit)
    pact = httpx.get(f"{verified_checkout.broker}{pact_path}").json()
    result = httpx.get(f"{verified_checkout.broker}{pact_path}/verification-results/latest").json()
    mismatch = {"attribute": "body", "identifier": "$.data.value", "description": "is missing"}
    failed = {
        "success": False,
        "providerApplicationVersion": result["providerApplicationVersion"],
        "testResults": [
            {"interactionId": pact["interactions"][0]["_id"], "success": False, "mismatches": [mismatch]}
        ],
    }
    httpx.post(pact["_links"]["pb:publish-verification-results"]["href"], json=failed).raise_for_status()

    run = verified_checkout.gate("can-i-deploy")

    assert run.code == 1
    assert f"'{pact['interactions'][0]['description']}': $.data.value: is missing" in run.text


def test_changed_vendor_is_no_until_it_is_verified(verified_checkout: Checkout) -> None:
    """A vendor's schemas change: no, with both versions; verified again: yes."""
    verified_checkout.edit("schemas/vault/openapi.json", '"openapi"', '"x-reviewed": true, "openapi"')
    verified_checkout.commit("schemas")
    verified_checkout.gate("publish")

    changed = verified_checkout.gate("can-i-deploy")
    verified_checkout.gate("verify")
    again = verified_checkout.gate("can-i-deploy")

    assert (changed.code, again.code) == (1, 0)
    assert "vault's schemas or stub changed: current version " in changed.text


@pytest.mark.parametrize(
    "variables",
    [
        {},
        pytest.param({"NO_COLOR": "1"}, marks=pytest.mark.thorough),
        {"NO_COLOR": "1", "FORCE_COLOR": "1"},
    ],
)
def test_piped_output_has_long_lines_and_no_escape_sequences(
    unchanged_checkout: Checkout, variables: dict[str, str]
) -> None:
    """No line is wrapped at the width of a terminal, and no colour is written to a pipe."""
    run = unchanged_checkout.gate("can-i-deploy", COLUMNS="", **variables)

    assert (
        "nothing was published for voicehive-orchestrator "
        + git(unchanged_checkout.folder, "rev-parse", "HEAD")
        in run.output
    )
    assert "\x1b" not in run.output
