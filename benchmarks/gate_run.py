"""A whole gate run of a version whose suites have run and whose pacts are published."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Measure, timed

ROUNDS = 3


def measure() -> Iterator[Measure]:
    """Yield one row, measured in a clone of this commit."""
    with TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ".", str(clone)], check=True)

        def run() -> None:
            subprocess.run([sys.executable, "-m", "gate", "run"], cwd=clone, check=True, capture_output=True)

        # the first run publishes the pacts and stores the result of the suites
        run()
        seconds = statistics.median(timed(run) for _ in range(ROUNDS))
    yield Measure("make gate, warm", seconds, "s", goal="≤ 15 s on 2 cores")
