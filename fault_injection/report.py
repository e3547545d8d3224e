"""`python -m fault_injection.report`: render the results of the fault matrix as a heat map in one HTML file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from fault_injection.catalogue import FAULTS, Fault
from fault_injection.results import FOLDER, MATRICES, Cell, Reaction, is_run, load_cells
from heat_map.templates import load_template, script_json

PAGE = FOLDER / "index.html"
TEMPLATE = load_template(Path(__file__).with_name("report.html"))


@dataclass(frozen=True, slots=True)
class ReactionText:
    """How a reaction is shown: a symbol that differs by more than its colour, and an explanation."""

    symbol: str
    label: str


REACTIONS: Mapping[Reaction, ReactionText] = {
    Reaction.UNAFFECTED: ReactionText("=", "the undisturbed result"),
    Reaction.RECOVERED: ReactionText("↻", "the undisturbed result after further attempts"),
    Reaction.DEGRADED: ReactionText("◐", "a degraded reply to the caller"),
    Reaction.FAILED: ReactionText("E", "the right error after one attempt"),
    Reaction.FAILED_AFTER_RETRIES: ReactionText("R", "the right error after further attempts"),
    Reaction.DEADLINE: ReactionText("T", "a timeout within the deadline"),
    Reaction.FINDING: ReactionText("✗", "a finding: something is wrong"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One interaction or step, with its cells by fault, and the faults that a normal run leaves out."""

    title: str
    request: str
    cells: Mapping[str, tuple[int, Cell]]
    left_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the page: the rows of a vendor or of a call flow, and the faults that any of them has."""

    title: str
    anchor: str
    faults: Sequence[Fault]
    rows: Sequence[Row]
    counts: Mapping[Reaction, int]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The groups of the faults with the number of their columns."""
        return [
            (group, len(list(faults))) for group, faults in groupby(self.faults, lambda fault: fault.group)
        ]

    @property
    def case_count(self) -> int:
        """The number of cells."""
        return sum(self.counts.values())


def render(cells: Iterable[Cell]) -> str:
    """Return the page."""
    run, left_out = _split(cells)
    numbered = list(enumerate(run))
    not_run = missing_matrices(run)
    sections = [
        _section(title, list(items), [cell for cell in left_out if _title_of(cell) == title])
        for title, items in groupby(sorted(numbered, key=_section_title), key=_section_title)
    ]
    return TEMPLATE.render(
        sections=sections,
        reactions=REACTIONS,
        kinds_of_cells=REACTIONS,
        finding=Reaction.FINDING,
        not_run=not_run,
        left_out=len(left_out),
        counts=Counter(Reaction(cell["reaction"]) for _, cell in numbered),
        faults=FAULTS,
        findings=[(number, cell) for number, cell in numbered if cell["problems"]],
        data=script_json(run),
        descriptions=script_json({fault.name: fault.description for fault in FAULTS}),
        labels=script_json({reaction: text.label for reaction, text in REACTIONS.items()}),
    )


def missing_matrices(cells: Iterable[Cell]) -> list[str]:
    """Return the matrices of which no case has run."""
    present = {cell["matrix"] for cell in cells}
    return [matrix for matrix in MATRICES if matrix not in present]


def _split(cells: Iterable[Cell]) -> tuple[list[Cell], list[Cell]]:
    """Return the cells of the cases that were run, and of those that were left out."""
    everything = list(cells)
    return [cell for cell in everything if is_run(cell)], [cell for cell in everything if not is_run(cell)]


def _section_title(item: tuple[int, Cell]) -> str:
    return _title_of(item[1])


def _title_of(cell: Cell) -> str:
    return f"{cell['matrix']}: {cell['section']}"


def _section(title: str, items: list[tuple[int, Cell]], left_out: list[Cell]) -> Section:
    names = {cell["fault"] for cell in (*(cell for _, cell in items), *left_out)}
    rows: dict[str, dict[str, tuple[int, Cell]]] = {}
    omitted: dict[str, set[str]] = {}
    for number, cell in items:
        rows.setdefault(cell["row"], {})[cell["fault"]] = (number, cell)
    for cell in left_out:
        omitted.setdefault(cell["row"], set()).add(cell["fault"])
    return Section(
        title=title,
        anchor=title.replace(": ", "-").replace(" ", "-"),
        faults=[fault for fault in FAULTS if fault.name in names],
        rows=[
            Row(name, next(iter(cells.values()))[1]["request"], cells, frozenset(omitted.get(name, ())))
            for name, cells in rows.items()
        ],
        counts=Counter(Reaction(cell["reaction"]) for _, cell in items),
    )


def write_page() -> str:
    """Write the heat map of the cases that have run, and return what it shows in one line."""
    everything = [cell for matrix in MATRICES for cell in load_cells(matrix)]
    cells, left_out = _split(everything)
    FOLDER.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render(everything), encoding="utf-8")
    findings = sum(bool(cell["problems"]) for cell in cells)
    rows = {(cell["matrix"], cell["section"], cell["row"]) for cell in cells}
    faults = {cell["fault"] for cell in cells}
    not_run = "".join(f"; the {matrix} matrix was NOT RUN" for matrix in missing_matrices(cells))
    further = f"; {len(left_out)} further cases left out, THOROUGH=1 runs them" if left_out else ""
    return (
        f"{len(cells)} cases: {len(rows)} interactions and steps, {len(faults)} faults, {findings} findings"
        f"{further}{not_run}; {PAGE}"
    )
