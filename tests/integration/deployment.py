"""A deployment that ORCHESTRATOR_URL names; tests that have to control the service are skipped for it."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

ORCHESTRATOR_URL = os.environ.get("ORCHESTRATOR_URL")


def skip_for_deployment(reason: str) -> NoReturn:
    """Skip the test with the reason why it cannot run against a deployment."""
    pytest.skip(f"not run: {reason}, and ORCHESTRATOR_URL is set")


def require_local_stack(reason: str) -> None:
    """Skip the test unless the suites started the service themselves."""
    if ORCHESTRATOR_URL:
        skip_for_deployment(reason)


def print_skipped(reporter: pytest.TerminalReporter) -> None:
    """Print the names of the tests that were skipped for the deployment."""
    skipped = reporter.stats.get("skipped", ())
    if not ORCHESTRATOR_URL or not skipped:
        return
    reporter.section(f"not run against {ORCHESTRATOR_URL}, which cannot be controlled: {len(skipped)} tests")
    for report in skipped:
        reporter.line(report.nodeid)
