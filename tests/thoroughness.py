"""How much the tests try: a normal run keeps to the time of a commit, a thorough one (THOROUGH=1) tries every case.

Each behaviour has a test in both. A normal run leaves out further cases of it: those of tests marked `thorough`, and those
that `choose` and `sample` leave out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

THOROUGH = os.environ.get("THOROUGH", "") not in {"", "0"}


def choose(normal: T, thorough: T) -> T:
    """Return the value for this run, such as a number of examples or rounds."""
    return thorough if THOROUGH else normal


def sample(cases: Sequence[T], count: int) -> list[T]:
    """Return all cases in a thorough run; otherwise `count` of them, at equal distances, with the first.

    The selection is the same in every run.
    """
    if THOROUGH or count >= len(cases):
        return list(cases)
    return [cases[index * len(cases) // count] for index in range(count)]
