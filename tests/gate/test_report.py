"""The table of vendors is readable on a terminal of 80 columns."""

from __future__ import annotations

from io import StringIO
from typing import get_args

from rich.console import Console

from gate.report import print_suites, print_verdict
from gate.suites import SuiteResult, VendorCoverage
from gate.verdict import Outcome, ProviderStatus, Verdict

VERSION = "0123456789ab"
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def printed(*rows: ProviderStatus, environment: str = "production") -> list[str]:
    """Return the lines that are printed for a verdict."""
    console = Console(file=StringIO(), width=80, highlight=False, soft_wrap=True)
    verdict = Verdict("orchestrator", VERSION, environment, deployable=False, rows=rows, reason="")
    print_verdict(console, verdict, "http://broker")
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_coverage_of_the_pacts_is_told_by_vendor() -> None:
    """What is missing is named: a few, and where the reasons are."""
    console = Console(file=StringIO(), width=80, highlight=False, soft_wrap=True)
    missing = ["a [bold] text", "b", "c", "d", "e"]
    coverage = {"apaleo": VendorCoverage(95, []), "tts": VendorCoverage(5, missing)}

    print_suites(console, SuiteResult(VERSION, {"test_api": 3}, coverage))

    assert isinstance(console.file, StringIO)
    assert console.file.getvalue().splitlines() == [
        "    3 tests passed: api 3",
        "    95.0% of the interactions exercised: apaleo 95 of 95, tts 0 of 5",
        "      tts, not exercised: 'a [bold] text', 'b', 'c' and 2 more; reasons: contract_usage/unexercised_interactions.toml",
    ]


def test_each_vendor_has_one_line_of_at_most_80_columns() -> None:
    """No outcome makes the table wider or wraps a cell."""
    rows = [ProviderStatus("livekit", VERSION, VERSION, outcome) for outcome in OUTCOMES]

    lines = printed(*rows)

    table = [line for line in lines if line[:1] in "┏┃┡│└"]
    assert len(table) == 4 + len(OUTCOMES)
    assert max(map(len, table)) <= 80
    assert "not recorded" not in " ".join(lines)
    assert "it says 'unknown'" not in lines[-1]


def test_vendor_that_is_not_recorded_as_deployed_is_explained() -> None:
    """The steps one by one record no vendor; the reader learns what does, and that the verdict does not need it."""
    lines = printed(ProviderStatus("tts", VERSION, None, "verified"))

    assert any("not recorded" in line and line.startswith("│ tts") for line in lines)
    (note,) = [line for line in lines if line.startswith("not recorded: ")]
    assert "'make gate' on the main branch records it" in note
    assert lines[-1].endswith(
        " (it says 'unknown' until 'make gate' on the main branch, and nothing else, records the vendor versions)"
    )


def test_advice_names_the_environment_that_was_asked_about() -> None:
    """Without it the gate records the vendors in production."""
    lines = printed(ProviderStatus("tts", VERSION, None, "verified"), environment="test")

    assert len([line for line in lines if "'make gate ENVIRONMENT=test' on the main branch" in line]) == 2
