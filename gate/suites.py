"""The suites against the orchestrator: green for the version that is published, or there is nothing to publish."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from gate.errors import ContractNotMetError
from gate.version import ConsumerVersion

DEADLINE = 600.0
"""Seconds all suites together have."""
MAX_FAILURES_SHOWN = 10
"""Failed tests that are named."""
RERUN_HINT = "run 'make suites', and mend what is red"


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """The suites for a version: tests that passed, by file; `known` when they ran before for the same version."""

    version: str
    passed: dict[str, int]
    cached: bool = False

    @property
    def total(self) -> int:
        """All tests that passed."""
        return sum(self.passed.values())


def run_suites(folder: Path, cache_folder: Path, version: ConsumerVersion) -> SuiteResult:
    """Run every suite, unless this very version's are known to be green.

    Args:
        folder: of the suites.
        cache_folder: gets a file for each version.
        version: that is asked about.

    Raises:
        ContractNotMetError: a test failed, or a suite ran no test.
    """
    kept = cache_folder / f"{version.number}.json"
    if kept.exists():
        return SuiteResult(**json.loads(kept.read_text(encoding="utf-8")) | {"known": True})
    cache_folder.mkdir(parents=True, exist_ok=True)
    report = cache_folder / "report.xml"
    report.unlink(missing_ok=True)
    said = _pytest(folder, report)
    if not report.exists():
        raise ContractNotMetError(f"the suites did not run:\n{said[-2000:]}", RERUN_HINT)
    result = SuiteResult(version.number, _passed(report, folder))
    kept.write_text(json.dumps(asdict(result)), encoding="utf-8")
    return result


def _pytest(folder: Path, report: Path) -> str:
    command = [sys.executable, "-m", "pytest", str(folder), "-n", "auto", "-q", f"--junit-xml={report}"]
    ours = ("PYTEST_", "ORCHESTRATOR_")  # this version is asked about, not a deployment
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command, env=environment, capture_output=True, text=True, timeout=DEADLINE, check=False
        )
    except subprocess.TimeoutExpired:
        raise ContractNotMetError(f"the suites took longer than {DEADLINE:.0f} s", RERUN_HINT) from None
    return done.stdout + done.stderr


def _passed(report: Path, folder: Path) -> dict[str, int]:
    """How many tests of each suite passed.

    Raises:
        ContractNotMetError: one failed, or a suite ran none.
    """
    passed: Counter[str] = Counter()
    failed = []
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own file
        name = f"{case.get('classname', '')}.{case.get('name', '')}"
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif case.find("skipped") is None:
            passed.update(
                part for part in name.split(".") if part.startswith("test_") and _is_suite(folder, part)
            )
    if failed:
        shown = "\n".join(f"  {name}" for name in failed[:MAX_FAILURES_SHOWN])
        raise ContractNotMetError(f"{len(failed)} tests of the suites are red:\n{shown}", RERUN_HINT)
    suites = sorted(path.stem for path in folder.glob("test_*.py"))
    empty = [suite for suite in suites if not passed[suite]]
    if empty or not suites:
        raise ContractNotMetError(f"no test ran of {', '.join(empty) or str(folder)}", RERUN_HINT)
    return {suite: passed[suite] for suite in suites}


def _is_suite(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").exists()
