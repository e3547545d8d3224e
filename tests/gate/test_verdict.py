"""The verdict is yes only if every required vendor verified this version, and otherwise names what blocks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gate.verdict import CliResult, Verdict, decide, short_version

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def row(
    provider: str, version: str | None, *, success: bool | None, at: str = "2026-01-01"
) -> dict[str, Any]:
    """Return a row of the broker's matrix."""
    return {
        "consumer": {"name": "orchestrator"},
        "provider": {"name": provider, "version": {"number": version} if version else None},
        "verificationResult": None if success is None else {"success": success, "verifiedAt": at},
    }


def verdict_for(
    *rows: dict[str, Any],
    current: dict[str, str] | None = None,
    cli_allows: bool = True,
    problems: Mapping[str, tuple[str, ...]] | None = None,
) -> Verdict:
    """Decide over these rows."""
    return decide(
        consumer="orchestrator",
        version=COMMIT,
        environment="production",
        cli=CliResult(cli_allows, "the CLI's reason"),
        matrix=rows,
        current_versions={"apaleo": "a1", "tts": "t1"} if current is None else current,
        deployed_versions={"apaleo": "a0"},
        problems=problems or {},
    )


VERIFIED = (row("apaleo", "a1", success=True), row("tts", "t1", success=True))


def test_all_vendors_verified_is_yes() -> None:
    """Every required vendor verified with its current version, and the official CLI agrees."""
    verdict = verdict_for(*VERIFIED)

    assert verdict.deployable
    assert verdict.summary() == (
        "Yes: orchestrator 0123456789 may be deployed to production: apaleo and tts verified its pacts."
    )


def test_deployed_versions_are_shown_but_do_not_decide() -> None:
    """Another branch may record another vendor version as deployed at any time."""
    verdict = verdict_for(*VERIFIED)

    assert [status.provider_version for status in verdict.rows] == ["a0", None]


@pytest.mark.parametrize(
    "verdict",
    [
        verdict_for(*VERIFIED, cli_allows=False),
        verdict_for(VERIFIED[0]),
        verdict_for(),
        verdict_for(current={}),
        verdict_for(*VERIFIED, current={"apaleo": "a2", "tts": "t1"}),
        verdict_for(*VERIFIED, problems={"apaleo": ("'x': $.y: is missing",)}),
        verdict_for(VERIFIED[0], row("tts", None, success=None)),
        verdict_for(VERIFIED[0], row("tts", "t1", success=False)),
        verdict_for(VERIFIED[0], row("tts", "t1", success=None)),
    ],
    ids=[
        "cli says no",
        "no pact with one vendor",
        "no pact at all",
        "no expectations",
        "vendor changed",
        "verification in this run failed",
        "not verified",
        "failed",
        "result unknown",
    ],
)
def test_any_unverified_vendor_blocks_deployment(verdict: Verdict) -> None:
    """One vendor missing, unverified or failed, or a CLI that does not allow it: no."""
    assert not verdict.deployable
    assert verdict.summary().startswith("No: orchestrator 0123456789 must not be deployed to production: ")


def test_failed_vendor_is_named_with_operation_and_field() -> None:
    """The sentence names what broke and what to do next."""
    problems = {"apaleo": ("'a reservation by its id': $.status: is missing",)}

    summary = verdict_for(row("apaleo", "a1", success=False), VERIFIED[1], problems=problems).summary()

    assert "apaleo does not keep the pact: 'a reservation by its id': $.status: is missing" in summary
    assert "then run 'make gate'" in summary


def test_failure_of_this_run_outweighs_an_older_success() -> None:
    """A verification that failed now is not summarised as verified because an older result was good."""
    verdict = verdict_for(*VERIFIED, problems={"tts": ("39 of 40 interactions were verified",)})

    assert [status.outcome for status in verdict.rows] == ["verified", "failed"]


def test_result_of_another_vendor_version_does_not_decide() -> None:
    """Another branch verified with its own version of the vendor and failed."""
    verdict = verdict_for(row("apaleo", "other", success=False), *VERIFIED)

    assert verdict.deployable


def test_changed_vendor_is_named_with_current_and_last_verified_version() -> None:
    """A vendor that verified with another version only: no, with both versions; the newest counts."""
    rows = (row("apaleo", "a0", success=True, at="2026-01-02"), row("apaleo", "a", success=True), VERIFIED[1])

    verdict = verdict_for(*rows, current={"apaleo": "a2", "tts": "t1"})

    assert [status.outcome for status in verdict.rows] == ["changed", "verified"]
    assert (
        "apaleo's schemas or stub changed: current version a2, last verified a0. Run 'make gate'"
        in verdict.summary()
    )


def test_disagreement_with_the_official_cli_gives_its_reason() -> None:
    """All vendors verified, but the official CLI says no."""
    assert "the broker says: the CLI's reason." in verdict_for(*VERIFIED, cli_allows=False).summary()


@pytest.mark.parametrize(
    ("count", "end"),
    [(5, "'4': broken. Fix"), (6, "'4': broken (and 1 more). Fix"), (9, "(and 4 more). Fix")],
)
def test_many_problems_are_counted(count: int, end: str) -> None:
    """The sentence names five; the row has all."""
    problems = {"apaleo": tuple(f"'{number}': broken" for number in range(count))}

    verdict = verdict_for(row("apaleo", "a1", success=False), VERIFIED[1], problems=problems)

    assert end in verdict.summary()
    assert len(verdict.rows[0].problems) == count


@pytest.mark.parametrize(
    ("version", "shown"),
    [(COMMIT, "0123456789"), (f"{COMMIT}-dirty.aa", "0123456789-dirty.aa"), ("1.2.3", "1.2.3")],
)
def test_short_version(version: str, shown: str) -> None:
    """A commit is shown by its first digits, anything else unchanged."""
    assert short_version(version) == shown


@pytest.mark.parametrize(
    ("names", "shown"),
    [(["apaleo"], "apaleo"), (["apaleo", "livekit", "tts"], "apaleo, livekit and tts")],
)
def test_all_vendors_of_a_yes_are_named(names: list[str], shown: str) -> None:
    """One vendor stands alone, the last of several after `and`."""
    rows = [row(name, "1", success=True) for name in names]

    summary = verdict_for(*rows, current=dict.fromkeys(names, "1")).summary()

    assert summary.endswith(f" may be deployed to production: {shown} verified its pacts.")


def test_vendor_without_a_pact_is_named() -> None:
    """The broker has no pact of this version with a vendor that the expectations name."""
    verdict = verdict_for(VERIFIED[1])

    assert [status.outcome for status in verdict.rows] == ["no pact", "verified"]
    assert verdict.summary().endswith(
        ": this version has no pact with apaleo at the broker. Run 'make gate' to record, publish and verify this version."
    )


def test_vendor_without_a_result_is_named() -> None:
    """Its current version has not verified the pact, and no other has."""
    verdict = verdict_for(row("apaleo", "a1", success=None), VERIFIED[1])

    assert [status.outcome for status in verdict.rows] == ["not verified", "verified"]
    assert verdict.summary().endswith(
        ": apaleo a1 has not verified this version's pact. Run 'make gate' to record, publish and verify this version."
    )


def test_newest_of_the_other_versions_is_named() -> None:
    """The last verified version is the one with the newest result, wherever its row is."""
    rows = (row("apaleo", "a", success=True), row("apaleo", "a0", success=True, at="2026-01-02"), VERIFIED[1])

    verdict = verdict_for(*rows, current={"apaleo": "a2", "tts": "t1"})

    assert verdict.rows[0].verified_version == "a0"


def test_rows_of_others_do_not_decide() -> None:
    """Neither another consumer's pact with a vendor, nor this consumer's pact with an unknown one."""
    other_consumer = row("apaleo", "a1", success=True) | {"consumer": {"name": "website"}}

    verdict = verdict_for(other_consumer, VERIFIED[1], row("unknown", "u1", success=True))

    assert [status.outcome for status in verdict.rows] == ["no pact", "verified"]


def test_disagreement_without_a_reason_of_a_vendor_points_to_the_matrix() -> None:
    """Every vendor verified: only the broker's page can say more."""
    summary = verdict_for(*VERIFIED, cli_allows=False).summary()

    assert summary.endswith(" The broker's page shows the whole matrix.")
