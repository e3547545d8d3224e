"""A pytest plugin: services that tests start record what they read; if all suites ran, it is compared with the pacts.

The suites record which interactions they exercised; if all of them ran, that has to be all interactions of the pacts.
Without CONTRACT_USAGE_FOLDER the record is kept in a temporary folder until the session ends.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest

from contract_usage.comparison import compare
from contract_usage.coverage import Coverage, describe, find_problems
from contract_usage.demands import PACTS, read_demands
from contract_usage.exceptions import InvalidExceptionsError, read_exceptions
from contract_usage.interaction_log import read_interactions
from contract_usage.report import describe_usage
from contract_usage.session_coverage import read_coverage, write_coverage
from contract_usage.usage_log import FOLDER_VARIABLE, read_usage

CHECKOUT = Path(__file__).parents[1]
SUITES = CHECKOUT / "tests/integration"
RUNNER = "test_runner.py"
"""A script without tests in the folder of the suites."""
MODULE_VARIABLE = "SERVICE_MODULE"
"""Names the module that `local_stack` runs as the service."""
# the gate and JUnit readers assign a failure to a file that exists
FAILURES = "tests/integration/conftest.py"
USAGE, COVERAGE = "contract usage", "pact coverage"
"""The names of the two checks."""
OMITTED_MARKS = ("load", "recordings", "thorough")
"""The marks of tests that a normal run leaves out: what they read and exercise does not count in a thorough run either."""
_TEMPORARY: pytest.StashKey[Path] = pytest.StashKey()
_COMPLETE: pytest.StashKey[bool] = pytest.StashKey()
_TITLES = {
    USAGE: "fields that the pacts demand, and that the service read",
    COVERAGE: "interactions of the pacts that the suites exercised",
}
_REPORTS: pytest.StashKey[dict[str, list[str]]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Switch the recording on, for the workers too, which inherit the variables."""
    if hasattr(config, "workerinput") or os.environ.get("ORCHESTRATOR_URL"):
        return
    if FOLDER_VARIABLE not in os.environ:
        config.stash[_TEMPORARY] = Path(tempfile.mkdtemp(prefix="contract-usage-"))
        os.environ[FOLDER_VARIABLE] = str(config.stash[_TEMPORARY])
    os.environ[MODULE_VARIABLE] = "contract_usage.service"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Delete the temporary record."""
    if folder := config.stash.get(_TEMPORARY, None):
        shutil.rmtree(folder, ignore_errors=True)
        del os.environ[FOLDER_VARIABLE], os.environ[MODULE_VARIABLE]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Note whether the session runs all suites."""
    collected = list(items)
    yield
    config.stash[_COMPLETE] = is_complete(collected, items) and not any("::" in arg for arg in config.args)


def is_complete(collected: Iterable[pytest.Item], selected: Iterable[pytest.Item]) -> bool:
    """Return whether the tests that were selected are all tests of all suites."""
    required = {item.nodeid for item in collected if not any(map(item.get_closest_marker, OMITTED_MARKS))}
    chosen = [item for item in selected if item.path.parent == SUITES]
    suites = {path for path in SUITES.glob("test_*.py") if path.name != RUNNER}
    in_suites = {node_id for node_id in required if node_id.startswith("tests/integration/")}
    return suites <= {item.path for item in chosen} and in_suites <= {item.nodeid for item in chosen}


@pytest.hookimpl(tryfirst=True)  # before the JUnit report is written
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Compare, if all suites ran, were not only listed, and passed; a difference is a failed test."""
    config = session.config
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is not None:
        output["complete_suites"] = config.stash.get(_COMPLETE, False)
        return
    is_complete_run = (
        config.stash.get(_COMPLETE, False) and not session.testsfailed and not config.option.collectonly
    )
    folder = recording_folder()
    if folder is None:
        return
    reports = config.stash.setdefault(_REPORTS, {})
    checks = {USAGE: _compare_usage, COVERAGE: _judge_coverage} if is_complete_run else {}
    for name, check in checks.items():
        try:
            reports[name], problems = check(folder)
        except InvalidExceptionsError as error:
            reports[name] = problems = [str(error)]
        if problems:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            _report_failure(config, name, problems)
    if not is_complete_run and (coverage := session_coverage()):
        reports[COVERAGE] = describe(coverage, is_complete=False)


def recording_folder() -> Path | None:
    """Return the folder of the record; None if nothing is recorded, because the suites test a deployment."""
    folder = os.environ.get(FOLDER_VARIABLE)
    return Path(folder) if folder and MODULE_VARIABLE in os.environ else None


def session_coverage() -> Coverage:
    """Return which interactions were exercised so far; empty if none was. The suite runner reads it."""
    folder = recording_folder()
    # the pacts take a tenth of a second to read, and most sessions exercise none
    return read_coverage(folder, CHECKOUT / PACTS) if folder and read_interactions(folder) else {}


def _compare_usage(folder: Path) -> tuple[list[str], list[str]]:
    """Return the report on the fields, and the problems in it."""
    result = compare(read_demands(CHECKOUT / PACTS), read_usage(folder), read_exceptions())
    return describe_usage(result), result.problems


def _judge_coverage(folder: Path) -> tuple[list[str], list[str]]:
    """Return the report on the interactions, and the problems in it; write the figures for the gate."""
    coverage = read_coverage(folder, CHECKOUT / PACTS)
    write_coverage(folder, coverage)
    problems = find_problems(coverage)
    return [*describe(coverage, is_complete=True), *problems], problems


def _report_failure(config: pytest.Config, name: str, problems: list[str]) -> None:
    text = "\n".join(f"E   {problem}" for problem in problems)
    node_id, location = f"{FAILURES}::{name}", (FAILURES, None, name)
    failure = pytest.TestReport(node_id, location, {}, "failed", text, "call")
    # a JUnit report takes a test for complete after its teardown
    teardown = pytest.TestReport(node_id, location, {}, "passed", None, "teardown")
    for report in (failure, teardown):
        config.hook.pytest_runtest_logreport(report=report)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Note whether the workers ran all suites."""
    node.config.stash[_COMPLETE] = getattr(node, "workeroutput", {}).get("complete_suites", False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the reports."""
    for name, lines in terminalreporter.config.stash.get(_REPORTS, {}).items():
        terminalreporter.section(f"{name}: {_TITLES[name]}")
        for line in lines:
            terminalreporter.line(line)
