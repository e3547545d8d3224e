"""Prometheus metrics of a test run. Their labels are suites, gates and statuses, and never tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from prometheus_client import CollectorRegistry, Gauge, pushadd_to_gateway, write_to_textfile

from monitoring.results import CASE_STATUSES, SuiteStatus, TestRun

DEFAULT_JOB = "voicehive_tests"
PUSH_TIMEOUT_SECONDS = 10.0


class ExportError(Exception):
    """The metrics could not be written or pushed."""


def create_registry(run: TestRun) -> CollectorRegistry:
    """Return the metrics of a run."""
    registry = CollectorRegistry()
    for add in (_add_run, _add_suites, _add_tests, _add_gates):
        add(registry, run)
    return registry


def _gauge(registry: CollectorRegistry, name: str, description: str, *labels: str) -> Gauge:
    return Gauge(f"voicehive_test_run_{name}", description, labels, registry=registry)


def _add_run(registry: CollectorRegistry, run: TestRun) -> None:
    result = run.result
    ended = result.end_time.timestamp()
    _gauge(registry, "success", "Whether the run passed its quality gates.").set(result.passed)
    _gauge(registry, "pass_ratio", "Tests that passed, of those that ran.").set(result.statistics.pass_rate)
    _gauge(registry, "duration_seconds", "Duration of the run.").set(result.total_duration)
    _gauge(registry, "last_completion_timestamp_seconds", "When the run ended.").set(ended)
    # absent after a failed run: the Pushgateway keeps the former value
    if result.passed:
        _gauge(registry, "last_success_timestamp_seconds", "When the latest passed run ended.").set(ended)


def _add_suites(registry: CollectorRegistry, run: TestRun) -> None:
    status = _gauge(
        registry, "suite_status", "1 for the status that a suite has, 0 for others.", "suite", "status"
    )
    duration = _gauge(registry, "suite_duration_seconds", "Duration of a suite.", "suite")
    timeout = _gauge(registry, "suite_timeout_seconds", "Time-out of a suite.", "suite")
    for suite in run.result.suite_results:
        duration.labels(suite.suite_name).set(suite.duration)
        if suite.timeout:
            timeout.labels(suite.suite_name).set(suite.timeout)
        for value in get_args(SuiteStatus):
            status.labels(suite.suite_name, value).set(suite.status == value)


def _add_tests(registry: CollectorRegistry, run: TestRun) -> None:
    tests = _gauge(registry, "tests", "Cases of tests by suite and how they ended.", "suite", "status")
    for suite in run.result.suite_results:
        for status in CASE_STATUSES:
            tests.labels(suite.suite_name, status).set(run.count(suite.suite_name, status))


def _add_gates(registry: CollectorRegistry, run: TestRun) -> None:
    passed = _gauge(registry, "gate_passed", "Whether a quality gate passed.", "gate")
    limit = _gauge(registry, "threshold", "Limits of the quality gates: fractions and seconds.", "threshold")
    for gate in run.result.gates:
        passed.labels(re.sub(r"\W+", "_", gate.name)).set(gate.passed)
    for name, value in run.result.thresholds.items():
        limit.labels(name).set(value)


def write_textfile(run: TestRun, path: Path) -> None:
    """Write the metrics for the node exporter's textfile collector, at once or not at all.

    Raises:
        ExportError: the file cannot be written.
    """
    try:
        write_to_textfile(str(path), create_registry(run))
    except OSError as error:
        raise ExportError(f"cannot write {path}: {error.strerror}") from None


def push(run: TestRun, gateway: str, job: str) -> None:
    """Replace the metrics of a job at a Pushgateway. Those that this run does not have stay.

    Raises:
        ExportError: the gateway does not respond or rejects the metrics.
    """
    try:
        pushadd_to_gateway(gateway, job, create_registry(run), timeout=PUSH_TIMEOUT_SECONDS)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        raise ExportError(f"the Pushgateway did not accept the metrics: {reason}") from None
