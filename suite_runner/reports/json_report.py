"""`integration_test_results.json`: the result of a run for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from suite_runner.config import RunConfig
from suite_runner.gates import GateResult
from suite_runner.reports.repeat import repeat_command
from suite_runner.results import CaseResult, Outcome, RunResult, SuiteResult, SuiteStatus, pass_rate
from suite_runner.summary import passed, verdict_sentence

FILE = "integration_test_results.json"


def overall_status(run: RunResult, gates: Sequence[GateResult]) -> str:
    """Return `passed`, `failed` or `interrupted`."""
    if run.interrupted:
        return "interrupted"
    return "passed" if passed(run, gates) else "failed"


def create_document(run: RunResult, gates: Sequence[GateResult], config: RunConfig) -> dict[str, Any]:
    """Return the document; durations are in seconds, rates are fractions."""
    return {
        "overall_status": overall_status(run, gates),
        "verdict": verdict_sentence(run, gates),
        "start_time": run.start_time.isoformat(),
        "end_time": run.end_time.isoformat(),
        "total_duration": run.duration,
        "commit": run.commit,
        "partial": run.partial,
        "statistics": _statistics(run),
        "gates": [asdict(gate) for gate in gates],
        "suite_results": [
            _suite(suite, has_figures=config.reporting.include_metrics) for suite in run.suites
        ],
        "pact_coverage": {
            name: {
                "exercised": len(vendor.recorded) - len(vendor.missing),
                "recorded": len(vendor.recorded),
                "missing": vendor.missing,
            }
            for name, vendor in run.pact_coverage.items()
        },
        "thresholds": config.thresholds.model_dump(),
    }


def _statistics(run: RunResult) -> dict[str, Any]:
    statuses = [suite.status for suite in run.suites]
    counts = run.counts
    return {
        "total_suites": len(statuses),
        "passed_suites": statuses.count(SuiteStatus.PASSED),
        "failed_suites": statuses.count(SuiteStatus.FAILED),
        "error_suites": statuses.count(SuiteStatus.ERROR),
        "not_run_suites": statuses.count(SuiteStatus.NOT_RUN),
        "total_tests": sum(counts.values()),
        **{f"{outcome}_tests": counts[outcome] for outcome in Outcome},
        "pass_rate": pass_rate([case for _, case in run.cases]),
    }


def _suite(suite: SuiteResult, *, has_figures: bool) -> dict[str, Any]:
    return {
        "suite_name": suite.name,
        "status": suite.status.value,
        "exit_code": suite.exit_code,
        "start_time": suite.start_time and suite.start_time.isoformat(),
        "end_time": suite.end_time and suite.end_time.isoformat(),
        "duration": suite.duration,
        "timeout": suite.timeout,
        "required": suite.required,
        "pass_rate": pass_rate(suite.cases),
        **{f"{outcome}_tests": suite.counts[outcome] for outcome in Outcome},
        "problems": list(suite.problems),
        "notes": list(suite.notes),
        "tests": [_case(case, has_figures=has_figures) for case in suite.cases],
    }


def _case(case: CaseResult, *, has_figures: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "node_id": case.node_id,
        "outcome": case.outcome.value,
        "kind": case.kind,
        "duration": round(case.duration, 3),
        "message": case.message,
    }
    if case.is_bad:
        document["repeat"] = repeat_command(case)
    if has_figures and case.figures:
        document["figures"] = dict(case.figures)
    return document
