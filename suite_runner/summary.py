"""The end of a run on the console: the gates, a table of the suites, and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from contract_usage.coverage import describe
from suite_runner.gates import GateResult
from suite_runner.results import Outcome, RunResult, SuiteResult, SuiteStatus

STYLES = {
    SuiteStatus.PASSED: "green",
    SuiteStatus.FAILED: "red",
    SuiteStatus.ERROR: "red",
    SuiteStatus.NOT_RUN: "yellow",
}
MARKS = {SuiteStatus.PASSED: "✓", SuiteStatus.FAILED: "✗", SuiteStatus.ERROR: "✗", SuiteStatus.NOT_RUN: "-"}


def describe_suite(suite: SuiteResult) -> str:
    """Return the result of a suite in one line, with what kept it from its end below."""
    counts = ", ".join(f"{suite.counts[outcome]} {outcome}" for outcome in Outcome if suite.counts[outcome])
    lines = [
        f"{suite.status.replace('_', ' ')}: {counts or 'no test'}, {suite.duration:.1f} s",
        *suite.problems,
    ]
    return "\n    ".join("\n".join(lines).splitlines())


def print_summary(
    console: Console, run: RunResult, gates: Sequence[GateResult], files: Sequence[Path] = ()
) -> None:
    """Print the suites, the gates, the reports and the verdict; nothing is cut, whatever the width."""
    console.print()
    console.print(_suite_table(run.suites))
    for gate in gates:
        mark = ("✗", "red") if not gate.passed else ("✓", "green") if gate.decided else ("?", "dim")
        line = Text.assemble(mark, f" {gate.name}: {gate.actual} (required: {gate.required})")
        console.print(line, soft_wrap=False)
    coverage = run.pact_coverage
    for text in describe(coverage, is_complete=run.all_suites_passed) if coverage else ():
        console.print(f"  {text}", markup=False, soft_wrap=False)
    for file in files:
        console.print(f"  {file}", markup=False)
    console.print()
    sentence = verdict_sentence(run, gates)
    console.print(
        sentence, style="green bold" if passed(run, gates) else "red bold", markup=False, soft_wrap=False
    )


def passed(run: RunResult, gates: Sequence[GateResult]) -> bool:
    """Return the verdict of the gates."""
    return not run.interrupted and all(gate.passed for gate in gates)


def verdict_sentence(run: RunResult, gates: Sequence[GateResult]) -> str:
    """Return the verdict with its reasons in one sentence."""
    counts = run.counts
    total = sum(counts.values())
    bad = counts[Outcome.FAILED] + counts[Outcome.ERROR]
    parts = [
        f"{counts[Outcome.PASSED]} of {total} tests passed",
        *([f"{bad} did not"] if bad else []),
        *([f"{counts[Outcome.SKIPPED]} skipped"] if counts[Outcome.SKIPPED] else []),
        f"in {run.duration:.0f} s",
    ]
    tests = ", ".join(parts)
    if run.interrupted:
        return f"Interrupted: {tests}; the report is incomplete."
    if passed(run, gates):
        undecided = [gate.name for gate in gates if not gate.decided]
        suffix = f" except those about which nothing ran: {', '.join(undecided)}" if undecided else ""
        return f"Passed: {tests}; all {len(gates)} gates are met{suffix}."
    failed = "; ".join(f"{gate.name}: {gate.actual}" for gate in gates if not gate.passed)
    return f"Failed: {tests}; not met: {failed}."


def _suite_table(suites: Sequence[SuiteResult]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("Suite", overflow="fold")
    table.add_column("Result", overflow="fold")
    for title in ("Passed", "Failed", "Errors", "Skipped", "Seconds"):
        table.add_column(title, justify="right", overflow="fold")
    for suite in suites:
        name = suite.name if suite.required else f"{suite.name} (not required)"
        result = Text(f"{MARKS[suite.status]} {suite.status.replace('_', ' ')}", STYLES[suite.status])
        outcomes = (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED)
        counts = [str(suite.counts[outcome]) for outcome in outcomes]
        table.add_row(Text(name), result, *counts, f"{suite.duration:.1f}")
    return table
