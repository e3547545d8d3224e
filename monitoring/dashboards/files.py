"""The files of the dashboards."""

from __future__ import annotations

import json
from pathlib import Path

from monitoring.dashboards.model import render_dashboard
from monitoring.dashboards.service import SERVICE
from monitoring.dashboards.test_runs import TEST_RUNS

FOLDER = Path(__file__).parents[1] / "grafana"


def render_files() -> dict[Path, str]:
    """Return the text of each dashboard by its file."""
    return {
        FOLDER / f"{dashboard.uid}.json": json.dumps(render_dashboard(dashboard), indent=2) + "\n"
        for dashboard in (SERVICE, TEST_RUNS)
    }


def write_dashboards() -> list[Path]:
    """Write all dashboards and return their files."""
    files = render_files()
    for path, text in files.items():
        path.write_text(text)
    return list(files)
