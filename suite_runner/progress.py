"""Progress of the suites: a live display on a terminal, plain lines in CI and in a pipe."""

from __future__ import annotations

import os
import time
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from suite_runner.collector import Collector
from suite_runner.results import CaseResult, SuiteResult
from suite_runner.suite_process import SuiteJob
from suite_runner.summary import describe_suite

STEP = 0.25
"""Fraction of a suite's tests after which a plain line is written."""
SILENCE_SECONDS = 60.0
"""Time without a line after which one says what is running."""


class PlainProgress:
    """One line for each start, quarter, failure and end.

    Args:
        console: what the lines are written to.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps: dict[str, int] = {}
        self._last_line: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def started(self, job: SuiteJob) -> None:
        """Write that a suite was started."""
        self._write(job.name, f"started, time-out {job.config.timeout:g} s")

    def advanced(self, job: SuiteJob, collector: Collector) -> None:
        """Write how many tests have ended at each quarter, and what is running after a silence."""
        done, total = len(collector.finished), len(collector.collected)
        step = int(done / total / STEP) if total else 0
        if self._steps.get(job.name, 0) < step < 1 / STEP:
            self._steps[job.name] = step
            self._write(job.name, f"{done} of {total} tests")
        elif time.monotonic() - self._last_line.get(job.name, 0.0) > SILENCE_SECONDS:
            longest = min(collector.running, key=lambda test: collector.running[test], default="no test")
            self._write(job.name, f"{done} of {total} tests; running longest: {longest}")

    def failed(self, job: SuiteJob, case: CaseResult) -> None:
        """Write a failed test."""
        reason = case.message.partition("\n")[0]
        self._write(job.name, f"{(case.kind or case.outcome).upper()}: {case.node_id}: {reason}")

    def ended(self, result: SuiteResult) -> None:
        """Write the result of a suite."""
        self._write(result.name, describe_suite(result))

    def _write(self, suite: str, text: str) -> None:
        self._last_line[suite] = time.monotonic()
        self._console.print(f"{suite}: {text}", markup=False, soft_wrap=True)


class LiveProgress(PlainProgress):
    """A bar for each running suite above which failures and results are written.

    Args:
        console: a terminal.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._display = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._display.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._display.stop()

    def started(self, job: SuiteJob) -> None:
        """Show a bar."""
        self._tasks[job.name] = self._display.add_task(job.name, total=None)

    def advanced(self, job: SuiteJob, collector: Collector) -> None:
        """Move the bar."""
        self._display.update(
            self._tasks[job.name], completed=len(collector.finished), total=len(collector.collected) or None
        )

    def ended(self, result: SuiteResult) -> None:
        """Replace the bar by the result."""
        if result.name in self._tasks:
            self._display.remove_task(self._tasks.pop(result.name))
        super().ended(result)


def create_progress(console: Console) -> PlainProgress:
    """Return the live display on a terminal, else the plain lines."""
    return (
        LiveProgress(console) if console.is_terminal and not os.environ.get("CI") else PlainProgress(console)
    )
