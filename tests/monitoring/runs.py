"""Test runs as the runner writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from monitoring.results import TestRun, read_run

Cases = dict[str, str]
"""The status of each case, by `class::name[parameters]`."""
CHILDREN = {
    "passed": "",
    "failed": '<failure message="guest@hotel.example called"/>',
    "error": '<error message="clean-up"/>',
    "skipped": "<skipped/>",
}


def write_run(folder: Path, suites: dict[str, Cases], **fields: Any) -> Path:
    """Write the results of suites; a suite's status follows from its cases. Return the results file.

    Args:
        folder: for the JSON and the JUnit file.
        suites: the cases of each suite.
        fields: fields of the JSON that differ from those that follow from the cases; `statuses` gives suites a status.
    """
    statuses = fields.pop("statuses", {})
    results = [suite_result(name, cases, statuses.get(name)) for name, cases in suites.items()]
    failed = any(result["status"] != "passed" for result in results)
    document = {
        "overall_status": "failed" if failed else "passed",
        "start_time": "2027-03-01T02:00:00+00:00",
        "end_time": "2027-03-01T02:05:00+00:00",
        "total_duration": 300.0,
        "statistics": {"total_suites": len(results), "pass_rate": 0.75},
        "suite_results": results,
        "thresholds": {"min_pass_rate": 0.95},
        **fields,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "integration_test_results.xml").write_text(render_junit(suites))
    path = folder / "integration_test_results.json"
    path.write_text(json.dumps(document))
    return path


def create_run(folder: Path, suites: dict[str, Cases], **fields: Any) -> TestRun:
    """Write the results of suites and read them."""
    return read_run(write_run(folder, suites, **fields))


def suite_result(name: str, cases: Cases, status: str | None) -> dict[str, Any]:
    """Return a suite's entry in the results."""
    failed = any(case in {"failed", "error"} for case in cases.values())
    return {
        "suite_name": name,
        "status": status or ("failed" if failed else "passed"),
        "exit_code": int(failed),
        "start_time": "2027-03-01T02:00:00+00:00",
        "end_time": "2027-03-01T02:01:00+00:00",
        "duration": 60.5,
        "timeout": 300,
        "required": True,
    }


def render_junit(suites: dict[str, Cases]) -> str:
    """Return the JUnit document of suites."""
    text = '<testsuites name="integration_tests">'
    for suite, cases in suites.items():
        text += f"<testsuite name={quoteattr(suite)}>"
        for case, status in cases.items():
            class_name, _, name = case.rpartition("::")
            text += f"<testcase classname={quoteattr(class_name)} name={quoteattr(name)}>"
            text += f"{CHILDREN[status]}</testcase>"
        text += "</testsuite>"
    return text + "</testsuites>"
