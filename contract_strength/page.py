"""The page of a run: a table of interactions and kinds of mutation for each vendor, in one HTML file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from contract_strength.mutant import Side
from contract_strength.results_file import FATES, Fate, Strength
from heat_map.templates import load_template, script_json

TEMPLATE = load_template(Path(__file__).with_name("page.html"))
SYMBOLS: dict[Fate, str] = {"caught": "", "tolerated": "~", "listed": "+", "survived": "✗"}
"""Precedes the number of mutants in a cell, so that the fates differ by more than their colours."""
WORST_FIRST: tuple[Fate, ...] = ("survived", "listed", "caught", "tolerated")
ROW_NAMES: dict[Side, str] = {
    "response": "Interaction", "request": "Interaction", "client": "Function", "decision": "Function",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """The mutants of one kind of one interaction: their numbers in the results, and the worst fate."""

    number: int
    mutants: Sequence[int]
    fate: Fate

    @property
    def text(self) -> str:
        """The symbol of the fate and the number of mutants."""
        return f"{SYMBOLS[self.fate]}{len(self.mutants)}"


@dataclass(frozen=True, slots=True)
class Section:
    """One table: the interactions of a vendor (or functions of code), and the kinds that any of them has."""

    title: str
    anchor: str
    row_name: str
    kinds: Sequence[str]
    rows: Mapping[str, Mapping[str, Cell]]
    counts: Mapping[Fate, int]


def render(strength: Strength) -> str:
    """Return the page."""
    cells: list[Cell] = []
    numbers = range(len(strength.results))
    sections = [
        _section(strength, list(group), cells)
        for _, group in groupby(numbers, lambda number: _section_key(strength, number))
    ]
    return TEMPLATE.render(
        strength=strength,
        sections=sections,
        fates=FATES,
        kinds_of_cells=FATES,
        finding="survived",
        symbols=SYMBOLS,
        counts=Counter(map(strength.fate, numbers)),
        findings=[
            (cell, strength.results[cell.mutants[0]].mutant) for cell in cells if cell.fate == "survived"
        ],
        data=script_json([_case(strength, cell) for cell in cells]),
        labels=script_json(FATES),
    )


def write_page(strength: Strength, folder: Path) -> Path:
    """Write the page, and return its path."""
    path = folder / "index.html"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(render(strength), encoding="utf-8")
    return path


def _section_key(strength: Strength, number: int) -> tuple[str, str]:
    mutant = strength.results[number].mutant
    return mutant.side, mutant.vendor


def _section(strength: Strength, numbers: Sequence[int], cells: list[Cell]) -> Section:
    """Return the table of some results; its cells are appended to those of all tables."""
    first = strength.results[numbers[0]].mutant
    grouped: dict[tuple[str, str], list[int]] = {}
    for number in numbers:
        mutant = strength.results[number].mutant
        grouped.setdefault((mutant.interaction, mutant.kind), []).append(number)
    rows: dict[str, dict[str, Cell]] = {}
    for (interaction, kind), mutants in grouped.items():
        cell = Cell(len(cells), mutants, _worst(map(strength.fate, mutants)))
        cells.append(cell)
        rows.setdefault(interaction, {})[kind] = cell
    return Section(
        title=f"{first.side}: {first.vendor}",
        anchor=f"{first.side}-{first.vendor}",
        row_name=ROW_NAMES[first.side],
        kinds=sorted({kind for _, kind in grouped}),
        rows=rows,
        counts=Counter(map(strength.fate, numbers)),
    )


def _worst(fates: Iterable[Fate]) -> Fate:
    return min(fates, key=WORST_FIRST.index)


def _case(strength: Strength, cell: Cell) -> dict[str, Any]:
    first = strength.results[cell.mutants[0]].mutant
    return {
        "title": f"{first.interaction}: {first.kind}",
        "mutants": [_shown_mutant(strength, number) for number in cell.mutants],
    }


def _shown_mutant(strength: Strength, number: int) -> list[str]:
    """Return path, before, after, fate, and what caught it or why it may survive."""
    result = strength.results[number]
    mutant = result.mutant
    why = strength.review.listed.get(number) or result.caught_by or ""
    return [mutant.path, mutant.before, mutant.after, strength.fate(number), why]
