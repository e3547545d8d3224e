"""Verification against running stubs: interactions are counted, failures name operation and field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps, run_stubs
from provider_verification.verification_result import Mismatch
from provider_verification.verify import verify_files
from tests.thoroughness import sample
from tests.verification.pacts import interaction_named, pact_file, read_pact, write_altered

VENDORS = ("livekit", "apaleo", "tts", "mews", "vault")
"""In this order a normal run verifies one with messages and one with audio; the gate's test verifies all."""


@pytest.fixture
def tts_url() -> Iterator[str]:
    """URL of a running TTS stub."""
    with run_stubs(["tts"]) as urls:
        yield urls["tts"]


@pytest.mark.parametrize("vendor", sample(VENDORS, 2))
def test_every_interaction_of_committed_pacts_is_verified(vendor: str) -> None:
    """The verifier reports as many interactions as the pact contains, and none failed."""
    interactions = read_pact(vendor)["interactions"]

    with run_stubs([vendor]) as urls:
        result = verify_files(vendor, urls[vendor], [pact_file(vendor)])

    assert result.success, result.details()
    assert result.verified == result.expected == len(interactions) > 0


def test_pact_without_interactions_is_not_verified(tts_url: str, tmp_path: Path) -> None:
    """The verifier itself passes for an empty pact."""
    empty = write_altered(tmp_path, "tts", lambda pact: pact.update(interactions=[]))

    result = verify_files("tts", tts_url, [empty])

    assert not result.success
    assert result.summary() == "tts: the pacts contain no interaction to verify"


def test_pact_of_other_provider_fails(tts_url: str) -> None:
    """The stub knows neither its provider states nor its paths."""
    result = verify_files("tts", tts_url, [pact_file("livekit")])

    assert not result.success
    assert len(result.failures) == result.expected


def test_missing_field_is_named_with_operation_and_kind(tts_url: str) -> None:
    """Every interaction that reads the field fails, with the field's JSON path and kind."""
    fault = {"operation": "listVoices", "kind": "drop", "field": "/voices/0/name"}
    httpx.post(f"{tts_url}/_stub/faults", json=fault).raise_for_status()

    result = verify_files("tts", tts_url, [pact_file("tts")])

    assert (result.success, result.outcome) == (False, "failed")
    [failure] = [failure for failure in result.failures if failure.description == "the voices"]
    assert failure.operation == "GET /v2/voices, listVoices"
    assert failure.mismatches == (Mismatch("body", "$.voices[0].name", "is missing", "string", "missing"),)
    assert all("name" in str(failure) for failure in result.failures)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda body: body.pop("has_more"),
            "the stub broke its own schema: 'has_more' is a required property",
        ),
        (
            lambda body: body["voices"][0].update(name=7),
            "the stub broke its own schema at /voices/0/name: 7 is not of type 'string'",
        ),
        (
            lambda body: body["voices"].insert(0, {"name": "Concierge"}),
            "the stub broke its own schema at /voices/0: 'voice_id' is a required property",
        ),
    ],
    ids=["missing field", "field of another type", "missing field of an item"],
)
def test_response_that_breaks_the_stub_s_own_schema_is_named_by_its_message(
    change: Callable[[Any], object], expected: str
) -> None:
    """The stub sends 500 in its place; the differences between that and the pact are not listed."""
    app = create_stub_app("tts")
    list_voices = app.stub.operations["listVoices"]

    def broken(state: Any, request: Any) -> Any:
        response = list_voices(state, request)
        if response.status == 200:
            change(response.body)
        return response

    app.stub.operations["listVoices"] = broken
    try:
        with run_apps([app]) as servers:
            result = verify_files("tts", servers.urls["tts"], [pact_file("tts")])
    finally:
        app.stub.operations["listVoices"] = list_voices

    [failure] = [failure for failure in result.failures if failure.description == "the voices"]
    assert str(failure) == f"'the voices' [GET /v2/voices, listVoices]: {expected}"
    assert {failure.operation for failure in result.failures} == {"GET /v2/voices, listVoices"}


def test_field_of_other_kind_is_named_with_both_kinds(tts_url: str, tmp_path: Path) -> None:
    """The pact expects a string where the stub sends a boolean."""

    def expect_string(pact: dict[str, Any]) -> None:
        interaction = interaction_named(pact, "the voices")
        interaction["response"]["body"]["content"]["has_more"] = "no"
        interaction["response"].pop("matchingRules", None)

    result = verify_files("tts", tts_url, [write_altered(tmp_path, "tts", expect_string)])

    [failure] = result.failures
    kinds = {item.field: (item.part, item.expected, item.actual) for item in failure.mismatches}
    assert kinds["$.has_more"] == ("body", "string", "boolean")


def test_other_status_is_named_with_both_statuses(tts_url: str) -> None:
    """An injected 503 is reported as such, and not as an error of the verification."""
    fault = {"operation": "getSubscription", "kind": "status", "status": 503, "times": 1}
    httpx.post(f"{tts_url}/_stub/faults", json=fault).raise_for_status()

    result = verify_files("tts", tts_url, [pact_file("tts")])

    assert result.outcome == "failed"
    [failure] = result.failures
    statuses = [(item.expected, item.actual) for item in failure.mismatches if item.part == "status"]
    assert (failure.operation, statuses) == ("GET /v1/user/subscription, getSubscription", [("200", "503")])


def test_operation_missing_in_schemas_is_named(tts_url: str, tmp_path: Path) -> None:
    """The failure says that the schemas lack the operation, not only that the status is 404."""

    def keep_one_with_other_path(pact: dict[str, Any]) -> None:
        interaction = interaction_named(pact, "the voices")
        interaction["request"]["path"] = "/v9/voices"
        pact["interactions"] = [interaction]

    result = verify_files("tts", tts_url, [write_altered(tmp_path, "tts", keep_one_with_other_path)])

    [failure] = result.failures
    assert [str(mismatch) for mismatch in failure.mismatches] == [
        "GET /v9/voices is not an operation of schemas/tts/openapi.json"
    ]


def test_unknown_provider_state_fails(tts_url: str, tmp_path: Path) -> None:
    """An interaction that needs a state the stub does not know is not verified by chance."""

    def add_unknown_state(pact: dict[str, Any]) -> None:
        pact["interactions"][0]["providerStates"] = [{"name": "a unicorn"}]

    result = verify_files("tts", tts_url, [write_altered(tmp_path, "tts", add_unknown_state)])

    description = read_pact("tts")["interactions"][0]["description"]
    assert [failure.description for failure in result.failures] == [description]
    assert result.outcome == "failed"


def test_message_that_the_vendor_does_not_send_fails(tmp_path: Path) -> None:
    """Messages are verified like requests."""

    def change_event(pact: dict[str, Any]) -> None:
        message = _first_message(pact)
        message["contents"]["content"]["event"] = "room_exploded"
        message.pop("matchingRules", None)

    with run_stubs(["livekit"]) as urls:
        file = write_altered(tmp_path, "livekit", change_event)
        result = verify_files("livekit", urls["livekit"], [file])

    description = _first_message(read_pact("livekit"))["description"]
    assert [failure.description for failure in result.failures] == [description]


def _first_message(pact: dict[str, Any]) -> dict[str, Any]:
    interactions: list[dict[str, Any]] = pact["interactions"]
    return next(item for item in interactions if item["type"] == "Asynchronous/Messages")


def test_stub_without_response_is_an_error(tts_url: str) -> None:
    """A connection closed without a response is no statement about the interaction."""
    fault = {"operation": "getSubscription", "kind": "reset"}
    httpx.post(f"{tts_url}/_stub/faults", json=fault).raise_for_status()

    result = verify_files("tts", tts_url, [pact_file("tts")])

    assert (result.success, result.outcome) == (False, "error")
    assert result.summary().startswith("tts: the verification did not finish: 'the plan': error sending")


def test_stub_that_died_is_an_error() -> None:
    """All interactions fail, and the result says why: nothing listens at the URL."""
    with run_stubs(["tts"]) as urls:
        url = urls["tts"]

    result = verify_files("tts", url, [pact_file("tts")])

    assert (result.success, result.outcome) == (False, "error")
    assert result.errors[-1] == f"the stub at {url} no longer responds"
