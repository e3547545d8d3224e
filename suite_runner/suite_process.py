"""The pytest process of one suite: started, watched, stopped, and its result."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local_stack.exit_with_parent import child_command
from suite_runner.collector import Collector
from suite_runner.config import SuiteConfig
from suite_runner.redaction import redact
from suite_runner.results import CaseResult, Kind, SuiteResult, SuiteStatus

STOP_SECONDS = 30.0
"""Time that pytest has, after an interrupt, to stop the servers of its tests."""
IDLE_SECONDS = 60.0
"""Time without an event and a running test, after a worker crashed, after which pytest is stopped.

pytest-xdist (3.8, `--dist loadscope`) then waits for ever for a replacement that gets no test.
"""
LOG_TAIL_LINES = 15
MAX_LOG_LINES = 20_000
MAX_NAMES = 20
PASSED, FAILED, INTERRUPTED, NO_TESTS = 0, 1, 2, 5
"""Exit codes of pytest."""


@dataclass(frozen=True, slots=True)
class SuiteJob:
    """What is to be run of a suite.

    Attributes:
        files: its test files.
        arguments: further arguments of pytest.
        may_be_empty: whether a selection of tests was asked for, which may leave none of this suite.
        stops_early: whether pytest stops at the first failed test.
    """

    name: str
    config: SuiteConfig
    files: Sequence[str]
    arguments: Sequence[str] = ()
    may_be_empty: bool = False
    stops_early: bool = False


class SuiteProcess:
    """A running suite.

    Args:
        job: what to run.
        root: the checkout.
        log: the file for pytest's output.
        events: the file that the plug-in writes.
    """

    def __init__(self, job: SuiteJob, root: Path, log: Path, events: Path) -> None:
        self.job = job
        self.collector = Collector()
        self.start_time = datetime.now(UTC)
        self._log = log
        self._deadline = time.monotonic() + job.config.timeout
        self._kill_at: float | None = None
        self._is_interrupted = False
        events.touch()
        self._events = events.open(encoding="utf-8")
        self._incomplete_line = ""
        command = child_command(
            "pytest", *job.files, "-p", "suite_runner.plugin", f"--runner-events={events}"
        )
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - the interpreter and pytest
                [*command, *job.arguments],
                cwd=root,
                env={**os.environ, "COVERAGE_FILE": str(log.with_suffix(".coverage"))},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # a group of its own, so that its workers and servers can be killed with it
                start_new_session=True,
            )

    def poll(self) -> tuple[list[CaseResult], bool]:
        """Return the tests that ended since the last call, and whether the process has ended."""
        has_ended = self._process.poll() is not None
        ended = [case for case in map(self.collector.handle, self._read_events()) if case]
        if has_ended:
            ended += self._end()
        elif self._kill_at is None and time.monotonic() > self._deadline:
            limit = f"the suite was stopped after its time-out of {self.job.config.timeout:g} s"
            ended += self._stop(limit)
        elif self._kill_at is None and self._is_idle():
            ended += self._stop("the suite was stopped, because pytest did not go on after a worker crashed")
        elif self._kill_at is not None and time.monotonic() > self._kill_at:
            self._signal_group(signal.SIGKILL)
        return ended, has_ended

    def interrupt(self) -> None:
        """Ask pytest to stop, as Ctrl-C does; it is killed if that takes longer than `STOP_SECONDS`."""
        self._is_interrupted = True
        if self._kill_at is None:
            self._kill_at = time.monotonic() + STOP_SECONDS
            self._signal_group(signal.SIGINT)

    def kill(self) -> None:
        """Kill pytest, its workers and what they started."""
        self._signal_group(signal.SIGKILL)
        self._process.wait()
        self._close()

    def result(self) -> SuiteResult:
        """Return the result of the ended suite."""
        cases = tuple(self.collector.finished_cases)
        problems = [*self.collector.problems, *self._exit_problems()]
        problems += self._lost_tests() if problems else []
        if problems or any(case.outcome == "error" for case in cases):
            status = SuiteStatus.ERROR
        else:
            status = SuiteStatus.FAILED if any(case.is_bad for case in cases) else SuiteStatus.PASSED
        return SuiteResult(
            name=self.job.name,
            status=status,
            required=self.job.config.required,
            timeout=self.job.config.timeout,
            exit_code=self._process.returncode,
            start_time=self.start_time,
            end_time=datetime.now(UTC),
            cases=cases,
            problems=tuple(problems),
            notes=() if any(case.outcome != "skipped" for case in cases) else ("no test of this suite ran",),
            pact_coverage=self.collector.pact_coverage,
        )

    def _is_idle(self) -> bool:
        collector = self.collector
        is_waiting = collector.has_lost_worker and not collector.running
        return is_waiting and time.monotonic() - collector.last_event > IDLE_SECONDS

    def _stop(self, reason: str) -> list[CaseResult]:
        """Stop a suite that does not end; return the tests that were running."""
        running = sorted(self.collector.running)
        self.collector.problems.append(
            "\n".join([f"{reason}; running were:", *running] if running else [reason])
        )
        self._kill_at = time.monotonic() + STOP_SECONDS
        self._signal_group(signal.SIGINT)
        return self.collector.abandon_running(Kind.HANG, reason)

    def _end(self) -> list[CaseResult]:
        """Clean up after the process; return the tests that ended with it."""
        # orphans of a killed worker would disturb the other suites
        self._signal_group(signal.SIGKILL)
        self._close()
        lost: list[CaseResult] = []
        if self._is_interrupted:
            self.collector.running.clear()
        elif self._kill_at is None:
            lost = self.collector.abandon_running(
                Kind.CRASH, f"pytest {_describe_exit(self._process.returncode)}"
            )
        return lost

    def _close(self) -> None:
        self._events.close()
        self._log.write_text(redact(self._read_log(), MAX_LOG_LINES) + "\n", encoding="utf-8")

    def _exit_problems(self) -> list[str]:
        code = self._process.returncode
        if self._is_interrupted:
            return ["the suite was interrupted"]
        if self._kill_at is not None or self.collector.problems:
            return []
        failed = any(case.is_bad for case in self.collector.finished_cases)
        # pytest-xdist ends a run that stops early like an interrupted one
        codes = {FAILED, INTERRUPTED} if self.job.stops_early else {FAILED}
        if code == NO_TESTS or (code == PASSED and self._ran_nothing()):
            return [] if self.job.may_be_empty else ["no test ran"]
        if code == PASSED or (failed and code in codes):
            return []
        tail = "\n".join(redact(self._read_log()).splitlines()[-LOG_TAIL_LINES:])
        return [f"pytest {_describe_exit(code)}:\n{tail}"]

    def _lost_tests(self) -> list[str]:
        names = self.collector.not_run
        if not names:
            return []
        more = [f"and {len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
        return ["\n".join([f"tests that did not run to their end: {len(names)}", *names[:MAX_NAMES], *more])]

    def _ran_nothing(self) -> bool:
        return all(case.outcome == "skipped" for case in self.collector.finished_cases)

    def _read_events(self) -> list[dict[str, object]]:
        lines = (self._incomplete_line + self._events.read()).split("\n")
        self._incomplete_line = lines.pop()
        return [json.loads(line) for line in lines if line]

    def _read_log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _describe_exit(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
