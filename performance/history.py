"""The history of this machine's runs: change points, and a page that plots them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import ruptures

from performance.baseline import baseline_path, machine_fingerprint
from performance.measure import QUANTITIES, Measurement

PATH = Path("test_reports/performance_history.jsonl")
PAGE = Path("test_reports/performance_history.html")
LIMIT = 500
"""Runs that are kept."""
SHORTEST_SEGMENT = 3
"""Runs before and after a change; a shorter segment is an outlier."""
PENALTY = 4.0
"""Of one change point, in standard deviations of the noise times the logarithm of the number of runs."""
WIDTH, HEIGHT = 640, 120
STYLE = """body { font: 16px system-ui, sans-serif; margin: 1rem auto; max-width: 44rem; padding: 0 1rem; color-scheme: light dark }
svg { width: 100%; height: auto; border: 1px solid #8888 } polyline { fill: none; stroke: currentColor; stroke-width: 2 }
line { stroke: #d33; stroke-width: 2 } li, figcaption { overflow-wrap: anywhere } figure { margin: 1rem 0 }"""


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A run since which an endpoint takes another time.

    Attributes:
        index: of the first run of the new level.
        before: the commit of the run before it.
        after: its commit.
        change: the relative change: 0.05 is 5 % slower.
    """

    index: int
    before: str
    after: str
    change: float


def append_run(measurement: Measurement, commit: str, path: Path = PATH) -> list[dict[str, Any]]:
    """Add a run to the history, and return the runs of this machine, the oldest first."""
    machine = baseline_path(machine_fingerprint()).stem
    run = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "machine": machine,
        "values": {
            quantity: {name: float(np.mean(values)) for name, values in endpoints.items()}
            for quantity, endpoints in measurement.against_yardstick.items()
        },
    }
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    runs: list[dict[str, Any]] = [*map(json.loads, lines), run][-LIMIT:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item) + "\n" for item in runs), encoding="utf-8")
    return [item for item in runs if item["machine"] == machine]


def find_change_points(values: Sequence[float], commits: Sequence[str]) -> list[ChangePoint]:
    """Search a series of logarithms for changes of its level (PELT).

    Args:
        values: one per run.
        commits: of the same runs.
    """
    if len(values) < 2 * SHORTEST_SEGMENT:
        return []
    series = np.asarray(values, dtype=float)
    # from the differences of neighbours, which a change of the level hardly moves
    noise = float(np.median(np.abs(np.diff(series)))) / (0.6745 * 2**0.5)
    scaled = series / (noise or 1e-6)
    # absolute deviations, because a single disturbed run must not look like a level
    search = ruptures.Pelt(model="l1", min_size=SHORTEST_SEGMENT, jump=1).fit(scaled)
    ends = search.predict(pen=PENALTY * np.log(len(series)))
    bounds = [0, *ends]
    levels = [float(np.median(series[start:end])) for start, end in pairwise(bounds)]
    return [
        ChangePoint(end, commits[end - 1], commits[end], float(np.expm1(later - earlier)))
        for end, earlier, later in zip(ends[:-1], levels, levels[1:], strict=False)
    ]


def write_page(runs: Sequence[dict[str, Any]], path: Path = PAGE) -> list[str]:
    """Plot all endpoints as a page without external resources, and return the change points in words."""
    commits = [str(run["commit"])[:12] for run in runs]
    figures: list[str] = []
    changes: list[str] = []
    for quantity in QUANTITIES:
        for name in runs[-1]["values"][quantity]:
            series = [(run["values"][quantity][name], commit) for run, commit in zip(runs, commits, strict=True) if name in run["values"][quantity]]  # fmt: skip
            values = [value for value, _ in series]
            points = find_change_points(values, [commit for _, commit in series])
            title = f"{name}, {quantity}"
            changes += [f"{title}: {point.change:+.1%} in {point.before}..{point.after}" for point in points]
            figures.append(_figure(title, values, points))
    items = "".join(f"<li>{escape(change)}</li>" for change in changes) or "<li>none</li>"
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Performance history</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<h1>Performance history</h1><p>{len(runs)} runs on this machine, relative to the yardstick; lower is faster.</p>"
        f"<h2>Change points</h2><ul>{items}</ul><h2>Endpoints</h2>{''.join(figures)}</html>\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return changes


def _figure(title: str, values: Sequence[float], points: Sequence[ChangePoint]) -> str:
    ratios = np.exp(np.asarray(values))
    low, high = float(ratios.min()), float(ratios.max())
    step = WIDTH / max(1, len(ratios) - 1)
    # a flat series is drawn in the middle
    scale = (HEIGHT - 20) / (high - low) if high > low else 0.0
    coordinates = " ".join(
        f"{index * step:.1f},{HEIGHT - 10 - (ratio - low) * scale:.1f}" for index, ratio in enumerate(ratios)
    )
    lines = "".join(
        f'<line x1="{(point.index - 0.5) * step:.1f}" x2="{(point.index - 0.5) * step:.1f}" y1="0" y2="{HEIGHT}"/>'
        for point in points
    )
    return (
        f"<figure><figcaption>{escape(title)}: {ratios[-1]:.2f} yardsticks, range {low:.2f} to {high:.2f}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f'<polyline points="{coordinates}"/>{lines}</svg></figure>'
    )
