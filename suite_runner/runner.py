"""Runs the suites, each in a pytest process of its own, some at the same time."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from suite_runner.collector import Collector
from suite_runner.interrupts import Interrupts
from suite_runner.results import CaseResult, SuiteResult, SuiteStatus
from suite_runner.suite_process import SuiteJob, SuiteProcess

POLL_SECONDS = 0.1
"""Interval at which results are read: short for a reader, long for the CPU that the tests need."""
PARALLEL_SUITES = 2
"""Suites at the same time: most tests wait for time-outs and restarts, and a suite's last class runs alone."""


class Progress(Protocol):
    """What is reported while suites run."""

    def started(self, job: SuiteJob) -> None:
        """A suite was started."""

    def advanced(self, job: SuiteJob, collector: Collector) -> None:
        """Results were read; called several times a second."""

    def failed(self, job: SuiteJob, case: CaseResult) -> None:
        """A test failed or ended in an error."""

    def ended(self, result: SuiteResult) -> None:
        """A suite ended."""


class SuitesInterrupted(Exception):
    """The run was stopped; `results` are those so far."""

    def __init__(self, results: Sequence[SuiteResult]) -> None:
        self.results = results
        super().__init__("interrupted")


class SuiteRunner:
    """Runs suites.

    Args:
        root: the checkout.
        logs: the folder for pytest's output.
        work: a folder for temporary files.
        progress: called with each event of the run.
    """

    def __init__(self, root: Path, logs: Path, work: Path, progress: Progress) -> None:
        self._root = root
        self._logs = logs
        self._work = work
        self._progress = progress
        self._running: list[SuiteProcess] = []
        self._results: dict[str, SuiteResult] = {}

    def run(self, jobs: Sequence[SuiteJob], *, fail_fast: bool) -> list[SuiteResult]:
        """Run the suites and return their results, in the order of the jobs.

        Args:
            jobs: the suites.
            fail_fast: run one after the other, and none after a failure.

        Raises:
            SuitesInterrupted: on Ctrl-C; the suites' tests have stopped what they started.
        """
        waiting = list(jobs)
        try:
            with Interrupts() as interrupts:
                while waiting or self._running:
                    waiting = self._start_next(waiting, fail_fast=fail_fast)
                    if not self._poll():
                        time.sleep(POLL_SECONDS)
                    if interrupts.count:
                        self._stop_all(interrupts)
                        raise SuitesInterrupted(self._ordered(jobs))
                    if fail_fast and any(
                        result.status != SuiteStatus.PASSED for result in self._results.values()
                    ):
                        break
        finally:
            for process in self._running:
                process.kill()
        return self._ordered(jobs)

    def _start_next(self, waiting: list[SuiteJob], *, fail_fast: bool) -> list[SuiteJob]:
        while waiting:
            job = waiting[0]
            limit = 1 if fail_fast or job.config.exclusive or (os.cpu_count() or 1) == 1 else PARALLEL_SUITES
            is_exclusive_running = any(process.job.config.exclusive for process in self._running)
            if len(self._running) >= limit or is_exclusive_running:
                break
            waiting = waiting[1:]
            if not job.files:
                self._add(_without_files(job))
                continue
            events = self._work / f"{job.name}.jsonl"
            self._progress.started(job)
            self._running.append(SuiteProcess(job, self._root, self._logs / f"{job.name}.log", events))
        return waiting

    def _poll(self) -> bool:
        """Read results; return whether a suite ended."""
        has_any_ended = False
        for process in list(self._running):
            cases, has_ended = process.poll()
            for case in cases:
                if case.is_bad:
                    self._progress.failed(process.job, case)
            self._progress.advanced(process.job, process.collector)
            if has_ended:
                has_any_ended = True
                self._running.remove(process)
                self._add(process.result())
        return has_any_ended

    def _stop_all(self, interrupts: Interrupts) -> None:
        for process in self._running:
            process.interrupt()
        # a second Ctrl-C: do not wait for the servers to stop
        while self._running and interrupts.count == 1:
            if not self._poll():
                time.sleep(POLL_SECONDS)
        for process in self._running:
            process.kill()
            self._add(process.result())
        self._running.clear()

    def _add(self, result: SuiteResult) -> None:
        self._results[result.name] = result
        self._progress.ended(result)

    def _ordered(self, jobs: Sequence[SuiteJob]) -> list[SuiteResult]:
        return [self._results.get(job.name) or _not_run(job) for job in jobs]


def _without_files(job: SuiteJob) -> SuiteResult:
    now = datetime.now(UTC)
    return SuiteResult(
        name=job.name,
        status=SuiteStatus.ERROR,
        required=job.config.required,
        timeout=job.config.timeout,
        start_time=now,
        end_time=now,
        problems=(f"no test file is named {' or '.join(job.config.module)}",),
    )


def _not_run(job: SuiteJob) -> SuiteResult:
    return SuiteResult(
        name=job.name,
        status=SuiteStatus.NOT_RUN,
        required=job.config.required,
        timeout=job.config.timeout,
        notes=("it was not started",),
    )
