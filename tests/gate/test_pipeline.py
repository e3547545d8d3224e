"""The whole pipeline: yes when all is verified, no with the operation and the field when anything is broken."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.broker.payloads import path
from tests.conftest import Listening, Start
from tests.gate.checkout import Checkout, git

CONSUMER = "voicehive-orchestrator"
VENDORS = ("apaleo", "livekit", "mews", "tts", "vault")


@pytest.fixture
def external_broker(start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path) -> str:
    """The URL of a broker that already runs."""
    return wait_for_broker_url(start_broker(tmp_path / "elsewhere.sqlite"))


def interactions(checkout: Checkout, vendor: str) -> int:
    """How many interactions the vendor's pact file holds."""
    pact = json.loads((checkout.folder / f"pacts/{CONSUMER}-{vendor}.json").read_text())
    return len(pact["interactions"])


def test_all_verified_is_yes(checkout: Checkout) -> None:
    """Nothing is broken: exit 0, every vendor verified, the reason in one sentence, and where to look."""
    done = checkout.gate("run")

    assert done.code == 0, done.text
    assert checkout.outcomes() == dict.fromkeys(VENDORS, "verified")
    assert (
        "may be deployed to production: apaleo, livekit, mews, tts and vault verified its pacts." in done.text
    )
    assert "Pacts: pacts/ Reports: build/verification/, build/verdict.json Broker: 'make broker'" in done.text


def test_every_interaction_was_verified_and_its_result_is_at_the_broker(
    checkout: Checkout, external_broker: str
) -> None:
    """With a broker elsewhere: its results, read back, hold as many tests as the pacts hold interactions."""
    done = checkout.gate("run", PACT_BROKER_BASE_URL=external_broker)

    assert done.code == 0, done.text
    commit = git(checkout.folder, "rev-parse", "HEAD")
    for vendor in VENDORS:
        pact = path("pacts", "provider", vendor, "consumer", CONSUMER, "version", commit)
        result = httpx.get(f"{external_broker}{pact}/verification-results/latest").json()
        assert result["success"] is True
        assert len(result["testResults"]) == interactions(checkout, vendor) > 0


def test_the_steps_are_commands_too(checkout: Checkout, external_broker: str) -> None:
    """Published and not verified is no; verified and not deployed is no; each says so."""
    published = checkout.gate("publish", PACT_BROKER_BASE_URL=external_broker)
    unverified = checkout.gate("can-i-deploy", PACT_BROKER_BASE_URL=external_broker)
    verified = checkout.gate("verify", PACT_BROKER_BASE_URL=external_broker)
    undeployed = checkout.gate("can-i-deploy", PACT_BROKER_BASE_URL=external_broker)

    assert (published.code, unverified.code, verified.code, undeployed.code) == (0, 1, 0, 1)
    assert "tts has not verified this version's pact" in unverified.text
    assert "is verified, and not recorded as deployed" in undeployed.text


def test_failing_suite_blocks_deployment(checkout: Checkout) -> None:
    """Nothing is published, and the test is named."""
    checkout.edit("tests/integration/test_small.py", "assert True", "assert False")

    done = checkout.gate("run")

    assert done.code == 1
    assert "1 tests of the suites are red: tests.integration.test_small.test_small" in done.text
    assert not (checkout.folder / "build/verdict.json").exists()


def test_a_suite_without_tests_is_no(checkout: Checkout) -> None:
    """A pass proves that something ran."""
    checkout.edit("tests/integration/test_small.py", "def test_small", "def small")

    done = checkout.gate("run")

    assert (done.code, "the suites did not run" in done.text or "no test ran of test_small" in done.text) == (
        1,
        True,
    )


def test_suites_run_once_for_a_version(checkout: Checkout) -> None:
    """A changed tree is another version."""
    first = checkout.gate("run")
    again = checkout.gate("run")
    checkout.edit("tests/integration/test_small.py", "assert True", "assert 1")
    changed = checkout.gate("run")

    assert [done.code for done in (first, again, changed)] == [0, 0, 0]
    assert [done.text.count("known from before") for done in (first, again, changed)] == [0, 1, 0]


def test_a_stub_without_a_field_is_no(checkout: Checkout) -> None:
    """A stub drops a field that the orchestrator reads: the operation and the field are named."""
    checkout.edit("provider_verification/stubs/vendors/apaleo/paging.py", ', "count": len(items)', "")

    done = checkout.gate("run")

    assert done.code == 1
    assert checkout.outcomes() == dict.fromkeys(VENDORS, "verified") | {"apaleo": "failed"}
    assert "No: voicehive-orchestrator" in done.text
    assert "'the reservations of a hotel'" in done.text
    assert "count" in done.text


def test_a_renamed_path_in_a_client_is_no(checkout: Checkout) -> None:
    """A client calls another path than its expectations say: both paths and the operation are named."""
    checkout.edit("orchestrator/vendors/tts/client.py", 'path="/v2/voices"', 'path="/v2/voice-list"')

    done = checkout.gate("run")

    assert done.code == 1
    assert "No: this version must not be deployed." in done.text
    assert "the voices" in done.text
    assert "/v2/voice-list" in done.text


def test_a_new_field_in_a_model_without_an_example_is_no(checkout: Checkout) -> None:
    """A model demands a field that no expectation has: the operation and the field are named."""
    checkout.edit(
        "orchestrator/vendors/tts/models.py", "    voice_id: str\n", "    voice_id: str\n    loudness: int\n"
    )

    done = checkout.gate("run")

    assert done.code == 1
    assert "No: this version must not be deployed." in done.text
    assert "the voices" in done.text
    assert "loudness" in done.text


def test_a_new_field_that_the_vendor_does_not_send_is_no(checkout: Checkout) -> None:
    """A model and its example demand a field that the stub, true to the vendor, does not send."""
    checkout.edit(
        "orchestrator/vendors/apaleo/models.py",
        "    amount: float\n",
        "    amount: float\n    rounding: str\n",
    )
    checkout.edit(
        "consumer_tests/apaleo/reservations.py",
        '"totalGrossAmount": {"amount": 240.0, ',
        '"totalGrossAmount": {"amount": 240.0, "rounding": "up", ',
    )
    checkout.edit(
        "consumer_tests/apaleo/reservations.py",
        '"balance": {"amount": -240.0, ',
        '"balance": {"amount": -240.0, "rounding": "up", ',
    )

    done = checkout.gate("run")

    assert done.code == 1
    assert "rounding" in done.text


def test_a_failed_verification_is_no(checkout: Checkout, external_broker: str) -> None:
    """The newest result of a vendor as we know it failed: the operation and the field it names are told."""
    checkout.gate("run", PACT_BROKER_BASE_URL=external_broker)
    commit = git(checkout.folder, "rev-parse", "HEAD")
    where = path("pacts", "provider", "tts", "consumer", CONSUMER, "version", commit)
    pact = httpx.get(f"{external_broker}{where}").json()
    before = httpx.get(f"{external_broker}{where}/verification-results/latest").json()
    broken = {"attribute": "body", "identifier": "$.voices[0].name", "description": "is missing"}
    failed = {
        "success": False,
        "providerApplicationVersion": before["providerApplicationVersion"],
        "testResults": [
            {"interactionId": pact["interactions"][0]["_id"], "success": False, "mismatches": [broken]}
        ],
    }
    httpx.post(pact["_links"]["pb:publish-verification-results"]["href"], json=failed).raise_for_status()

    done = checkout.gate("can-i-deploy", PACT_BROKER_BASE_URL=external_broker)

    assert done.code == 1
    assert f"'{pact['interactions'][0]['description']}': $.voices[0].name: is missing" in done.text


def test_a_changed_truth_is_no_until_it_is_verified(checkout: Checkout, external_broker: str) -> None:
    """What we hold to be true of a vendor changes: no, with both versions; verified again: yes."""
    checkout.gate("run", PACT_BROKER_BASE_URL=external_broker)
    checkout.edit("schemas/tts/voice.json", '"$schema"', '"$comment": "looked at again", "$schema"')
    git(checkout.folder, "commit", "--quiet", "--all", "--message", "a truth")
    checkout.gate("publish", PACT_BROKER_BASE_URL=external_broker)

    changed = checkout.gate("can-i-deploy", PACT_BROKER_BASE_URL=external_broker)
    again = checkout.gate("run", PACT_BROKER_BASE_URL=external_broker)

    assert (changed.code, again.code) == (1, 0)
    assert "what we hold to be true of tts has changed" in changed.text


def test_an_unknown_pacticipant_is_named(checkout: Checkout, external_broker: str) -> None:
    """Asked before anything was published: no verdict, and the name that the broker does not know."""
    done = checkout.gate("can-i-deploy", PACT_BROKER_BASE_URL=external_broker)

    assert done.code == 2
    assert f"Pacticipant {CONSUMER} not found" in done.text
    assert "No verdict" in done.text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is not JSON"),
        ("[]", "it should be a JSON object"),
        ("{}", "'consumer.name' should be the consumer's name"),
        (
            '{"consumer": {"name": "voicehive-orchestrator"}, "provider": {"name": "tts"}, "interactions": []}',
            "'interactions' should be a list with at least one interaction",
        ),
    ],
)
def test_a_file_that_is_no_pact_is_named(checkout: Checkout, content: str, reason: str) -> None:
    """Nothing is published, and the file and what is wrong with it are told."""
    (checkout.folder / "pacts/broken.json").write_text(content)

    done = checkout.gate("publish")

    assert done.code == 2
    assert "pacts/broken.json" in done.text
    assert reason in done.text


def test_a_missing_cli_is_named(checkout: Checkout, tmp_path: Path, external_broker: str) -> None:
    """Without the official CLI: no verdict, its name, and how to get it."""
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    done = subprocess.run(
        [str(python), "-m", "gate", "publish"],
        cwd=checkout.folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": sysconfig.get_path("purelib"), "PACT_BROKER_BASE_URL": external_broker, "COLUMNS": "400"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "the official Pact CLI ('pact') is not installed" in done.stdout
    assert "make setup" in done.stdout


def test_a_broker_that_is_down_is_named(checkout: Checkout) -> None:
    """Nobody listens at the URL: no verdict, the URL, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    done = checkout.gate("run", PACT_BROKER_BASE_URL=f"http://127.0.0.1:{port}")

    assert done.code == 2
    assert f"the broker at http://127.0.0.1:{port} does not answer" in done.text
    assert "unset it to use the embedded broker" in done.text


@pytest.fixture
def failing() -> Iterator[str]:
    """The URL of a server that answers 500 to everything."""

    class Fails(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Fails) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_broker_that_fails_is_named(checkout: Checkout, failing: str) -> None:
    """The broker answers 500: no verdict, the URL and the status."""
    done = checkout.gate("run", PACT_BROKER_BASE_URL=failing)

    assert done.code == 2
    assert f"the broker at {failing} answered 500" in done.text


def test_the_literal_command_publishes(checkout: Checkout, external_broker: str) -> None:
    """`pact-broker publish …` is the official CLI's."""
    command = Path(sys.executable).with_name("pact-broker")
    done = subprocess.run(
        [str(command), "publish", "pacts", "--broker-base-url", external_broker, "--consumer-app-version", "1", "--branch", "main"],
        cwd=checkout.folder,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert httpx.get(f"{external_broker}/pacticipants/{CONSUMER}/versions/1").json()["number"] == "1"
