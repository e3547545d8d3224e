"""Which conditions a test run shows, and which ones it ends. Pure functions over plain values."""

from __future__ import annotations

import hashlib

from monitoring.results import SuiteResult, TestRun
from orchestrator.alerting.alert import Condition

MAX_TEST_CONDITIONS = 5
"""More failed tests of a suite than this have one cause, and one alert."""
MAX_TEST_NAME_CHARACTERS = 120
QUALITY_GATES = Condition("quality-gates", "error", "The test run failed a quality gate.")


def find_conditions(run: TestRun) -> list[Condition]:
    """Return what the run shows to be wrong: a condition per failed test, or one per suite or for the run."""
    conditions = [condition for suite in run.result.suite_results for condition in _of_suite(run, suite)]
    if not conditions and run.result.overall_status in {"failed", "error"}:
        return [QUALITY_GATES]
    return conditions


def _of_suite(run: TestRun, suite: SuiteResult) -> list[Condition]:
    name = suite.suite_name
    failed = run.failed_tests(name)
    conditions = []
    # what was interrupted did not fail
    did_not_end = suite.status == "error" and run.result.overall_status != "interrupted"
    is_unexplained = suite.status == "failed" and not failed
    if did_not_end or is_unexplained or len(failed) > MAX_TEST_CONDITIONS:
        summary = f"Test suite {name} ended with status {suite.status}; failed tests: {len(failed)}."
        conditions.append(Condition(f"suite:{name}", "error", summary))
    if len(failed) <= MAX_TEST_CONDITIONS:
        conditions += [_of_test(name, test) for test in failed]
    return conditions


def _of_test(suite: str, test: str) -> Condition:
    # a long name keeps its end, which names the test
    short = test[-MAX_TEST_NAME_CHARACTERS:]
    return Condition(_test_key(suite, test), "warning", f"Test fails in suite {suite}: {short}")


def _test_key(suite: str, test: str) -> str:
    if len(test) <= MAX_TEST_NAME_CHARACTERS:
        return f"test:{suite}:{test}"
    digest = hashlib.sha256(test.encode()).hexdigest()[:12]
    return f"test:{suite}:{test[-MAX_TEST_NAME_CHARACTERS:]}:{digest}"


def has_ended(name: str, run: TestRun) -> bool:
    """Return whether the run shows that a condition that it does not have has ended.

    A run says nothing of suites and tests that it did not run. A test that no longer exists ends with the first
    complete run that its suite passes.

    Args:
        name: the name of a condition that is not among `find_conditions(run)`.
        run: the run.
    """
    kind, _, rest = name.partition(":")
    if kind == "quality-gates":
        return run.result.passed and run.result.complete
    suite = next(
        (suite for suite in run.result.suite_results if suite.suite_name == rest.partition(":")[0]), None
    )
    if suite is None:
        return False
    if kind == "suite":
        return run.result.complete and suite.status != "not_run"
    if suite.status == "passed" and run.result.complete:
        return True
    return any(
        _test_key(suite.suite_name, test) == name
        for test, statuses in run.cases.get(suite.suite_name, {}).items()
        if statuses["passed"] and not statuses["failed"] and not statuses["error"]
    )
