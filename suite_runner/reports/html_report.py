"""`integration_test_report.html`: the result of a run for people, as one file that loads nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contract_usage.coverage import summarize_names
from suite_runner.gates import GateResult
from suite_runner.history import flaky_tests
from suite_runner.reports.json_report import overall_status
from suite_runner.reports.repeat import repeat_command
from suite_runner.reports.trend import HEIGHT, WIDTH, create_trend
from suite_runner.results import CaseResult, Outcome, RunResult
from suite_runner.summary import verdict_sentence

FILE = "integration_test_report.html"
MAX_SLOWEST = 15
MAX_FLAKY = 15
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(slots=True)
class Behaviour:
    """The tests of one class."""

    name: str
    passed: int = 0
    bad: int = 0
    skipped: int = 0
    duration: float = 0.0


def render(
    run: RunResult,
    gates: Sequence[GateResult],
    records: Sequence[Mapping[str, Any]],
    *,
    fault_matrix: str | None,
    has_figures: bool,
) -> str:
    """Return the page.

    Args:
        run: the result.
        gates: the gates' results.
        records: the history, this run included.
        fault_matrix: the address of the heat map, relative to the page.
        has_figures: whether figures that tests measured are shown.
    """
    slowest = sorted((case for _, case in run.cases), key=lambda case: -case.duration)[:MAX_SLOWEST]
    return TEMPLATES.get_template("report.html").render(
        run=run,
        status=overall_status(run, gates),
        sentence=verdict_sentence(run, gates),
        gates=gates,
        failures=[(suite, case) for suite, case in run.cases if case.is_bad],
        behaviours=[(suite, _behaviours(suite.cases)) for suite in run.suites if suite.cases],
        slowest=slowest,
        flaky=flaky_tests(records)[:MAX_FLAKY],
        trend=create_trend(records),
        width=WIDTH,
        height=HEIGHT,
        coverage=run.pact_coverage,
        summarize_names=summarize_names,
        fault_matrix=fault_matrix,
        measured=[case for _, case in run.cases if case.figures] if has_figures else [],
        repeat=repeat_command,
        Outcome=Outcome,
    )


def _behaviours(cases: Sequence[CaseResult]) -> list[Behaviour]:
    behaviours: dict[str, Behaviour] = {}
    for case in cases:
        behaviour = behaviours.setdefault(case.behaviour, Behaviour(case.behaviour))
        behaviour.passed += case.outcome is Outcome.PASSED
        behaviour.bad += case.is_bad
        behaviour.skipped += case.outcome is Outcome.SKIPPED
        behaviour.duration += case.duration
    return sorted(behaviours.values(), key=lambda behaviour: (-behaviour.bad, behaviour.name))
