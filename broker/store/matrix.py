"""The matrix: versions that selectors stand for, and the rows between them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from broker.database import Database, Row
from broker.domain.can_i_deploy import MatrixRow
from broker.store import pacticipants


@dataclass(frozen=True, slots=True)
class VersionFilter:
    """What versions of a pacticipant are meant; filters add up."""

    number: str | None = None
    branch: str | None = None
    tag: str | None = None
    environment: str | None = None
    main_branch: bool = False
    latest: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no filter is given at all."""
        return self == VersionFilter()


def versions(db: Database, pacticipant: Row, wanted: VersionFilter) -> list[int]:
    """The ids of the versions that are meant, oldest first."""
    branch = pacticipant["main_branch"] if wanted.main_branch else wanted.branch
    if wanted.main_branch and branch is None:
        return []
    conditions: list[str] = ["v.pacticipant = ?"]
    values: list[object] = [pacticipant["id"]]
    for sql, value in (
        ("v.number = ?", wanted.number),
        ("EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id AND t.name = ?)", wanted.tag),
        (_ON_BRANCH, branch),
        (_IN_ENVIRONMENT, wanted.environment),
    ):
        if value is not None:
            conditions.append(sql)
            values.append(value)
    found = [
        row["id"]
        for row in db.fetch_all(
            f"SELECT v.id FROM versions v WHERE {' AND '.join(conditions)} ORDER BY v.id", *values
        )
    ]
    if not wanted.latest:
        return found
    if branch is not None:
        head = pacticipants.branch_head(db, pacticipant["id"], branch)
        return [head] if head is not None and head in found else []
    return found[-1:]


_ON_BRANCH = """EXISTS (SELECT 1 FROM branch_versions bv JOIN branches b ON b.id = bv.branch
    WHERE bv.version = v.id AND b.name = ?)"""
_IN_ENVIRONMENT = """EXISTS (SELECT 1 FROM deployments d JOIN environments e ON e.id = d.environment
    WHERE d.version = v.id AND d.ended IS NULL AND e.name = ?)"""

SelectedVersions = dict[int, list[int] | None]
"""By pacticipant: the versions selected, or None for all."""

_ROWS = """SELECT k.sha, p.created AS published, r.created AS verified, p.revision, cv.id AS consumer_order, cv.number AS consumer_version, c.name AS consumer,
    pr.name AS provider, r.id AS result, r.success, pv.id AS provider_order, pv.number AS provider_version
    FROM pacts p JOIN contents k ON k.id = p.content JOIN versions cv ON cv.id = p.version JOIN pacticipants c ON c.id = cv.pacticipant
    JOIN pacticipants pr ON pr.id = p.provider
    {join} results r ON r.content = p.content {results} LEFT JOIN versions pv ON pv.id = r.version
    WHERE cv.pacticipant = ? AND p.provider = ? {consumers} {current}"""


def rows_between(
    db: Database,
    consumer: int,
    provider: int,
    selection: SelectedVersions,
    *,
    all_results: bool,
    unverified: bool = True,
) -> list[MatrixRow]:
    """The rows of one integration.

    Args:
        db: the broker's database.
        consumer: a pacticipant's id.
        provider: a pacticipant's id.
        selection: restricts both to the versions selected.
        all_results: overwritten pacts and all their results, not the newest of each only.
        unverified: a pact without a selected result has a row all the same.
    """
    chosen = [] if all_results else ["AND r.current = 1"]
    values: list[object] = []
    if selection.get(provider) is not None:
        chosen.append("AND r.version IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(selection[provider]))
    values += [consumer, provider]
    consumers = ""
    if selection.get(consumer) is not None:
        consumers = "AND cv.id IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(selection[consumer]))
    sql = _ROWS.format(
        join="LEFT JOIN" if unverified else "JOIN",
        results=" ".join(chosen),
        consumers=consumers,
        current="" if all_results else "AND p.current = 1",
    )
    return [_row(row) for row in db.fetch_all(sql, *values)]


def _row(row: Row) -> MatrixRow:
    return MatrixRow(
        consumer=row["consumer"],
        consumer_version=row["consumer_version"],
        consumer_version_id=row["consumer_order"],
        revision=row["revision"],
        provider=row["provider"],
        provider_version=row["provider_version"],
        provider_version_id=row["provider_order"] or 0,
        result=row["result"],
        success=None if row["success"] is None else bool(row["success"]),
        sha=row["sha"],
        published=row["published"],
        verified=row["verified"],
    )


def integrations_of(db: Database, pacticipants: Iterable[int]) -> list[tuple[int, int]]:
    """The (consumer, provider) pairs that any of these takes part in."""
    found: set[tuple[int, int]] = set()
    for pacticipant in pacticipants:
        for row in db.fetch_all(
            "SELECT DISTINCT consumer, provider FROM contents WHERE consumer = ? UNION SELECT DISTINCT consumer, provider FROM contents WHERE provider = ?",
            pacticipant, pacticipant,
        ):  # fmt: skip
            found.add((row["consumer"], row["provider"]))
    return sorted(found)


def providers_of_versions(db: Database, chosen: Sequence[int]) -> list[tuple[int, int]]:
    """The (consumer, provider) pairs of the current pacts of these versions."""
    rows = db.fetch_all(
        """SELECT DISTINCT v.pacticipant AS consumer, p.provider FROM pacts p JOIN versions v ON v.id = p.version
           WHERE p.current = 1 AND p.version IN (SELECT value FROM json_each(?))""",
        json.dumps(list(chosen)),
    )
    return [(row["consumer"], row["provider"]) for row in rows]
