"""The history keeps runs, finds changes of the level, and is a page without external resources."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from performance import history
from performance.history import append_run, find_change_points, write_page
from tests.performance.made import made_measurement

NOISE = 0.01


def series(*levels: float, runs: int = 10) -> list[float]:
    """Return runs of each level with noise."""
    generator = np.random.default_rng(3)
    return [level + generator.normal(0.0, NOISE) for level in levels for _ in range(runs)]


def commits(count: int) -> list[str]:
    """Return names of commits."""
    return [f"c{number}" for number in range(count)]


def test_change_of_the_level_is_found_with_its_commits_and_size() -> None:
    """The commit range is the one in which the level rose."""
    [point] = find_change_points(series(0.0, 0.1), commits(20))

    assert (point.before, point.after) == ("c9", "c10")
    assert point.change == pytest.approx(np.expm1(0.1), abs=0.02)


def test_noise_has_no_change_point() -> None:
    """Also with a single disturbed run, and with too few runs."""
    values = series(0.0, runs=30)
    values[12] += 0.2

    assert find_change_points(values, commits(30)) == []
    assert find_change_points([0.0, 1.0, 1.0], commits(3)) == []
    assert find_change_points([0.0] * 20, commits(20)) == []


def test_runs_of_this_machine_are_kept_up_to_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest are dropped, and those of another machine are not compared."""
    monkeypatch.setattr(history, "LIMIT", 3)
    path = tmp_path / "reports/history.jsonl"
    append_run(made_measurement(), "other", path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"machine": "another"}) + "\n")

    runs = [append_run(made_measurement(), f"c{number}", path) for number in range(4)]

    assert [run["commit"] for run in runs[1]] == ["c0", "c1"]
    assert [run["commit"] for run in runs[3]] == ["c1", "c2", "c3"]
    assert len(path.read_text().splitlines()) == 3


def test_page_shows_change_points_and_needs_nothing_else(tmp_path: Path) -> None:
    """No script and no address, and a name is escaped."""
    path, page = tmp_path / "history.jsonl", tmp_path / "history.html"
    for number in range(12):
        slowdown = 0.2 if number >= 6 else 0.0
        runs = append_run(made_measurement(number, slowdown), f"{number:040x}", path)
    runs[-1]["values"]["cpu"]["<b>"] = 1.0

    [change] = write_page(runs, page)

    text = page.read_text()
    assert re.match(r"GET /healthz, cpu: \+\d\d\.\d% in 0{12}\.\.0{12}", change)
    assert change in text
    assert "&lt;b&gt;" in text
    assert not re.search(r"https?://|<script|<link|<b>", text)
