"""Reads what the test runner writes: its results as JSON, and the tests of each suite as JUnit XML beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from xml.etree import ElementTree as ET

from pydantic import BaseModel, Field, ValidationError

JUNIT_FILE = "integration_test_results.xml"
MAX_SUITES = 50
"""More than a runner ever has; each suite is a label value."""

SuiteStatus = Literal["passed", "failed", "error", "not_run"]
CaseStatus = Literal["passed", "failed", "error", "skipped"]
CASE_STATUSES: tuple[CaseStatus, ...] = ("passed", "failed", "error", "skipped")
SuiteName = Annotated[str, Field(pattern=r"^[\w.-]{1,50}$")]
"""It becomes a label value and part of the keys of alerts."""


class ResultsError(Exception):
    """The results cannot be read. The message names the file and what is wrong."""


class SuiteResult(BaseModel):
    """A suite's entry in `suite_results`. Durations are in seconds."""

    suite_name: SuiteName
    status: SuiteStatus
    duration: float = Field(ge=0)
    timeout: float | None = None


class GateResult(BaseModel):
    """A quality gate's entry in `gates`: what was measured and what would be right, for people."""

    name: str
    passed: bool
    actual: str = ""
    required: str = ""


class Statistics(BaseModel):
    """The part of `statistics` that is used here: the fraction of tests that passed, of those that ran."""

    pass_rate: float = Field(ge=0, le=1)


class RunResult(BaseModel):
    """The runner's JSON, as far as it is used here.

    Attributes:
        partial: whether the suites did not run all of their tests: a shard, or only those that had failed.
        thresholds: the limits of the quality gates.
    """

    overall_status: Literal["passed", "failed", "error", "interrupted"]
    end_time: datetime
    total_duration: float = Field(ge=0)
    statistics: Statistics
    suite_results: list[SuiteResult] = Field(max_length=MAX_SUITES)
    gates: list[GateResult] = Field(default=[], max_length=MAX_SUITES)
    thresholds: dict[str, float] = Field(default={}, max_length=MAX_SUITES)
    partial: bool = False

    @property
    def passed(self) -> bool:
        """Whether the run passed its quality gates."""
        return self.overall_status == "passed"

    @property
    def complete(self) -> bool:
        """Whether the suites that ran could run all of their tests."""
        return not self.partial and self.overall_status != "interrupted"


@dataclass(frozen=True, slots=True)
class TestRun:
    """A run and its tests.

    Attributes:
        result: what the runner says about the run.
        cases: the number of cases by status, by test, by suite. A parametrised test has several cases.
    """

    __test__ = False

    result: RunResult
    cases: dict[str, dict[str, Counter[CaseStatus]]]

    def count(self, suite: str, status: CaseStatus) -> int:
        """Return how many cases of a suite ended with a status."""
        return sum(statuses[status] for statuses in self.cases.get(suite, {}).values())

    def failed_tests(self, suite: str) -> list[str]:
        """Return the tests of a suite that have a failed case, in alphabetical order."""
        tests = self.cases.get(suite, {})
        return sorted(test for test, statuses in tests.items() if statuses["failed"] or statuses["error"])


def read_run(results: Path) -> TestRun:
    """Read the runner's results file and the JUnit file beside it.

    Raises:
        ResultsError: a file is missing, incomplete or not in the runner's format.
    """
    try:
        result = RunResult.model_validate_json(results.read_bytes())
    except OSError as error:
        raise ResultsError(f"cannot read {results}: {error.strerror}; run the suites first") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ResultsError(f"{results} is not the runner's: {place or 'document'}: {first['msg']}") from None
    return TestRun(result, _read_cases(results.with_name(JUNIT_FILE)))


def _read_cases(junit: Path) -> dict[str, dict[str, Counter[CaseStatus]]]:
    try:
        document = ET.parse(junit)  # noqa: S314 - the runner wrote it
    except OSError as error:
        raise ResultsError(f"cannot read {junit}: {error.strerror}; run the suites first") from None
    except ET.ParseError as error:
        raise ResultsError(f"{junit} is not complete: {error}") from None
    suites: dict[str, dict[str, Counter[CaseStatus]]] = {}
    for suite in document.iter("testsuite"):
        tests = suites.setdefault(suite.get("name", ""), {})
        for test, status in _cases(suite):
            tests.setdefault(test, Counter())[status] += 1
    return suites


def _cases(suite: ET.Element) -> Iterator[tuple[str, CaseStatus]]:
    for case in suite.iter("testcase"):
        # without a class it is no test: a file that cannot be imported, or the suite itself, whose status says so
        if not case.get("classname"):
            continue
        yield name_without_parameters(case.get("classname", ""), case.get("name", "")), _status(case)


def name_without_parameters(class_name: str, name: str) -> str:
    """Return a test's name without its parameters, which may be anything, personal data included."""
    dotted = f"{class_name}.{name.partition('[')[0]}".strip(".")
    return re.sub(r"[^\w.]+", "_", dotted)


def _status(case: ET.Element) -> CaseStatus:
    # an error of the clean-up stands beside a failure
    if case.find("failure") is not None:
        return "failed"
    if case.find("error") is not None:
        return "error"
    return "passed" if case.find("skipped") is None else "skipped"
