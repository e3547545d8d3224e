"""The results of the fault matrix: one JSON file for each interaction or step, from which the heat map is rendered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

FOLDER = Path("build/fault-matrix")
MATRICES = ("client", "flow")
LEFT_OUT = "left_out"
"""In place of the reaction of a case that a normal run leaves out."""
Cell = dict[str, Any]
"""One case: matrix, section, row and fault; request, reaction, problems; further facts by title, and log lines."""


class Reaction(StrEnum):
    """What the orchestrator did under a fault."""

    UNAFFECTED = "unaffected"
    RECOVERED = "recovered"
    DEGRADED = "degraded"
    FAILED = "failed"
    FAILED_AFTER_RETRIES = "failed_after_retries"
    DEADLINE = "deadline"
    FINDING = "finding"


def is_run(cell: Cell) -> bool:
    """Return whether the case was run, not left out."""
    return bool(cell["reaction"] != LEFT_OUT)


def save_cells(matrix: str, name: str, cells: Iterable[Cell], folder: Path = FOLDER) -> None:
    """Write the cells of one interaction or step.

    Args:
        matrix: one of `MATRICES`.
        name: identifies the interaction or step.
        cells: its cases.
        folder: the folder of the results.
    """
    path = folder / matrix / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # a test that is killed must not leave half a file
    incomplete = path.with_suffix(".incomplete")
    incomplete.write_text(json.dumps(list(cells), indent=1), encoding="utf-8")
    incomplete.replace(path)


def load_cells(matrix: str, folder: Path = FOLDER) -> Iterator[Cell]:
    """Return the cells of all interactions or steps, in the order of their names."""
    for path in sorted((folder / matrix).glob("*.json")):
        yield from json.loads(path.read_text(encoding="utf-8"))
