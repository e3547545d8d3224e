"""Writes the reports of a run and adds it to the history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite_runner.config import RunConfig
from suite_runner.gates import GateResult
from suite_runner.history import append_run, run_record
from suite_runner.reports import html_report, json_report, junit_report
from suite_runner.reports.fault_matrix import write_fault_matrix
from suite_runner.results import RunResult


@dataclass(frozen=True, slots=True)
class Reports:
    """What was written: the JSON document and the files."""

    document: Mapping[str, Any]
    files: Sequence[Path]


def write_reports(
    root: Path, folder: Path, run: RunResult, gates: Sequence[GateResult], config: RunConfig
) -> Reports:
    """Write the reports that the settings ask for.

    Args:
        root: the checkout.
        folder: where they are written.
        run: the result.
        gates: the gates' results.
        config: the settings.
    """
    document = json_report.create_document(run, gates, config)
    records = append_run(folder, run_record(run, document["overall_status"]))
    contents: dict[str, bytes] = {}
    if "json" in config.reporting.formats:
        contents[json_report.FILE] = (json.dumps(document, indent=2) + "\n").encode()
    if {"junit", "xml"} & set(config.reporting.formats):
        contents[junit_report.FILE] = junit_report.create_document(run)
    if "html" in config.reporting.formats:
        page = html_report.render(
            run,
            gates,
            records,
            fault_matrix=write_fault_matrix(root, folder),
            has_figures=config.reporting.include_metrics,
        )
        contents[html_report.FILE] = page.encode()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return Reports(document, [folder / name for name in contents])
