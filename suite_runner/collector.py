"""Collects the events of a suite's pytest into results."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract_usage.coverage import VendorCoverage
from suite_runner.redaction import redact
from suite_runner.results import CaseResult, Kind, Outcome

MAX_MESSAGE_LINES = 6
PHASES = {"setup": "set-up: ", "call": "", "teardown": "clean-up: "}
"""pytest's phases of a test, and how their sections are titled; pytest-xdist reports a crash with another one."""
TIMEOUT_TEXT = "from pytest-timeout"
"""Part of the message with which pytest-timeout fails a test."""
SEVERITY = (Outcome.SKIPPED, Outcome.PASSED, Outcome.FAILED, Outcome.ERROR)
"""What a test ended with is the worst of its phases; set-up passes before a test is skipped."""


@dataclass
class Collector:
    """The results of a suite so far.

    Attributes:
        collected: the tests that pytest collected.
        cases: results by node id.
        running: when each running test started, by node id, on the monotonic clock.
        problems: what is not the result of a single test.
        last_event: when the last event was read, on the monotonic clock.
        has_lost_worker: whether a worker process ended before its tests.
    """

    collected: list[str] = field(default_factory=list)
    cases: dict[str, CaseResult] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    running: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    last_event: float = field(default_factory=time.monotonic)
    has_lost_worker: bool = False
    pact_coverage: dict[str, VendorCoverage] = field(default_factory=dict)

    def handle(self, event: Mapping[str, Any]) -> CaseResult | None:
        """Take an event; return the result of a test that ended with it.

        Raises:
            KeyError: if the event is none of the plug-in's.
        """
        self.last_event = time.monotonic()
        match event["event"]:
            case "collected":
                self.collected = event["tests"]
            case "start":
                self.running[event["test"]] = time.monotonic()
            case "phase":
                return self._add_phase(event)
            case "finish":
                return self._finish(event["test"])
            case "collection_error":
                self.problems.append(
                    f"{event['path'] or 'a test file'} cannot be collected:\n{redact(event['text'])}"
                )
            case "worker_lost":
                self.has_lost_worker = True
                self.problems.append(f"worker {event['worker']} ended: {redact(event['error'])}")
            case "pact_coverage":
                self.pact_coverage = {
                    vendor: VendorCoverage(**interactions)
                    for vendor, interactions in event["vendors"].items()
                }
        return None

    def _finish(self, test: str) -> CaseResult | None:
        self.running.pop(test, None)
        if test in self.finished or test not in self.cases:
            return None
        self.finished.add(test)
        return self.cases[test]

    def _add_phase(self, event: Mapping[str, Any]) -> CaseResult | None:
        test = event["test"]
        has_crashed = event["when"] not in PHASES
        if has_crashed and test in self.finished:
            # pytest-xdist runs the test that crashed a worker again
            self.running.pop(test, None)
            return None
        old = self.cases.get(test, CaseResult(test, Outcome.SKIPPED))
        outcome, kind = _classify(event)
        if outcome is Outcome.PASSED and event["when"] != "call":
            # set-up and clean-up of a skipped test pass too
            outcome = old.outcome
        is_worse = SEVERITY.index(outcome) > SEVERITY.index(old.outcome)
        self.cases[test] = CaseResult(
            node_id=test,
            outcome=outcome if is_worse else old.outcome,
            kind=kind if is_worse else old.kind,
            duration=old.duration + event["duration"],
            message="\n".join(filter(None, (old.message, _message(event)))),
            sections=(*old.sections, *_sections(event)),
            markers=tuple(event["markers"]),
            figures={**old.figures, **event["figures"]},
        )
        # pytest-xdist reports no end of a test that crashed its worker
        return self._finish(test) if has_crashed else None

    @property
    def finished_cases(self) -> list[CaseResult]:
        """The results of the tests that ended; others have results of single phases."""
        return [case for test, case in self.cases.items() if test in self.finished]

    @property
    def not_run(self) -> list[str]:
        """The collected tests that did not end."""
        return [test for test in self.collected if test not in self.finished]

    def abandon_running(self, kind: Kind, reason: str) -> list[CaseResult]:
        """Record the running tests as errors, because their process ended; return their results."""
        now = time.monotonic()
        lost = []
        for test, started in self.running.items():
            message = f"{reason}, {now - started:.1f} s after the test started"
            lost.append(CaseResult(test, Outcome.ERROR, kind, now - started, message))
            self.cases[test] = lost[-1]
            self.finished.add(test)
        self.running.clear()
        return lost


def _classify(event: Mapping[str, Any]) -> tuple[Outcome, Kind | None]:
    """Return what a phase ended with, and why."""
    if event["outcome"] != "failed":
        return Outcome(event["outcome"]), None
    if TIMEOUT_TEXT in event["message"]:
        return Outcome.ERROR, Kind.HANG
    match event["when"]:
        case "setup":
            return Outcome.ERROR, Kind.SET_UP
        case "teardown":
            return Outcome.ERROR, Kind.CLEAN_UP
        case "call":
            return Outcome.FAILED, Kind.ASSERTION
        case _:
            return Outcome.ERROR, Kind.CRASH


def _message(event: Mapping[str, Any]) -> str:
    return redact("\n".join(event.get("message", "").splitlines()[:MAX_MESSAGE_LINES]))


def _sections(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    if event["outcome"] != "failed":
        return []
    title = f"{PHASES[event['when']]}traceback" if event["when"] in PHASES else "crash"
    texts = [(title, event["text"]), *event["sections"]]
    # the text of a traceback ends with its sections
    for name, _ in event["sections"]:
        texts[0] = (title, _before_section(texts[0][1], name))
    return [(title, redact(text)) for title, text in texts if text.strip()]


def _before_section(text: str, title: str) -> str:
    lines = text.splitlines()
    headers = [number for number, line in enumerate(lines) if line.strip("- ") == title and line[:2] == "--"]
    return "\n".join(lines[: headers[0]] if headers else lines)
