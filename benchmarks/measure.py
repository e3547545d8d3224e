"""A measurement beside its peer's, taken in the same run, and the table they are shown in."""

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
    """One line of the table.

    Attributes:
        name: what was measured.
        ours: the value.
        unit: of both values.
        peer: what it is compared with.
        theirs: the peer's value, or None when there is none.
        goal: what the plan asks for, in words.
    """

    name: str
    ours: float
    unit: str
    baseline_name: str = ""
    baseline: float | None = None
    goal: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours to theirs."""
        return self.ours / self.baseline if self.baseline else None

    def as_dict(self) -> dict[str, object]:
        """For the report."""
        return {**asdict(self), "ratio": self.ratio}


def timed(action: Callable[[], object]) -> float:
    """Seconds an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def run_interleaved(rounds: int, *actions: Callable[[], object]) -> list[float]:
    """The median seconds of each action, run in turn so that a disturbance hits all alike."""
    taken: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for times, action in zip(taken, actions, strict=True):
            times.append(timed(action))
    return [statistics.median(times) for times in taken]


def percentile(values: Sequence[float], percent: int) -> float:
    """A percentile, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * len(ordered)))]


class NotMeasuredError(Exception):
    """What a measurement needs is not on this machine; the message says what."""


@contextmanager
def suppress_output() -> Iterator[None]:
    """Nothing is printed, not even by a library that writes to the file descriptor itself."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


@contextmanager
def running_process(*command: str) -> Iterator[str]:
    """The address a program of ours prints in its first line, for as long as the block runs."""
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield line[line.index("http://") :].strip()
    finally:
        process.terminate()
        process.communicate()
