"""The heat map of the fault matrix, as a page beside the report."""

from __future__ import annotations

from pathlib import Path

from fault_injection import results
from fault_injection.report import render

FILE = "fault_matrix.html"


def write_fault_matrix(root: Path, folder: Path) -> str | None:
    """Render what the fault matrix found last; return the page's name, or None if it has no results.

    Args:
        root: the checkout.
        folder: the folder of the reports.
    """
    source = root / results.FOLDER
    cells = [cell for matrix in ("client", "flow") for cell in results.load_cells(matrix, source)]
    if not cells:
        return None
    (folder / FILE).write_text(render(cells), encoding="utf-8")
    return FILE
