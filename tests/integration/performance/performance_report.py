"""`test_reports/performance.json`: what the suite measures, for people and for the runner's report."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

REPORT = Path("test_reports/performance.json")


def write_report(name: str, content: Any) -> None:
    """Replace one section of the report; the tests of several processes write to it."""
    REPORT.parent.mkdir(exist_ok=True)
    with REPORT.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            sections: dict[str, Any] = json.loads(REPORT.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            sections = {}
        sections[name] = content
        complete = REPORT.with_suffix(".new")
        complete.write_text(json.dumps(sections, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        # replaced as a whole, so that a reader never sees a part
        os.replace(complete, REPORT)  # noqa: PTH105 - atomic
