"""A test run as Markdown, for the summary of a CI job."""

from __future__ import annotations

from monitoring.results import CASE_STATUSES, TestRun

MAX_FAILED_TESTS = 50
MARKS = {"passed": "✅", "not_run": "⏭️"}
FAILED_MARK = "❌"


def render_summary(run: TestRun) -> str:
    """Return the verdict, the gates, the suites and the failed tests. It names tests without their parameters."""
    result = run.result
    lines = [f"## {_mark(result.overall_status)} Test run {result.overall_status}", ""]
    lines.append(f"{len(result.suite_results)} suites in {result.total_duration:.0f} s.")
    if not result.complete:
        lines.append("The run is partial: it did not run all tests of its suites.")
    return "\n".join([*lines, *_gates(run), *_suites(run), *_failures(run)]) + "\n"


def _gates(run: TestRun) -> list[str]:
    rows = [
        f"| {gate.name} | {_mark('passed' if gate.passed else 'failed')} | {gate.actual} | {gate.required} |"
        for gate in run.result.gates
    ]
    return ["", "| quality gate | passed | actual | required |", "|---|---|---|---|", *rows] if rows else []


def _suites(run: TestRun) -> list[str]:
    lines = [
        "",
        "| suite | status | passed | failed | error | skipped | seconds |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for suite in run.result.suite_results:
        counts = " | ".join(str(run.count(suite.suite_name, status)) for status in CASE_STATUSES)
        status = f"{_mark(suite.status)} {suite.status}"
        lines.append(f"| {suite.suite_name} | {status} | {counts} | {suite.duration:.1f} |")
    return lines


def _failures(run: TestRun) -> list[str]:
    failed = [
        f"- {suite.suite_name}: `{test}`"
        for suite in run.result.suite_results
        for test in run.failed_tests(suite.suite_name)
    ]
    hidden = len(failed) - MAX_FAILED_TESTS
    more = [f"- and {hidden} more, see the report"] if hidden > 0 else []
    return ["", "### Failed tests", "", *failed[:MAX_FAILED_TESTS], *more] if failed else []


def _mark(status: str) -> str:
    return MARKS.get(status, FAILED_MARK)
