"""Time to compare all schemas with the vendors' specs."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measure import Measure, NotMeasuredError, timed
from provider_verification.conformance.errors import SpecError
from provider_verification.conformance.specs import spec_folder

ROUNDS = 3


def measure() -> Iterator[Measure]:
    """Yield one row.

    Raises:
        NotMeasuredError: if the specs are not on this machine.
    """
    try:
        spec_folder()
    except SpecError as error:
        raise NotMeasuredError(str(error)) from None
    command = [sys.executable, "-m", "provider_verification.conformance", "check"]

    def run() -> None:
        subprocess.run(command, check=True, capture_output=True)

    yield Measure("make conformance", statistics.median(timed(run) for _ in range(ROUNDS)), "s")
