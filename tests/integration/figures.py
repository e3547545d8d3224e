"""Figures that tests measure, for the summary of a run."""

from __future__ import annotations

from typing import Any

import pytest


def record_figures(request: pytest.FixtureRequest, **figures: Any) -> None:
    """Add figures to the summary, whether the test passes or fails."""
    # pytest's record_property rejects the JUnit family that the suites' report has
    request.node.user_properties += [(name, str(value)) for name, value in figures.items()]


def print_figures(reporter: pytest.TerminalReporter) -> None:
    """Print the figures of each test that recorded some."""
    reports = [report for outcome in ("passed", "failed") for report in reporter.stats.get(outcome, ())]
    measured = [report for report in reports if report.user_properties]
    if not measured:
        return
    reporter.section("figures")
    for report in measured:
        reporter.line(report.nodeid.rpartition("::")[2])
        for name, value in report.user_properties:
            reporter.line(f"    {name.replace('_', ' ')}: {value}")
