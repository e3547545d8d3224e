"""A pytest plugin: services that tests start record what they read; if all suites ran, it is compared with the pacts.

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
from contract_usage.demands import PACTS, read_demands
from contract_usage.exceptions import InvalidExceptionsError, read_exceptions
from contract_usage.report import describe
from contract_usage.usage_log import FOLDER_VARIABLE, read_usage

CHECKOUT = Path(__file__).parents[1]
SUITES = CHECKOUT / "tests/integration"
RUNNER = "test_runner.py"
"""A script without tests in the folder of the suites."""
MODULE_VARIABLE = "SERVICE_MODULE"
"""Names the module that `local_stack` runs as the service."""
# the gate and JUnit readers assign a failure to a file that exists
NODE_ID = "tests/integration/conftest.py::contract usage"
OMITTED_MARKS = ("load", "recordings")
"""The marks that pytest's configuration leaves out of every run."""
_TEMPORARY: pytest.StashKey[Path] = pytest.StashKey()
_COMPLETE: pytest.StashKey[bool] = pytest.StashKey()
_REPORT: pytest.StashKey[list[str]] = pytest.StashKey()


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
    wanted = {item.nodeid for item in collected if not any(map(item.get_closest_marker, OMITTED_MARKS))}
    chosen = [item for item in selected if item.path.parent == SUITES]
    suites = {path for path in SUITES.glob("test_*.py") if path.name != RUNNER}
    in_suites = {node_id for node_id in wanted if node_id.startswith("tests/integration/")}
    return suites <= {item.path for item in chosen} and in_suites <= {item.nodeid for item in chosen}


@pytest.hookimpl(tryfirst=True)  # before the JUnit report is written
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Compare, if all suites ran and passed; a difference is a failed test."""
    config = session.config
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is not None:
        output["complete_suites"] = config.stash.get(_COMPLETE, False)
        return
    if not config.stash.get(_COMPLETE, False) or session.testsfailed or FOLDER_VARIABLE not in os.environ:
        return
    try:
        result = compare(
            read_demands(CHECKOUT / PACTS), read_usage(Path(os.environ[FOLDER_VARIABLE])), read_exceptions()
        )
        lines, problems = describe(result), result.problems
    except InvalidExceptionsError as error:
        lines = problems = [str(error)]
    config.stash[_REPORT] = lines
    if problems:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        _report_failure(config, problems)


def _report_failure(config: pytest.Config, problems: list[str]) -> None:
    text = "\n".join(f"E   {problem}" for problem in problems)
    location = (NODE_ID.partition("::")[0], None, NODE_ID.partition("::")[2])
    failure = pytest.TestReport(NODE_ID, location, {}, "failed", text, "call")
    # a JUnit report takes a test for complete after its teardown
    teardown = pytest.TestReport(NODE_ID, location, {}, "passed", None, "teardown")
    for report in (failure, teardown):
        config.hook.pytest_runtest_logreport(report=report)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Note whether the workers ran all suites."""
    node.config.stash[_COMPLETE] = getattr(node, "workeroutput", {}).get("complete_suites", False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the comparison."""
    if lines := terminalreporter.config.stash.get(_REPORT, None):
        terminalreporter.section("contract usage: fields that the pacts demand, and that the service read")
        for line in lines:
            terminalreporter.line(line)
