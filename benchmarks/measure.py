"""A measurement with that of its baseline, taken in the same run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table.

    Attributes:
        name: what was measured.
        value: the result.
        unit: the unit of value and baseline.
        baseline_name: what it is compared with.
        baseline: the baseline's result, None without a baseline.
        goal: the target, in words.
    """

    name: str
    value: float
    unit: str
    baseline_name: str = ""
    baseline: float | None = None
    goal: str = ""

    @property
    def ratio(self) -> float | None:
        """Value divided by baseline."""
        return self.value / self.baseline if self.baseline else None

    def as_dict(self) -> dict[str, object]:
        """Return the row with its ratio, for build/bench.json."""
        return {**asdict(self), "ratio": self.ratio}


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def run_interleaved(rounds: int, *actions: Callable[[], object]) -> list[float]:
    """Return the median seconds of each action; they take turns, so that a disturbance affects all of them."""
    durations: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for times, action in zip(durations, actions, strict=True):
            times.append(timed(action))
    return [statistics.median(times) for times in durations]


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * len(ordered)))]


class NotMeasuredError(Exception):
    """A measurement needs something that is not on this machine; the message names it."""


@contextmanager
def suppress_output() -> Iterator[None]:
    """Suppress standard output, also of a library that writes to the file descriptor itself."""
    sys.stdout.flush()
    stdout = os.dup(1)
    with Path(os.devnull).open("w") as null:
        os.dup2(null.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(stdout, 1)
            os.close(stdout)


@contextmanager
def running_process(*command: str) -> Iterator[str]:
    """Run a module as long as the block and yield the URL that it prints in its first line."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield line[line.index("http://") :].strip()
    finally:
        process.terminate()
        process.communicate()
