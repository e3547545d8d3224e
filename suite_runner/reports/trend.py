"""The geometry of the trend over the last runs, for an SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_RUNS_SHOWN = 60
MIN_RUNS = 2
WIDTH, HEIGHT = 600, 120


@dataclass(frozen=True, slots=True)
class RunBar:
    """One run: a bar whose height is its duration.

    Attributes:
        title: the run in words.
        x: the left edge.
        width: in units of the picture, whose width is `WIDTH`.
        height: in units of the picture, whose height is `HEIGHT`.
        status: `passed`, `failed` or `interrupted`.
    """

    title: str
    x: float
    width: float
    height: float
    status: str

    @property
    def y(self) -> float:
        """The upper edge."""
        return HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Trend:
    """The bars, oldest first, and the duration in seconds of the highest one."""

    bars: Sequence[RunBar]
    max_duration: float

    @property
    def passed(self) -> int:
        """The number of passed runs."""
        return sum(bar.status == "passed" for bar in self.bars)


def create_trend(records: Sequence[Mapping[str, Any]]) -> Trend | None:
    """Return the trend of the complete runs; None for fewer than two."""
    runs = [record for record in records if not record.get("partial")][-MAX_RUNS_SHOWN:]
    if len(runs) < MIN_RUNS:
        return None
    longest = max(float(run["duration"]) for run in runs) or 1.0
    step = WIDTH / len(runs)
    bars = [
        RunBar(
            _title(run),
            index * step,
            step * 0.8,
            max(3.0, HEIGHT * run["duration"] / longest),
            run["overall_status"],
        )
        for index, run in enumerate(runs)
    ]
    return Trend(bars, longest)


def _title(run: Mapping[str, Any]) -> str:
    tests = run["tests"]
    bad = tests.get("failed", 0) + tests.get("error", 0)
    commit = f", commit {run['commit'][:10]}" if run.get("commit") else ""
    time = run["start_time"][:16].replace("T", " ")
    return f"{time} UTC: {run['overall_status']}, {bad} of {sum(tests.values())} tests failed, {run['duration']:.0f} s{commit}"
