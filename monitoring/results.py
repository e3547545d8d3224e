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

Status = Literal["passed", "failed", "error"]
CaseStatus = Literal["passed", "failed", "error", "skipped"]
CASE_STATUSES: tuple[CaseStatus, ...] = ("passed", "failed", "error", "skipped")
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
"""Names of suites and gates become label values and keys of alerts."""


class ResultsError(Exception):
    """The results cannot be read. The message names the file and what is wrong."""


class SuiteResult(BaseModel):
    """A suite's entry in `suite_results`. Durations are in seconds."""

    suite_name: Name
    status: Status
    duration: float = Field(ge=0)
    timeout: float | None = None
    required: bool = True


class GateResult(BaseModel):
    """A quality gate's entry in `gates`."""

    name: Name
    passed: bool
    value: float | None = None
    threshold: float | None = None


class RunResult(BaseModel):
    """The runner's JSON, as far as it is used here. Fields that a run does not have are None or empty."""

    overall_status: Status
    end_time: datetime
    total_duration: float = Field(ge=0)
    suite_results: list[SuiteResult] = Field(max_length=MAX_SUITES)
    gates: list[GateResult] = Field(default=[], max_length=MAX_SUITES)
    shard: str | None = None
    rerun_failed: bool = False

    @property
    def complete(self) -> bool:
        """Whether the suites of the run ran all of their tests."""
        return not (self.shard or self.rerun_failed)


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
