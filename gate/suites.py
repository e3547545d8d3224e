"""The suites: run once for a version, whether by `make gate` or by `make test`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from gate.errors import ContractNotMetError
from gate.junit import FailedTest, SuiteReport, read_report
from gate.version import ConsumerVersion, current_version
from local_stack.exit_with_parent import STOP_TIMEOUT_SECONDS, child_command

SUITES = Path("tests/integration")
RUNNER = "test_runner.py"
"""A script without tests in the folder of the suites."""
SUITE_RESULTS = Path("build/suites")
REPORT = SUITE_RESULTS / "report.xml"
LOG = SUITE_RESULTS / "pytest.log"
RECORD = SUITE_RESULTS / "contract-usage"
"""What service and suites record for the comparison with the pacts at the end of the session (docs/contract-usage.md)."""
COVERAGE = RECORD / "coverage.json"
TIMEOUT_SECONDS = 3600.0
"""Limit for all suites together: 20 times what they need on two quiet CPUs."""
MAX_FAILURES_SHOWN = 10
RERUN_HINT = "run 'make suites' for a report of each failure, and fix the code or the test"
PERCENT = re.compile(r"\[\s*(\d+)%\]\s*$")
FILTERS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "ORCHESTRATOR_")
"""Prefixes of variables that select tests or a deployment: a result with them is not that of this version."""


@dataclass(frozen=True, slots=True)
class VendorCoverage:
    """How many interactions the pacts of a vendor have, and which of them no suite exercised."""

    recorded: int
    missing: list[str]

    @property
    def exercised(self) -> int:
        """The number of interactions that a suite exercised."""
        return self.recorded - len(self.missing)


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """The suites' result for a version.

    Attributes:
        passed: the number of passed tests, by file.
        coverage: which interactions of the pacts the suites exercised, by vendor.
        cached: whether an earlier run found the result.
    """

    version: str
    passed: dict[str, int]
    coverage: dict[str, VendorCoverage] = field(default_factory=dict)
    cached: bool = False

    @property
    def total(self) -> int:
        """The number of passed tests."""
        return sum(self.passed.values())


def run_suites(version: ConsumerVersion, progress: Callable[[str], None]) -> SuiteResult:
    """Run every suite, unless this version's result is known.

    Args:
        version: the version asked about.
        progress: is called with the percentage of tests that have run.

    Raises:
        ContractNotMetError: if a test failed, or a suite ran no test.
    """
    if cached := cached_result(version):
        return cached
    _remove_results()
    output = _run_pytest(progress)
    try:
        report = read_report(REPORT, SUITES)
    except (OSError, ET.ParseError):
        raise ContractNotMetError(f"the suites did not run:\n{output[-2000:]}", RERUN_HINT) from None
    return _store(version, _require_passed(report))


def cached_result(version: ConsumerVersion) -> SuiteResult | None:
    """Return the result of an earlier run for the same version."""
    try:
        document = json.loads(_cache_path(version).read_text(encoding="utf-8"))
        coverage = _parse_coverage(document["coverage"])
        return SuiteResult(document["version"], document["passed"], coverage, cached=True)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def run_all_tests(version: ConsumerVersion) -> int:
    """Run all tests of the project without the suites if their result is known; return pytest's exit code."""
    command = child_command("pytest", "-n", "auto")
    if cached_result(version):
        return _wait_for([*command, f"--ignore={SUITES}"])
    _remove_results()
    code = _wait_for([*command, f"--junit-xml={REPORT}"])
    filtered = any(value for name, value in os.environ.items() if name.startswith(FILTERS))
    # the tree may have changed while the tests ran; the result would be that of neither version
    if not filtered and current_version(Path()) == version:
        try:
            _store(version, _require_passed(read_report(REPORT, SUITES)))
        except (OSError, ET.ParseError, ContractNotMetError):
            # pytest may have succeeded without running all suites
            return code or 1
    return code


def _remove_results() -> None:
    """Remove what an earlier run left: it must not be taken for that of this run."""
    SUITE_RESULTS.mkdir(parents=True, exist_ok=True)
    REPORT.unlink(missing_ok=True)
    shutil.rmtree(RECORD, ignore_errors=True)


def without_filters(environment: Mapping[str, str]) -> dict[str, str]:
    """Return variables without those that select tests or a deployment."""
    return {name: value for name, value in environment.items() if not name.startswith(FILTERS)}


def _recording(environment: Mapping[str, str]) -> dict[str, str]:
    """Return variables with the one that names the folder of the record."""
    return {**environment, "CONTRACT_USAGE_FOLDER": str(RECORD.absolute())}


def _wait_for(command: list[str]) -> int:
    """Run a command with this process's input and output; return its exit code."""
    process = subprocess.Popen(command, env=_recording(os.environ))  # noqa: S603 - fixed command
    try:
        return process.wait()
    except KeyboardInterrupt:
        # Ctrl-C reached the tests too: they stop the servers that they started
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT_SECONDS)
        raise


def _store(version: ConsumerVersion, passed: dict[str, int]) -> SuiteResult:
    result = SuiteResult(version.number, passed, _read_coverage())
    _cache_path(version).write_text(json.dumps(asdict(result)), encoding="utf-8")
    return result


def _read_coverage() -> dict[str, VendorCoverage]:
    """Return the coverage that the session wrote; empty if nothing was recorded, as by the suites of another project."""
    return _parse_coverage(json.loads(COVERAGE.read_text(encoding="utf-8"))) if COVERAGE.exists() else {}


def _parse_coverage(document: Mapping[str, Mapping[str, Any]]) -> dict[str, VendorCoverage]:
    return {name: VendorCoverage(**vendor) for name, vendor in document.items()}


def _cache_path(version: ConsumerVersion) -> Path:
    return SUITE_RESULTS / f"{version.number}.json"


def _run_pytest(progress: Callable[[str], None]) -> str:
    """Run the suites with their output in a log, and return the output."""
    # junit_logging: the report then contains the output in which vendor errors are looked for
    # loadscope: the tests of a class run in one process, so that a service of their own is started once
    command = child_command(
        *("pytest", str(SUITES), "-n", "auto", "--dist", "loadscope", "-q"),
        *(f"--junit-xml={REPORT}", "-o", "junit_logging=all"),
    )
    environment = without_filters(os.environ)
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603 - fixed command
            command,
            # the percentage ends a line of this width, whatever terminal the gate runs in
            env=_recording({**environment, "COLUMNS": "100"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        # reading the output blocks, so a time-out of wait() would never be reached
        timer = threading.Timer(TIMEOUT_SECONDS, process.kill)
        timer.start()
        try:
            for line in process.stdout or ():
                log.write(line)
                if percent := PERCENT.search(line):
                    progress(f"{percent[1]} %")
        finally:
            timer.cancel()
            # an interrupted gate would otherwise wait for the suites to end
            process.terminate()
    return LOG.read_text(encoding="utf-8")


def _require_passed(report: SuiteReport) -> dict[str, int]:
    """Return the passed tests of each suite.

    Raises:
        ContractNotMetError: if a test failed, or a suite ran no test.
    """
    if report.failed:
        count = len(report.failed)
        tests = "\n".join(map(_describe, report.failed[:MAX_FAILURES_SHOWN]))
        raise ContractNotMetError(
            f"{count} {'test' if count == 1 else 'tests'} of the suites failed:\n{tests}\n  Report: {REPORT}, {LOG}",
            RERUN_HINT,
        )
    suites = sorted(path.stem for path in SUITES.glob("test_*.py") if path.name != RUNNER)
    # a suite whose tests were all skipped proves nothing
    empty = [suite for suite in suites if not report.passed.get(suite)]
    if empty or not suites:
        raise ContractNotMetError(f"no test ran of {', '.join(empty) or SUITES}", RERUN_HINT)
    return {suite: report.passed[suite] for suite in suites}


def _describe(test: FailedTest) -> str:
    lines = [f"  {test.node_id}", *(f"      {line}" for line in test.assertion)]
    lines += [f"      vendor: {line}" for line in test.vendor_errors]
    return "\n".join([*lines, f"      Repeat: .venv/bin/python -m pytest '{test.node_id}'"])
