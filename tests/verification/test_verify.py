"""Verification counts what it verified, and names what a stub does not keep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.verify import InteractionFailure, VerificationResult, verify_files

PACTS = Path(__file__).parents[2] / "pacts"
VENDORS = ("apaleo", "livekit", "mews", "tts", "vault")


def pact(vendor: str) -> Path:
    """The vendor's committed pact."""
    return PACTS / f"voicehive-orchestrator-{vendor}.json"


@pytest.fixture
def tts() -> Iterator[str]:
    """The address of the TTS vendor's stub."""
    with run_stubs(["tts"]) as urls:
        yield urls["tts"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_interaction_is_verified(vendor: str) -> None:
    """As many as the pact holds, and none failed."""
    interactions = json.loads(pact(vendor).read_text())["interactions"]

    with run_stubs([vendor]) as urls:
        found = verify_files(vendor, urls[vendor], [pact(vendor)])

    assert found.success, found.failures
    assert found.verified == found.expected == len(interactions) > 0


def test_a_verification_of_nothing_is_a_failure(tts: str, tmp_path: Path) -> None:
    """A pact without interactions passes at the verifier, and not here."""
    empty = tmp_path / "empty.json"
    empty.write_text(json.dumps({**json.loads(pact("tts").read_text()), "interactions": []}))

    found = verify_files("tts", tts, [empty])

    assert not found.success
    assert found.summary() == "tts: the pacts hold no interaction to verify"


def test_a_pact_of_another_provider_is_a_failure(tts: str) -> None:
    """This vendor knows neither its states nor its paths."""
    found = verify_files("tts", tts, [pact("livekit")])

    assert not found.success
    assert len(found.failures) == found.expected


def test_a_dropped_field_is_named(tts: str) -> None:
    """Operation and field, for each interaction that reads it."""
    fault = {"operation": "listVoices", "kind": "drop", "field": "/voices/0/name"}
    httpx.post(f"{tts}/_stub/faults", json=fault).raise_for_status()

    found = verify_files("tts", tts, [pact("tts")])

    assert not found.success
    assert "the voices" in {failure.description for failure in found.failures}
    assert all("name" in " ".join(failure.mismatches) for failure in found.failures)


def test_an_operation_that_no_schema_has_is_named(tts: str, tmp_path: Path) -> None:
    """Rather than that 404 is not 200."""
    document = json.loads(pact("tts").read_text())
    interaction = next(one for one in document["interactions"] if one["description"] == "the voices")
    interaction["request"]["path"] = "/v9/voices"
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps({**document, "interactions": [interaction]}))

    found = verify_files("tts", tts, [changed])

    assert [failure.mismatches for failure in found.failures] == [
        ("GET /v9/voices is no operation in schemas/tts/openapi.json",)
    ]


def test_an_unknown_state_is_a_failure(tts: str, tmp_path: Path) -> None:
    """A pact that needs a state which the stub does not know is not verified by luck."""
    document = json.loads(pact("tts").read_text())
    document["interactions"][0]["providerStates"] = [{"name": "a unicorn"}]
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(document))

    found = verify_files("tts", tts, [changed])

    assert [failure.description for failure in found.failures] == [document["interactions"][0]["description"]]


def test_a_message_that_the_vendor_does_not_send_is_a_failure(tmp_path: Path) -> None:
    """Messages are verified like requests."""
    document = json.loads(pact("livekit").read_text())
    message = next(one for one in document["interactions"] if one["type"] == "Asynchronous/Messages")
    message["contents"]["content"]["event"] = "room_exploded"
    message.pop("matchingRules", None)
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(document))

    with run_stubs(["livekit"]) as urls:
        found = verify_files("livekit", urls["livekit"], [changed])

    assert [failure.description for failure in found.failures] == [message["description"]]


@pytest.mark.parametrize(
    ("verification", "sentence"),
    [
        (VerificationResult("tts", 3, 2, ()), "tts: 2 of 3 interactions were verified"),
        (VerificationResult("tts", 0, 0, ()), "tts: the pacts hold no interaction to verify"),
        (VerificationResult("tts", 0, 0, (), ("no broker",)), "tts: no broker"),
        (
            VerificationResult("tts", 1, 1, (InteractionFailure("c", "d", ()),)),
            "tts: 1 of 1 interactions failed",
        ),
    ],
)
def test_anything_less_than_all_is_a_failure(verification: VerificationResult, sentence: str) -> None:
    """Fewer verified than expected, none at all, an error, a failure: each is told."""
    assert (verification.success, verification.summary()) == (False, sentence)
