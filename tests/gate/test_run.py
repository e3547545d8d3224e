"""`gate run`: yes if everything is verified, no with the operation and the field if something is broken."""

from __future__ import annotations

import json

import httpx
import pytest

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


def test_stub_without_a_field_is_no(create_checkout: CreateCheckout, external_broker: str) -> None:
    """A stub drops a field that the orchestrator reads: operation and field are named before any suite runs."""
    checkout = create_checkout("apaleo", "vault", broker=external_broker)
    checkout.edit_all("provider_verification/stubs/vendors/apaleo", r', "count": count(?=})', "")

    run = checkout.gate("run")

    assert run.code == 1
    assert checkout.outcomes() == {"apaleo": "failed", "vault": "verified"}
    assert checkout.verdict()["verdict"] == "no"
    assert "No: voicehive-orchestrator" in run.text
    assert "apaleo does not keep the pact: '" in run.text
    reason = "listReservations]: the stub broke its own schema: 'count' is a required property"
    assert reason in run.text.partition("No: ")[0]
    assert reason in run.text.partition("No: ")[2]
    assert "suites" not in run.text


def test_verify_names_operation_and_field(create_checkout: CreateCheckout, external_broker: str) -> None:
    """`make pact-verify` alone names what broke, and so does `make can-i-deploy` after it."""
    checkout = create_checkout("apaleo", broker=external_broker)
    checkout.edit_all("provider_verification/stubs/vendors/apaleo", r', "count": count(?=})', "")
    checkout.gate("publish")

    run = checkout.gate("verify")
    verdict = checkout.gate("can-i-deploy")

    assert (run.code, verdict.code) == (1, 1)
    problem = (
        "'the reservations of a hotel' [GET /booking/v1/reservations, listReservations]: "
        "the stub broke its own schema: 'count' is a required property"
    )
    assert problem in run.text
    [row] = checkout.verdict()["rows"]
    assert problem in row["problems"]
    assert f"apaleo does not keep the pact: {row['problems'][0]}; " in verdict.text
    assert "is missing" not in run.text


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


def test_new_field_in_a_model_without_an_example_is_no(small_checkout: Checkout) -> None:
    """A model demands a field that no expectation has: the operation and the field are named."""
    small_checkout.edit(
        "orchestrator/vendors/tts/models.py", "    voice_id: str\n", "    voice_id: str\n    loudness: int\n"
    )

    run = small_checkout.gate("run")

    assert run.code == 1
    assert_verdict_names_version_and_environment(run, small_checkout, "production")
    assert "'the voices' [GET /v2/voices, listVoices] at consumer_tests/tts/voices.py:" in run.text
    assert "loudness" in run.text


def test_new_field_that_the_vendor_does_not_send_is_no(
    create_checkout: CreateCheckout, external_broker: str
) -> None:
    """A model and its example demand a field that the stub, like the vendor, does not send."""
    checkout = create_checkout("apaleo", broker=external_broker)
    checkout.edit(
        "orchestrator/vendors/apaleo/models.py",
        "    amount: Amount\n",
        "    amount: Amount\n    rounding: str\n",
    )
    for field, amount in (("totalGrossAmount", "240.0"), ("balance", "-240.0")):
        old = f'"{field}": {{"amount": {amount}, '
        checkout.edit("consumer_tests/apaleo/reservations.py", old, f'{old}"rounding": "up", ')

    run = checkout.gate("run")

    assert run.code == 1
    assert "rounding" in run.text


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


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}])
def test_piped_output_has_long_lines_and_no_escape_sequences(
    vault_checkout: Checkout, variables: dict[str, str]
) -> None:
    """No line is wrapped at the width of a terminal, and no colour is written to a pipe."""
    run = vault_checkout.gate("can-i-deploy", COLUMNS="", **variables)

    assert (
        "nothing was published for voicehive-orchestrator " + git(vault_checkout.folder, "rev-parse", "HEAD")
        in run.output
    )
    assert "\x1b" not in run.output
