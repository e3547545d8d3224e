"""Reading the runner's files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from monitoring.results import ResultsError, name_without_parameters, read_run
from tests.monitoring.runs import create_run, write_run

SUITES = {
    "call_flow": {
        "TestA::test_b[1]": "passed",
        "TestA::test_b[2]": "failed",
        "TestA::test_c": "skipped",
        "::call_flow: the suite itself": "error",
    },
    "auth_flow": {"TestD::test_e": "error"},
}


def test_cases_are_counted_by_test_and_status(tmp_path: Path) -> None:
    """Cases of a parametrised test belong to one test; an error of the suite itself is no test."""
    run = create_run(tmp_path, SUITES)

    assert run.cases["call_flow"] == {
        "TestA.test_b": Counter(passed=1, failed=1),
        "TestA.test_c": Counter(skipped=1),
    }
    assert (run.count("call_flow", "failed"), run.count("auth_flow", "error")) == (1, 1)
    assert (run.failed_tests("call_flow"), run.failed_tests("auth_flow")) == (
        ["TestA.test_b"],
        ["TestD.test_e"],
    )


def test_names_keep_neither_parameters_nor_punctuation() -> None:
    """A parameter may be personal data, and a name becomes part of a key."""
    assert name_without_parameters("tests.A", "test_b[guest@hotel.example-[x]]") == "tests.A.test_b"
    assert name_without_parameters("", "a guest/says: no") == "a_guest_says_no"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"overall_status": "green"},
            "overall_status: Input should be 'passed', 'failed', 'error' or 'interrupted'",
        ),
        ({"suite_results": [{"suite_name": "a b"}]}, "suite_results.0.suite_name: String should match"),
        ({"total_duration": -1}, "total_duration: Input should be greater than or equal to 0"),
        ({"end_time": None}, "end_time: Input should be a valid datetime"),
    ],
)
def test_results_of_another_format_are_rejected(
    tmp_path: Path, fields: dict[str, object], message: str
) -> None:
    """The message names the field."""
    path = write_run(tmp_path, SUITES, **fields)

    with pytest.raises(ResultsError) as raised:
        read_run(path)

    assert f"is not the runner's: {message}" in str(raised.value)


@pytest.mark.parametrize("content", ["", "<testsuites><testsuite", "not XML"])
def test_incomplete_junit_file_is_rejected(tmp_path: Path, content: str) -> None:
    """A run that was killed while it wrote has no results."""
    path = write_run(tmp_path, SUITES)
    path.with_name("integration_test_results.xml").write_text(content)

    with pytest.raises(ResultsError, match=r"integration_test_results\.xml is not complete"):
        read_run(path)


@pytest.mark.parametrize("missing", ["integration_test_results.json", "integration_test_results.xml"])
def test_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    """With what to do."""
    path = write_run(tmp_path, SUITES)
    path.with_name(missing).unlink()

    with pytest.raises(ResultsError, match=rf"cannot read .*{missing}: No such file.*; run the suites first"):
        read_run(path)
