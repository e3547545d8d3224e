"""Outcome and description of verification results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from provider_verification import verify
from provider_verification.verification_result import InteractionFailure, Mismatch, VerificationResult
from provider_verification.verify import verify_files
from tests.verification.pacts import pact_file, read_pact

FAILURE = InteractionFailure(
    "c", "a room", "GET /rooms, listRooms", (Mismatch("body", "$.id", "is missing"),)
)


@pytest.mark.parametrize(
    ("result", "outcome", "summary"),
    [
        (VerificationResult("tts", 3, 2), "incomplete", "tts: 2 of 3 interactions were verified"),
        (VerificationResult("tts", 2, 3), "incomplete", "tts: 3 of 2 interactions were verified"),
        (VerificationResult("tts", 0, 0), "incomplete", "tts: the pacts contain no interaction to verify"),
        (
            VerificationResult("tts", 0, 0, errors=("no broker",)),
            "error",
            "tts: the verification did not finish: no broker",
        ),
        (
            VerificationResult("tts", 1, 1, errors=("the stub died",)),
            "error",
            "tts: the verification did not finish: the stub died",
        ),
        (VerificationResult("tts", 1, 1, (FAILURE,)), "failed", "tts: 1 of 1 interactions failed"),
    ],
)
def test_anything_less_than_all_verified_is_no_success(
    result: VerificationResult, outcome: str, summary: str
) -> None:
    """Fewer verified than expected, none at all, an error, a failure: each has an outcome and a summary of its own."""
    assert (result.success, result.outcome, result.summary()) == (False, outcome, summary)


def test_all_verified_is_success() -> None:
    """Every expected interaction was verified, without failure and error."""
    result = VerificationResult("tts", 2, 2)

    assert (result.success, result.outcome) == (True, "verified")
    assert result.summary() == "tts: all 2 interactions verified"


@pytest.mark.parametrize(
    ("count", "last_line"),
    [(5, "'a room' [GET /rooms, listRooms]: $.id: is missing"), (6, "(and 1 more)"), (12, "(and 7 more)")],
)
def test_details_count_failures_that_are_not_listed(count: int, last_line: str) -> None:
    """Five failures are listed; the rest is counted only if there is one."""
    details = VerificationResult("tts", count, count, (FAILURE,) * count).details()

    assert (len(details), details[-1]) == (min(count, 6), last_line)


def test_details_name_description_operation_field_and_kinds() -> None:
    """One line is enough to find the interaction and the field."""
    mismatch = Mismatch("body", "$.rooms[0].id", "is missing", "string", "missing")
    failure = InteractionFailure("c", "the rooms", "GET /rooms, listRooms", (mismatch,))

    assert VerificationResult("tts", 1, 1, (failure,)).details() == [
        "'the rooms' [GET /rooms, listRooms]: $.rooms[0].id: is missing (expected string, got missing)"
    ]


def test_status_mismatch_names_both_statuses_once() -> None:
    """The verifier's message contains them."""
    mismatch = Mismatch("status", "", "expected 200 but was 500", "200", "500")

    assert str(mismatch) == "status: expected 200 but was 500"


class FakeVerifier:
    """A verifier that reports only the first interactions of a pact, all of them as verified."""

    def __init__(
        self, descriptions: Sequence[str], *, raises: str | None = None, result: bool = True
    ) -> None:
        self.results: dict[str, Any] = {
            "result": result,
            "errors": [],
            "interactionResults": [
                {"consumer": "c", "description": description, "result": "OK"} for description in descriptions
            ],
        }
        self._raises = raises

    def add_source(self, _file: Path) -> None:
        """Accept any file."""

    def verify(self) -> None:
        """Fail as the real verifier does if it is told to."""
        if self._raises:
            raise RuntimeError(self._raises)


def verify_with(monkeypatch: pytest.MonkeyPatch, verifier: FakeVerifier) -> VerificationResult:
    """Verify the committed pact with the TTS vendor by a fake verifier."""
    monkeypatch.setattr(verify, "_build_verifier", lambda _vendor, _url: verifier)
    return verify_files("tts", "http://127.0.0.1:9", [pact_file("tts")])


def test_expected_count_comes_from_the_pact(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verifier that reports success for half of the interactions has not verified the pact."""
    descriptions = [interaction["description"] for interaction in read_pact("tts")["interactions"]]
    half = len(descriptions) // 2

    result = verify_with(monkeypatch, FakeVerifier(descriptions[:half]))

    assert (result.success, result.outcome) == (False, "incomplete")
    assert (result.verified, result.expected) == (half, len(descriptions))


@pytest.mark.parametrize(
    ("raises", "verifier_result", "error"),
    [
        ("Failed to execute verifier", True, "Failed to execute verifier"),
        ("Failed to execute verifier", False, "the verifier failed without a reason"),
        (None, False, "the verifier failed without a reason"),
    ],
)
def test_verifier_that_broke_off_is_an_error(
    monkeypatch: pytest.MonkeyPatch, raises: str | None, *, verifier_result: bool, error: str
) -> None:
    """The result is an error even if every interaction was verified before, for instance because publishing failed."""
    descriptions = [interaction["description"] for interaction in read_pact("tts")["interactions"]]

    result = verify_with(monkeypatch, FakeVerifier(descriptions, raises=raises, result=verifier_result))

    assert result.verified == result.expected
    assert (result.success, result.outcome, result.errors) == (False, "error", (error,))


def test_state_change_that_failed_is_described_after_the_other_failures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The verifier's own message does not say what to look at, and another failure is often the cause."""
    first, second, third = (
        interaction["description"] for interaction in read_pact("tts")["interactions"][:3]
    )
    verifier = FakeVerifier([first, second, third])
    messages = [
        f"One or more of the {action} state change handlers has failed" for action in ("teardown", "setup")
    ]
    for item, message in zip(
        verifier.results["interactionResults"], [*messages, "no such body"], strict=True
    ):
        item |= {"result": "Error", "mismatch": {"type": "error", "message": message}}
    monkeypatch.setattr(verify, "_read_defects", lambda _url: [])

    result = verify_with(monkeypatch, verifier)

    assert [failure.description for failure in result.failures] == [third, first, second]
    [teardown, setup] = [failure.mismatches[0].message for failure in result.failures[1:]]
    assert teardown.startswith(
        "the stub could not reset its state after the interaction (POST /_stub/states): "
    )
    assert setup.startswith("the stub could not set up the provider states (POST /_stub/states): ")
    assert "One or more" not in "".join(result.details())
