"""The history of runs: one JSON object a line, bounded, and what it says about single tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite_runner.results import Outcome, RunResult

FILE = "history.jsonl"
MAX_RUNS = 200


@dataclass(frozen=True, slots=True)
class FlakyTest:
    """A test that both passed and failed in the last runs.

    Attributes:
        failures: in how many of the runs it failed.
        runs: the number of runs that ran its suite completely.
    """

    node_id: str
    failures: int
    runs: int


def load_history(folder: Path) -> list[dict[str, Any]]:
    """Return the earlier runs, oldest first; lines that are no record are left out."""
    try:
        lines = (folder / FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    records = []
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and {"start_time", "overall_status", "tests", "suites"} <= record.keys():
            records.append(record)
    return records


def append_run(folder: Path, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Add a run and keep the last `MAX_RUNS`; return them."""
    records = [*load_history(folder), dict(record)][-MAX_RUNS:]
    draft = folder / f"{FILE}.draft"
    draft.write_text("".join(json.dumps(item) + "\n" for item in records), encoding="utf-8")
    # atomic, so that a run that is killed does not leave half a history
    draft.replace(folder / FILE)
    return records


def run_record(run: RunResult, overall_status: str) -> dict[str, Any]:
    """Return what the history keeps of a run."""
    return {
        "start_time": run.start_time.isoformat(),
        "duration": round(run.duration, 1),
        "commit": run.commit,
        "overall_status": overall_status,
        "partial": run.partial or run.interrupted,
        "selection": run.selection or run.interrupted,
        "tests": {outcome.value: run.counts[outcome] for outcome in Outcome},
        "suites": {
            suite.name: {
                "status": suite.status.value,
                "duration": round(suite.duration, 1),
                "failed": [case.node_id for case in suite.cases if case.is_bad],
                "complete": not suite.problems and bool(suite.cases),
            }
            for suite in run.suites
        },
    }


def flaky_tests(records: Sequence[Mapping[str, Any]]) -> list[FlakyTest]:
    """Return the tests that failed in some, not all, of the runs of their suite, the most frequent first."""
    failures: dict[tuple[str, str], int] = {}
    runs: dict[str, int] = {}
    for record in records:
        # a selection of tests does not tell whether another test would have passed
        if record.get("selection"):
            continue
        for name, suite in record["suites"].items():
            runs[name] = runs.get(name, 0) + bool(suite["complete"])
            for node_id in suite["failed"] if suite["complete"] else ():
                failures[name, node_id] = failures.get((name, node_id), 0) + 1
    flaky = [
        FlakyTest(node_id, count, runs[name])
        for (name, node_id), count in failures.items()
        if count < runs[name]
    ]
    return sorted(flaky, key=lambda test: (-test.failures / test.runs, test.node_id))


def failed_tests(record: Mapping[str, Any]) -> dict[str, list[str] | None]:
    """Return what to run again of a run, by suite: node ids, or None for a suite that did not run to its end."""
    return {
        name: suite["failed"] if suite["complete"] else None
        for name, suite in record["suites"].items()
        if suite["failed"] or suite["status"] in ("error", "not_run")
    }
