"""The table of a run: a row for each kind of mutation, a column for each vendor."""

from __future__ import annotations

from collections import Counter

from rich.table import Table

from contract_strength.results_file import Strength


def result_table(strength: Strength) -> Table:
    """Return the table. A cell has the caught mutants and all that should be, then the listed ones and survivors."""
    counts: Counter[tuple[str, str, str, str]] = Counter(
        (result.mutant.side, result.mutant.kind, result.mutant.vendor, strength.fate(number))
        for number, result in enumerate(strength.results)
    )
    vendors = sorted({vendor for _, _, vendor, _ in counts})
    rows = list(dict.fromkeys((result.mutant.side, result.mutant.kind) for result in strength.results))
    table = Table(
        "side", "kind", *vendors, title="caught of demanded; +listed; ✗survivors; ~rightly not caught"
    )
    for side, kind in rows:
        table.add_row(side, kind, *(_cell(counts, side, kind, vendor) for vendor in vendors))
    return table


def _cell(counts: Counter[tuple[str, str, str, str]], side: str, kind: str, vendor: str) -> str:
    caught, listed, survived, tolerated = (
        counts[side, kind, vendor, fate] for fate in ("caught", "listed", "survived", "tolerated")
    )
    demanded = caught + listed + survived
    if not demanded and not tolerated:
        return ""
    marks = [(listed, "+"), (survived, "✗"), (tolerated, "~")]
    return " ".join([f"{caught}/{demanded}", *(f"{mark}{count}" for count, mark in marks if count)])
