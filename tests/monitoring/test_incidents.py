"""Which conditions a run shows, and which it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.incidents import QUALITY_GATES, find_conditions, has_ended
from tests.monitoring.runs import Cases, create_run

TEST = "test:call_flow:TestA.test_b"
OTHER = {"TestA::test_c": "passed"}


def failing(number: int) -> Cases:
    """Return failed cases of different tests."""
    return {f"TestA::test_{index}": "failed" for index in range(number)}


def names(folder: Path, suites: dict[str, Cases], **fields: object) -> list[str]:
    """Return the names of a run's conditions."""
    return [condition.name for condition in find_conditions(create_run(folder, suites, **fields))]


def test_failed_cases_of_a_test_are_one_condition(tmp_path: Path) -> None:
    """By suite and test, whatever the parameters are."""
    cases = {"TestA::test_b[guest@hotel.example]": "failed", "TestA::test_b[2]": "error", **OTHER}

    [condition] = find_conditions(create_run(tmp_path, {"call_flow": cases}))

    assert condition.name == TEST
    assert condition.summary == "Test fails in suite call_flow: TestA.test_b"


@pytest.mark.parametrize(("number", "expected"), [(5, 5), (6, 1)])
def test_many_failed_tests_of_a_suite_are_one_condition(tmp_path: Path, number: int, expected: int) -> None:
    """More than five have one cause."""
    conditions = find_conditions(create_run(tmp_path, {"call_flow": failing(number)}))

    assert len(conditions) == expected
    assert {condition.name.partition(":")[0] for condition in conditions} == {
        "suite" if expected == 1 else "test"
    }


@pytest.mark.parametrize("status", ["error", "failed"])
def test_suite_that_did_not_end_is_a_condition(tmp_path: Path, status: str) -> None:
    """A crash or a time-out has no failed test."""
    assert names(tmp_path, {"call_flow": OTHER}, statuses={"call_flow": status}) == ["suite:call_flow"]


def test_interrupted_run_shows_failed_tests_only(tmp_path: Path) -> None:
    """Its suites and gates did not fail by themselves."""
    fields = {"overall_status": "interrupted", "statuses": {"call_flow": "error", "auth_flow": "error"}}

    conditions = names(tmp_path, {"call_flow": failing(1), "auth_flow": OTHER}, **fields)

    assert conditions == ["test:call_flow:TestA.test_0"]


def test_failed_gate_without_a_failed_test_is_a_condition(tmp_path: Path) -> None:
    """With one, the gate's failure says nothing more."""
    passed, failed = {"call_flow": OTHER}, {"call_flow": failing(1)}

    assert names(tmp_path / "a", passed, overall_status="failed") == [QUALITY_GATES.name]
    assert names(tmp_path / "b", failed) == ["test:call_flow:TestA.test_0"]


def test_long_names_stay_different(tmp_path: Path) -> None:
    """PagerDuty cuts a key after 255 characters, and two tests must not share one."""
    cases = {f"{prefix}{'x' * 300}::test_b": "failed" for prefix in "AB"}

    keys = names(tmp_path, {"call_flow": cases})

    assert (len(set(keys)), max(map(len, keys)) < 180) == (2, True)


@pytest.mark.parametrize(
    ("cases", "fields", "ended"),
    [
        ({"TestA::test_b[1]": "passed", "TestA::test_b[2]": "passed"}, {"partial": True}, True),
        ({"TestA::test_b": "skipped", "TestA::test_d": "failed"}, {}, False),
        ({"TestA::test_b": "passed", "TestA::test_d": "failed"}, {}, True),
        (OTHER, {}, True),
        (OTHER, {"partial": True}, False),
        (OTHER, {"overall_status": "interrupted"}, False),
        (OTHER, {"statuses": {"call_flow": "error"}}, False),
    ],
    ids=["passed", "skipped", "passed-in-failed-suite", "removed", "other-shard", "interrupted", "crashed"],
)
def test_test_ends_when_it_passes_or_no_longer_exists(
    tmp_path: Path, cases: Cases, fields: dict[str, object], *, ended: bool
) -> None:
    """What did not run shows nothing."""
    assert has_ended(TEST, create_run(tmp_path, {"call_flow": cases}, **fields)) is ended


def test_conditions_of_a_suite_that_did_not_run_stay(tmp_path: Path) -> None:
    """A run of one suite says nothing of another."""
    run = create_run(tmp_path, {"auth_flow": OTHER})

    assert not has_ended(TEST, run)
    assert not has_ended("suite:call_flow", run)


@pytest.mark.parametrize(
    ("fields", "ended"),
    [({}, True), ({"partial": True}, False), ({"statuses": {"call_flow": "not_run"}}, False)],
)
def test_suite_ends_with_a_complete_run(tmp_path: Path, fields: dict[str, object], *, ended: bool) -> None:
    """A part of a suite that passes is not the suite."""
    assert has_ended("suite:call_flow", create_run(tmp_path, {"call_flow": OTHER}, **fields)) is ended


def test_gates_end_with_a_passed_run(tmp_path: Path) -> None:
    """A run with failed tests says nothing of gates."""
    assert has_ended(QUALITY_GATES.name, create_run(tmp_path / "a", {"call_flow": OTHER}))
    assert not has_ended(QUALITY_GATES.name, create_run(tmp_path / "b", {"call_flow": failing(1)}))
