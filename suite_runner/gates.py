"""The quality gates: what decides whether a run passed. Pure functions over results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contract_usage.coverage import MIN_SHARE, find_problems, share
from suite_runner.config import Thresholds
from suite_runner.results import CaseResult, Outcome, RunResult, SuiteResult, SuiteStatus, pass_rate

ERROR_RATE_FIGURE = "error_rate"
"""The figure of a load test: the fraction of responses that the contract does not allow."""
MAX_PROBLEMS_SHOWN = 3
"""Problems that a gate names; the log of a suite and the reports have all of them."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate.

    Attributes:
        name: as in reports.
        passed: whether it lets the run pass.
        actual: what was measured, for people.
        required: what would be right, for people.
        decided: whether anything ran that it is about; without, it neither blocks the run nor counts as met.
    """

    name: str
    passed: bool
    actual: str
    required: str
    decided: bool = True


def evaluate(run: RunResult, thresholds: Thresholds) -> list[GateResult]:
    """Return the result of each gate; a run passed if all of them did."""
    required = [suite for suite in run.suites if suite.required]
    # a selection may leave no test of a suite
    nonempty = [suite for suite in required if suite.cases or suite.problems]
    return [
        _completeness(run, required),
        _pass_rate(nonempty, thresholds.min_pass_rate),
        _critical_tests(required),
        _error_rate(required, thresholds.max_error_rate),
        *_load_error_rate(run, thresholds.max_error_rate),
        *_pact_coverage(run),
        GateResult(
            "duration of the run",
            run.duration <= thresholds.max_test_duration,
            f"{run.duration:.0f} s",
            f"at most {thresholds.max_test_duration:g} s",
        ),
    ]


def _completeness(run: RunResult, required: Sequence[SuiteResult]) -> GateResult:
    incomplete = [suite.name for suite in required if suite.problems or suite.status is SuiteStatus.NOT_RUN]
    complete = len(required) - len(incomplete)
    actual = f"{complete} of {len(required)}" + (f", not: {', '.join(incomplete)}" if incomplete else "")
    # a run of no required suite proves what it ran, such as performance alone
    any_test = any(suite.cases for suite in run.suites)
    passed = not incomplete and any_test and not run.interrupted
    return GateResult(
        "required suites that ran to their end",
        passed,
        actual if any_test else f"{actual}, no test ran",
        "all",
    )


def _pass_rate(suites: Sequence[SuiteResult], minimum: float) -> GateResult:
    rates = {suite.name: pass_rate(suite.cases) for suite in suites if _ran(suite.cases)}
    total = pass_rate([case for suite in suites for case in suite.cases])
    actual = f"{total:.1%}" if rates else "no test ran"
    low = [f"{name} {rate:.1%}" for name, rate in rates.items() if rate < minimum]
    return GateResult(
        "tests that passed, in all and in each required suite",
        not low and (total >= minimum or not rates),
        f"{actual}, below the limit: {', '.join(low)}" if low else actual,
        f"at least {minimum:.1%}",
        decided=bool(rates),
    )


def _critical_tests(suites: Sequence[SuiteResult]) -> GateResult:
    critical = [case for suite in suites for case in suite.cases if "critical" in case.markers]
    bad = [case for case in critical if case.is_bad]
    return GateResult(
        "critical tests that passed",
        not bad,
        f"{len(critical) - len(bad)} of {len(critical)}",
        "all",
        decided=bool(critical),
    )


def _error_rate(suites: Sequence[SuiteResult], maximum: float) -> GateResult:
    ran = _ran([case for suite in suites for case in suite.cases])
    errors = sum(case.outcome is Outcome.ERROR for case in ran)
    rate = errors / len(ran) if ran else 0.0
    return GateResult(
        "tests that crashed, hung, or failed in set-up or clean-up",
        rate <= maximum,
        f"{rate:.1%} ({errors} of {len(ran)})",
        f"at most {maximum:.1%}",
        decided=bool(ran),
    )


def _load_error_rate(run: RunResult, maximum: float) -> list[GateResult]:
    """Return the gate for the responses under load, if a test measured them."""
    rates = []
    for _, case in run.cases:
        try:
            rates.append(_parse_rate(case.figures[ERROR_RATE_FIGURE]))
        except (KeyError, ValueError):
            continue
    if not rates:
        return []
    return [
        GateResult(
            "errors under load",
            max(rates) <= maximum,
            f"{max(rates):.2%}",
            f"at most {maximum:.1%} of responses",
        )
    ]


def _pact_coverage(run: RunResult) -> list[GateResult]:
    """Return the gate for the coverage of the pacts, if all suites ran and passed, and measured it."""
    coverage = run.pact_coverage
    if not coverage or not run.all_suites_passed:
        return []
    problems = find_problems(coverage)
    hidden = len(problems) - MAX_PROBLEMS_SHOWN
    names = "; ".join(problems[:MAX_PROBLEMS_SHOWN]) + (f"; and {hidden} more" if hidden > 0 else "")
    return [
        GateResult(
            "interactions of the pacts that the suites exercised",
            not problems,
            f"{share(coverage):.1%}" + (f", but {names}" if problems else ""),
            f"all except the listed ones, and at least {MIN_SHARE:.0%}",
        )
    ]


def _parse_rate(text: str) -> float:
    """Return a fraction that is written as `0.004` or `0.4%`."""
    return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


def _ran(cases: Sequence[CaseResult]) -> list[CaseResult]:
    return [case for case in cases if case.outcome is not Outcome.SKIPPED]
