"""Results of tests, suites and runs, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from contract_usage.coverage import VendorCoverage


class Outcome(StrEnum):
    """What a test ended with; an error is every end other than by its own assertions."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


class Kind(StrEnum):
    """Why a test did not pass."""

    ASSERTION = "failed assertion"
    SET_UP = "failed set-up"
    CLEAN_UP = "failed clean-up"
    CRASH = "crashed process"
    HANG = "hung test"


class SuiteStatus(StrEnum):
    """The result of a suite."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The result of one test.

    Attributes:
        node_id: what `pytest` takes to run it again.
        outcome: what it ended with.
        kind: why it did not pass; None if it did, or was skipped.
        duration: seconds of set-up, test and clean-up.
        message: the first lines of the failure, or the reason of the skip.
        sections: title and text of each part of a failure: traceback, requests, vendor traffic, log, output.
        markers: those that the runner knows, such as `critical` and `load`.
        figures: what the test measured.
    """

    node_id: str
    outcome: Outcome
    kind: Kind | None = None
    duration: float = 0.0
    message: str = ""
    sections: tuple[tuple[str, str], ...] = ()
    markers: tuple[str, ...] = ()
    figures: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_bad(self) -> bool:
        """Whether the test failed or ended in an error."""
        return self.outcome in (Outcome.FAILED, Outcome.ERROR)

    @property
    def name(self) -> str:
        """The test's name with its parameters."""
        # a parameter may contain colons
        base, bracket, parameters = self.node_id.partition("[")
        return f"{base.rpartition('::')[2]}{bracket}{parameters}"

    @property
    def behaviour(self) -> str:
        """The class of the test, or its file, which is the behaviour that it belongs to."""
        path, *names = self.node_id.partition("[")[0].split("::")
        return "::".join(names[:-1]) or path


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """The result of one suite.

    Attributes:
        problems: what kept it from running to its end: a time-out, a crash, a file that cannot be imported.
        exit_code: that of pytest; negative for a signal, None if it did not run.
        pact_coverage: by vendor, the interactions that its tests exercised.
    """

    name: str
    status: SuiteStatus
    required: bool
    timeout: float
    exit_code: int | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    cases: tuple[CaseResult, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pact_coverage: Mapping[str, VendorCoverage] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Seconds from start to end."""
        if self.start_time is None or self.end_time is None:
            return 0.0
        return (self.end_time - self.start_time).total_seconds()

    @property
    def counts(self) -> Counter[Outcome]:
        """The number of tests by outcome."""
        return Counter(case.outcome for case in self.cases)


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a run.

    Attributes:
        interrupted: whether it was stopped by the user; the suites' results are then incomplete.
        partial: whether it ran some of the suites, or a selection of their tests.
        selection: whether tests of its suites may have been left out (a shard, failed tests, further arguments).
    """

    start_time: datetime
    end_time: datetime
    suites: Sequence[SuiteResult]
    interrupted: bool = False
    partial: bool = False
    selection: bool = False
    commit: str = ""

    @property
    def duration(self) -> float:
        """Seconds from start to end."""
        return (self.end_time - self.start_time).total_seconds()

    @property
    def cases(self) -> list[tuple[SuiteResult, CaseResult]]:
        """All tests with their suites."""
        return [(suite, case) for suite in self.suites for case in suite.cases]

    @property
    def counts(self) -> Counter[Outcome]:
        """The number of tests by outcome."""
        return Counter(case.outcome for _, case in self.cases)

    @property
    def all_suites_passed(self) -> bool:
        """Whether all suites ran and passed: others may exercise less of the pacts."""
        is_whole = not self.partial and not self.interrupted
        return is_whole and all(suite.status is SuiteStatus.PASSED for suite in self.suites)

    @property
    def pact_coverage(self) -> dict[str, VendorCoverage]:
        """By vendor, the interactions that any suite exercised."""
        coverage: dict[str, VendorCoverage] = {}
        for suite in self.suites:
            for name, vendor in sorted(suite.pact_coverage.items()):
                known = coverage.get(name, vendor)
                coverage[name] = replace(vendor, exercised={*known.exercised, *vendor.exercised})
        return coverage


def pass_rate(cases: Sequence[CaseResult]) -> float:
    """Return the fraction of tests that passed, of those that ran; 0 if none ran."""
    ran = [case for case in cases if case.outcome is not Outcome.SKIPPED]
    return sum(case.outcome is Outcome.PASSED for case in ran) / len(ran) if ran else 0.0
