"""A question to the matrix, answered: selectors made into versions, versions into rows, rows into a judgement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from broker.database import Database, Row
from broker.domain.can_i_deploy import (
    CanIDeployResult,
    IgnoreSelector,
    MatrixRow,
    ResolvedSelector,
    evaluate,
    latest_rows_by,
)
from broker.store import matrix, pacticipants
from broker.store.matrix import SelectedVersions, VersionFilter


@dataclass(frozen=True, slots=True)
class QuerySelector:
    """A selector: a pacticipant that exists, and which of its versions."""

    pacticipant: Row
    wanted: VersionFilter


@dataclass(frozen=True, slots=True)
class MatrixQuery:
    """What is asked.

    Attributes:
        asked: the selectors, at least one.
        others: which versions of all others count, or None when only the versions asked about do.
        ignored: pacticipants, or single versions (name, number), that shall not count.
        latestby: how rows are grouped before only the newest of each group is kept; None keeps all.
        success: keeps the rows with one of these results (None: without one); None keeps all.
        limit: how many rows are looked at, newest first; None for all.
    """

    selectors: Sequence[QuerySelector]
    inferred_filter: VersionFilter | None = None
    ignored: Sequence[tuple[str, str | None]] = ()
    latestby: str | None = None
    success: frozenset[bool | None] | None = None
    limit: int | None = None


@dataclass(slots=True)
class _ResolvedSelectors:
    """The versions the selectors stand for, by pacticipant; `count` as the number of single versions or markers."""

    selection: SelectedVersions = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    selected: list[ResolvedSelector] = field(default_factory=list)
    count: int = 0

    def add(self, db: Database, asked: QuerySelector) -> None:
        owner, wanted = asked.pacticipant, asked.wanted
        found = None if wanted.is_empty else matrix.versions(db, owner, wanted)
        before = self.selection.get(owner["id"], [])
        merged = None if found is None or before is None else sorted({*before, *found})
        self.selection[owner["id"]] = merged
        self.names[owner["id"]] = owner["name"]
        self.count += 1 if found is None else max(1, len(found))
        self.selected.append(_selected(owner["name"], wanted, found))


def run_query(db: Database, question: MatrixQuery) -> CanIDeployResult:
    """Look, and judge."""
    chosen = _ResolvedSelectors()
    for asked in question.selectors:
        chosen.add(db, asked)
    mine = set(chosen.selection)
    alone = chosen.count == 1
    warnings = _warnings(question, alone=alone)
    inferring = question.inferred_filter is not None
    if question.inferred_filter is not None:
        _infer(db, chosen, question.inferred_filter)
    pairs, required = _pairs(db, chosen, mine, inferring=inferring, alone=alone)
    rows = _rows(db, chosen, pairs, question, single=chosen.count == 1)
    names = _names(db, required)
    return evaluate(rows, chosen.selected, names, _ignored(db, question.ignored), warnings)


def _infer(db: Database, chosen: _ResolvedSelectors, others: VersionFilter) -> None:
    mine = set(chosen.selection)
    partners = {partner for pair in matrix.integrations_of(db, mine) for partner in pair} - mine
    asked = list(chosen.selected)
    for row in db.fetch_all(
        f"SELECT * FROM pacticipants WHERE id IN ({', '.join(str(one) for one in sorted(partners))})"
    ):
        chosen.add(db, QuerySelector(row, others))
    inferred = [replace(one, missing=False) for one in chosen.selected[len(asked) :]]
    chosen.selected = asked + inferred


Integrations = set[tuple[int, int]]


def _pairs(
    db: Database, chosen: _ResolvedSelectors, mine: set[int], *, inferring: bool, alone: bool
) -> tuple[Integrations, Integrations]:
    """The (consumer, provider) pairs to look at, and those of them that must have a row."""
    needed: Integrations = set()
    for consumer in mine:
        found = chosen.selection[consumer]
        versions = (
            matrix.versions(db, _pacticipant(db, consumer), VersionFilter()) if found is None else found
        )
        needed |= set(matrix.providers_of_versions(db, versions))
    if inferring or alone:
        return needed | {
            pair for pair in matrix.integrations_of(db, mine) if pair[1] in mine or pair in needed
        }, needed
    between = {pair for pair in needed if pair[1] in mine}
    return between, between


def _pacticipant(db: Database, identifier: int) -> Row:
    row = db.fetch_one("SELECT * FROM pacticipants WHERE id = ?", identifier)
    if row is None:
        raise LookupError(identifier)
    return row


def _rows(
    db: Database, chosen: _ResolvedSelectors, pairs: Integrations, question: MatrixQuery, *, single: bool
) -> list[MatrixRow]:
    found: list[MatrixRow] = []
    for consumer, provider in sorted(pairs):
        if single or (consumer in chosen.selection and provider in chosen.selection):
            found += matrix.rows_between(
                db, consumer, provider, chosen.selection,
                all_results=question.latestby is None, unverified=not single or consumer in chosen.selection,
            )  # fmt: skip
    if question.limit is not None:
        found = sorted(found, key=MatrixRow.sort_key)[: question.limit]
    rows = latest_rows_by(found, question.latestby)
    return rows if question.success is None else [row for row in rows if row.success in question.success]


def _names(db: Database, pairs: Integrations) -> list[tuple[str, str]]:
    names = {row["id"]: row["name"] for row in db.fetch_all("SELECT id, name FROM pacticipants")}
    return [(names[consumer], names[provider]) for consumer, provider in pairs]


def _ignored(db: Database, ignored: Iterable[tuple[str, str | None]]) -> list[IgnoreSelector]:
    return [
        IgnoreSelector(
            name,
            number,
            known=bool(
                pacticipants.find_by_name(db, name)
                if number is None
                else pacticipants.find_version(db, name, number)
            ),
        )
        for name, number in ignored
    ]


def _warnings(question: MatrixQuery, *, alone: bool) -> list[str]:
    warnings = []
    if alone and question.inferred_filter in {None, VersionFilter(latest=True)}:
        warnings.append("No environment is given: say where it shall be deployed, or any version may count")
    named = [one for one in question.selectors if not one.wanted.is_empty]
    if named and all(one.wanted.number is None for one in question.selectors):
        warnings.append("No version number is given: the answer may change while a pipeline runs")
    return warnings


def _selected(name: str, wanted: VersionFilter, found: list[int] | None) -> ResolvedSelector:
    missing = found is not None and not found
    words = _words(name, wanted)
    return ResolvedSelector(
        name, wanted.number, words, tuple(found or ()), matches_all_versions=found is None, missing=missing
    )


def _words(name: str, wanted: VersionFilter) -> str:
    if wanted.number is not None:
        return f"version {wanted.number} of {name}"
    words = f"latest version of {name}" if wanted.latest else f"version of {name}"
    if wanted.main_branch:
        words += " from its main branch"
    if wanted.branch is not None:
        words += f" from branch {wanted.branch}"
    if wanted.tag is not None:
        words += f" with tag {wanted.tag}"
    return words if wanted.environment is None else f"{words} currently in {wanted.environment}"
