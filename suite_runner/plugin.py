"""A pytest plugin: selects the tests of a run and writes what happens to a file, one JSON object a line.

The runner loads it into each suite's pytest. It imports only pytest, because every worker process loads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

KNOWN_MARKERS = ("critical", "load", "performance", "slow")
PACT_COVERAGE_PLUGIN = "contract_usage.pytest_plugin"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that the runner sets."""
    group = parser.getgroup("suite runner")
    group.addoption("--runner-events", help="the file that events are appended to")
    group.addoption("--runner-shard", help="I/N: run the I-th of N parts of the tests")
    group.addoption("--runner-tests", help="a file with the node ids of the tests to run, one a line")
    group.addoption("--runner-test-timeout", type=float, help="limit of each test in seconds")


def pytest_configure(config: pytest.Config) -> None:
    """Write events in the process that collects the results of all workers."""
    file = config.getoption("--runner-events")
    if file and not hasattr(config, "workerinput"):
        config.pluginmanager.register(EventWriter(Path(file), config))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the run, and set their time limit."""
    selected: Callable[[str], bool] | None = None
    if file := config.getoption("--runner-tests"):
        selected = frozenset(Path(file).read_text(encoding="utf-8").splitlines()).__contains__
    if shard := config.getoption("--runner-shard"):
        index, count = map(int, shard.split("/"))
        tests = shard_tests([item.nodeid for item in items], index, count)
        selected = tests.__contains__
    if selected:
        deselected = [item for item in items if not selected(item.nodeid)]
        items[:] = [item for item in items if selected(item.nodeid)]
        config.hook.pytest_deselected(items=deselected)
    if limit := config.getoption("--runner-test-timeout"):
        for item in items:
            # before a limit that the test has already: the first one counts
            item.add_marker(pytest.mark.timeout(limit), append=False)


def shard_tests(node_ids: Iterable[str], index: int, count: int) -> frozenset[str]:
    """Return the tests of one of `count` parts of about the same size; the tests of a class stay together.

    Args:
        node_ids: all tests.
        index: the part, from 1.
        count: the number of parts.
    """
    scopes: dict[str, list[str]] = {}
    for node_id in sorted(node_ids):
        scopes.setdefault(node_id.partition("[")[0].rpartition("::")[0], []).append(node_id)
    shards: list[list[str]] = [[] for _ in range(count)]
    for scope in sorted(scopes, key=lambda scope: (-len(scopes[scope]), scope)):
        min(shards, key=len).extend(scopes[scope])
    return frozenset(shards[index - 1])


class EventWriter:
    """Writes events of a pytest session.

    Args:
        file: the file that they are appended to.
        config: that of the session.
    """

    def __init__(self, file: Path, config: pytest.Config) -> None:
        self._stream = file.open("a", encoding="utf-8", errors="backslashreplace")
        self._config = config

    def _write(self, event: str, **fields: Any) -> None:
        self._stream.write(json.dumps({"event": event, **fields}, default=str) + "\n")
        self._stream.flush()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Report the tests; with workers, the controller collects none."""
        if session.items:
            self._write("collected", tests=[item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Report the tests that a worker collected."""
        self._write("collected", tests=ids)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Report a file that cannot be collected."""
        if report.failed:
            self._write("collection_error", path=report.nodeid, text=report.longreprtext)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Report the start of a test."""
        self._write("start", test=nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Report the end of a test."""
        self._write("finish", test=nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Report the result of set-up, test or clean-up."""
        fields: dict[str, Any] = {}
        if report.failed:
            fields = {"text": report.longreprtext, "message": _message(report), "sections": _sections(report)}
        elif report.skipped:
            fields = {"message": _skip_reason(report)}
        self._write(
            "phase",
            test=report.nodeid,
            when=report.when,
            outcome=report.outcome,
            duration=getattr(report, "duration", 0.0),
            markers=[name for name in KNOWN_MARKERS if name in report.keywords],
            figures={str(name): str(value) for name, value in report.user_properties},
            **fields,
        )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        """Report a worker that ended before its tests."""
        if error:
            self._write("worker_lost", worker=node.gateway.id, error=str(error))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Report which interactions the tests exercised, if they measured that."""
        plugin = self._config.pluginmanager.get_plugin(PACT_COVERAGE_PLUGIN)
        if plugin:
            vendors = {
                name: {
                    "recorded": list(vendor.recorded),
                    "exercised": sorted(vendor.exercised),
                    "listed": sorted(vendor.listed),
                }
                for name, vendor in plugin.session_coverage().items()
            }
            self._write("pact_coverage", vendors=vendors)


def _message(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return crash.message if crash else str(report.longrepr)


def _sections(report: pytest.TestReport) -> list[tuple[str, str]]:
    added = [(name, content) for name, content, _ in getattr(report.longrepr, "sections", ())]
    return [*added, *report.sections]


def _skip_reason(report: pytest.TestReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else getattr(report, "wasxfail", "")
    return reason.removeprefix("Skipped: ")
