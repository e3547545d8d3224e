"""The verdict is yes only when everything is known and good, and else says what stands in the way."""

from __future__ import annotations

from typing import Any

import pytest

from gate.verdict import Verdict, decide, short_version

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def row(provider: str, version: str | None, *, success: bool | None) -> dict[str, Any]:
    """A row of the broker's matrix."""
    return {
        "consumer": {"name": "orchestrator"},
        "provider": {"name": provider, "version": {"number": version} if version else None},
        "verificationResult": None if success is None else {"success": success},
    }


def judged(
    *rows: dict[str, Any],
    truths: dict[str, str] | None = None,
    official: bool = True,
    deployable: bool | None = True,
    problems: dict[str, tuple[str, ...] | None] | None = None,
) -> Verdict:
    """A verdict over these rows."""
    return decide(
        consumer="orchestrator",
        version=COMMIT,
        environment="production",
        cli_allows=official,
        matrix={"matrix": rows, "summary": {"deployable": deployable, "reason": "the broker's words"}},
        expected_versions={"apaleo": "a1", "tts": "t1"} if truths is None else truths,
        problems={"apaleo": (), "tts": (), **(problems or {})},
    )


GOOD = (row("apaleo", "a1", success=True), row("tts", "t1", success=True))


def test_all_verified_is_yes() -> None:
    """Every required vendor verified, and the broker and the official CLI agree."""
    verdict = judged(*GOOD)

    assert verdict.deployable
    assert verdict.summary() == (
        "Yes: orchestrator 0123456789 may be deployed to production: apaleo and tts verified its pacts."
    )


@pytest.mark.parametrize(
    "verdict",
    [
        judged(*GOOD, official=False),
        judged(*GOOD, deployable=None),
        judged(*GOOD, deployable=False),
        judged(GOOD[0]),
        judged(truths={}),
        judged(*GOOD, truths={"apaleo": "a2", "tts": "t1"}),
        judged(*GOOD, problems={"apaleo": None}),
        judged(*GOOD, problems={"apaleo": ("'x': $.y: is missing",)}),
        judged(GOOD[0], row("tts", None, success=None), problems={"tts": None}),
        judged(GOOD[0], row("tts", "t1", success=False)),
    ],
    ids=[
        "cli says no",
        "unknown",
        "false",
        "no pact",
        "no pacts at all",
        "not deployed",
        "changed truth",
        "newest result failed",
        "not verified",
        "failed",
    ],
)
def test_any_unverified_vendor_blocks_deployment(verdict: Verdict) -> None:
    """One vendor missing, unverified or failed, or a broker that is not sure: no."""
    assert not verdict.deployable
    assert verdict.summary().startswith("No: orchestrator 0123456789 must not be deployed to production: ")


def test_a_failed_vendor_is_named_with_operation_and_field() -> None:
    """The sentence tells what broke and what to do next."""
    problems: dict[str, tuple[str, ...] | None] = {
        "apaleo": ("'a reservation by its id': $.status: is missing",)
    }

    sentence = judged(row("apaleo", "a1", success=False), GOOD[1], problems=problems).summary()

    assert "apaleo does not keep the pact: 'a reservation by its id': $.status: is missing" in sentence
    assert "then run 'make gate'" in sentence


def test_a_failure_against_a_version_that_is_not_deployed_is_told_too() -> None:
    """A vendor with no good version in the environment shows what its verification found."""
    verdict = judged(
        row("apaleo", None, success=None), GOOD[1], problems={"apaleo": ("'x': $.y: is missing",)}
    )

    assert [item.outcome for item in verdict.rows] == ["failed", "verified"]


def test_a_changed_truth_is_unknown() -> None:
    """A vendor verified as we knew it once, not as we know it now: no, with both versions."""
    verdict = judged(*GOOD, truths={"apaleo": "a2", "tts": "t1"}, problems={"apaleo": None})

    assert [item.outcome for item in verdict.rows] == ["changed", "verified"]
    assert (
        "what we hold to be true of apaleo has changed: it is a2 now, and a1 was verified"
        in verdict.summary()
    )


def test_many_problems_are_counted() -> None:
    """The sentence stays readable; the rest is in the table."""
    problems: dict[str, tuple[str, ...] | None] = {"apaleo": tuple(f"'{n}': broken" for n in range(9))}

    verdict = judged(row("apaleo", "a1", success=False), GOOD[1], problems=problems)

    assert "'4': broken (and 4 more)" in verdict.summary()
    assert len(verdict.rows[0].problems) == 9


@pytest.mark.parametrize(
    ("version", "shown"),
    [(COMMIT, "0123456789"), (f"{COMMIT}-dirty.aa", "0123456789-dirty.aa"), ("1.2.3", "1.2.3")],
)
def test_a_version_is_shown_short(version: str, shown: str) -> None:
    """A commit is shown by its first digits, anything else as it is."""
    assert short_version(version) == shown
