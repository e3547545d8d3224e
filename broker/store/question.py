"""A question to the matrix, answered: selectors made into versions, versions into rows, rows into a judgement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from broker.database import Database, Row
from broker.judgement.deployable import Ignored, Judgement, MatrixRow, Selected, judge, newest
from broker.store import matrix, participants
from broker.store.matrix import Criteria, Selection


@dataclass(frozen=True, slots=True)
class Asked:
    """A selector: a pacticipant that exists, and which of its versions."""

    pacticipant: Row
    wanted: Criteria


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        asked: the selectors, at least one.
        others: which versions of all others count, or None when only the versions asked about do.
        ignored: pacticipants, or single versions (name, number), that shall not count.
        latestby: how rows are grouped before only the newest of each group is kept; None keeps all.
        success: keeps the rows with one of these results (None: without one); None keeps all.
        limit: how many rows are looked at, newest first; None for all.
    """

    asked: Sequence[Asked]
    others: Criteria | None = None
    ignored: Sequence[tuple[str, str | None]] = ()
    latestby: str | None = None
    success: frozenset[bool | None] | None = None
    limit: int | None = None


@dataclass(slots=True)
class _Chosen:
    """The versions the selectors stand for, by pacticipant; `count` as the number of single versions or markers."""

    selection: Selection = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    selected: list[Selected] = field(default_factory=list)
    count: int = 0

    def add(self, db: Database, asked: Asked) -> None:
        owner, wanted = asked.pacticipant, asked.wanted
        found = None if wanted.everything else matrix.versions(db, owner, wanted)
        before = self.selection.get(owner["id"], [])
        merged = None if found is None or before is None else sorted({*before, *found})
        self.selection[owner["id"]] = merged
        self.names[owner["id"]] = owner["name"]
        self.count += 1 if found is None else max(1, len(found))
        self.selected.append(_selected(owner["name"], wanted, found))


def answer(db: Database, question: Question) -> Judgement:
    """Look, and judge."""
    chosen = _Chosen()
    for asked in question.asked:
        chosen.add(db, asked)
    mine = set(chosen.selection)
    alone = chosen.count == 1
    warnings = _warnings(question, alone=alone)
    inferring = question.others is not None
    if question.others is not None:
        _infer(db, chosen, question.others)
    pairs, required = _pairs(db, chosen, mine, inferring=inferring, alone=alone)
    rows = _rows(db, chosen, pairs, question, single=chosen.count == 1)
    names = _names(db, required)
    return judge(rows, chosen.selected, names, _ignored(db, question.ignored), warnings)


def _infer(db: Database, chosen: _Chosen, others: Criteria) -> None:
    mine = set(chosen.selection)
    partners = {partner for pair in matrix.integrations(db, mine) for partner in pair} - mine
    asked = list(chosen.selected)
    for row in db.all(
        f"SELECT * FROM pacticipants WHERE id IN ({', '.join(str(one) for one in sorted(partners))})"
    ):
        chosen.add(db, Asked(row, others))
    inferred = [replace(one, missing=False) for one in chosen.selected[len(asked) :]]
    chosen.selected = asked + inferred


Pairs = set[tuple[int, int]]


def _pairs(
    db: Database, chosen: _Chosen, mine: set[int], *, inferring: bool, alone: bool
) -> tuple[Pairs, Pairs]:
    """The (consumer, provider) pairs to look at, and those of them that must have a row."""
    needed: Pairs = set()
    for consumer in mine:
        found = chosen.selection[consumer]
        versions = matrix.versions(db, _pacticipant(db, consumer), Criteria()) if found is None else found
        needed |= set(matrix.providers_of_versions(db, versions))
    if inferring or alone:
        return needed | {
            pair for pair in matrix.integrations(db, mine) if pair[1] in mine or pair in needed
        }, needed
    between = {pair for pair in needed if pair[1] in mine}
    return between, between


def _pacticipant(db: Database, identifier: int) -> Row:
    row = db.one("SELECT * FROM pacticipants WHERE id = ?", identifier)
    if row is None:
        raise LookupError(identifier)
    return row


def _rows(
    db: Database, chosen: _Chosen, pairs: Pairs, question: Question, *, single: bool
) -> list[MatrixRow]:
    found: list[MatrixRow] = []
    for consumer, provider in sorted(pairs):
        if single or (consumer in chosen.selection and provider in chosen.selection):
            found += matrix.rows_between(
                db, consumer, provider, chosen.selection,
                all_results=question.latestby is None, unverified=not single or consumer in chosen.selection,
            )  # fmt: skip
    if question.limit is not None:
        found = sorted(found, key=MatrixRow.order)[: question.limit]
    rows = newest(found, question.latestby)
    return rows if question.success is None else [row for row in rows if row.success in question.success]


def _names(db: Database, pairs: Pairs) -> list[tuple[str, str]]:
    names = {row["id"]: row["name"] for row in db.all("SELECT id, name FROM pacticipants")}
    return [(names[consumer], names[provider]) for consumer, provider in pairs]


def _ignored(db: Database, ignored: Iterable[tuple[str, str | None]]) -> list[Ignored]:
    return [
        Ignored(
            name,
            number,
            known=bool(
                participants.find(db, name) if number is None else participants.find_version(db, name, number)
            ),
        )
        for name, number in ignored
    ]


def _warnings(question: Question, *, alone: bool) -> list[str]:
    warnings = []
    if alone and question.others in {None, Criteria(latest=True)}:
        warnings.append("No environment is given: say where it shall be deployed, or any version may count")
    named = [one for one in question.asked if not one.wanted.everything]
    if named and all(one.wanted.number is None for one in question.asked):
        warnings.append("No version number is given: the answer may change while a pipeline runs")
    return warnings


def _selected(name: str, wanted: Criteria, found: list[int] | None) -> Selected:
    missing = found is not None and not found
    words = _words(name, wanted)
    return Selected(name, wanted.number, words, tuple(found or ()), everything=found is None, missing=missing)


def _words(name: str, wanted: Criteria) -> str:
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
