"""Queries behind the matrix: the versions that filters match, and the rows between versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from broker.database import Database, Row
from broker.domain.json_document import encode_json
from broker.domain.matrix import MatrixRow, VersionFilter
from broker.store import branches


def matching_versions(db: Database, pacticipant: Row, version_filter: VersionFilter) -> list[int]:
    """Return the ids of the versions a filter matches, oldest first."""
    branch = pacticipant["main_branch"] if version_filter.main_branch else version_filter.branch
    # without a main branch nothing matches; there is no fallback to a tag
    if version_filter.main_branch and branch is None:
        return []
    conditions: list[str] = ["v.pacticipant = ?"]
    values: list[object] = [pacticipant["id"]]
    for condition, value in (
        ("v.number = ?", version_filter.number),
        ("EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id AND t.name = ?)", version_filter.tag),
        (_ON_BRANCH, branch),
        (_IN_ENVIRONMENT, version_filter.environment),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    sql = f"SELECT v.id FROM versions v WHERE {' AND '.join(conditions)} ORDER BY v.id"
    versions = [row["id"] for row in db.fetch_all(sql, *values)]
    if not version_filter.latest:
        return versions
    # the head is the version added last, which need not be the newest version
    if branch is not None:
        head = branches.branch_head(db, pacticipant["id"], branch)
        return [head] if head is not None and head in versions else []
    return versions[-1:]


_ON_BRANCH = """EXISTS (SELECT 1 FROM branch_versions bv JOIN branches b ON b.id = bv.branch
    WHERE bv.version = v.id AND b.name = ?)"""
_IN_ENVIRONMENT = """EXISTS (SELECT 1 FROM deployments d JOIN environments e ON e.id = d.environment
    WHERE d.version = v.id AND d.ended IS NULL AND e.name = ?)"""

SelectedVersions = dict[int, list[int] | None]
"""By pacticipant id: the ids of the selected versions, or None for all."""

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
    """Return the rows of one integration.

    Args:
        db: the database.
        consumer: a pacticipant's id.
        provider: a pacticipant's id.
        selection: the versions of both that count.
        all_results: include overwritten pacts and replaced results.
        unverified: include pacts without a result of a selected provider version.
    """
    values: list[object] = []
    results = [] if all_results else ["AND r.current = 1"]
    if selection.get(provider) is not None:
        # a JSON list, because SQLite limits the number of parameters
        results.append("AND r.version IN (SELECT value FROM json_each(?))")
        values.append(encode_json(selection[provider]))
    # in the order of the placeholders: those of the join come first
    values += [consumer, provider]
    consumers = ""
    if selection.get(consumer) is not None:
        consumers = "AND cv.id IN (SELECT value FROM json_each(?))"
        values.append(encode_json(selection[consumer]))
    sql = _ROWS.format(
        join="LEFT JOIN" if unverified else "JOIN",
        results=" ".join(results),
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
    """Return the (consumer, provider) pairs that any of the pacticipants belongs to."""
    ids = encode_json(sorted(pacticipants))
    rows = db.fetch_all(
        """SELECT consumer, provider FROM contents WHERE consumer IN (SELECT value FROM json_each(?))
           UNION SELECT consumer, provider FROM contents WHERE provider IN (SELECT value FROM json_each(?))
           ORDER BY consumer, provider""",
        ids, ids,
    )  # fmt: skip
    return [(row["consumer"], row["provider"]) for row in rows]


def versions_without_pacts(db: Database, versions: Sequence[int]) -> list[str]:
    """Return the numbers of those consumer versions that have no current pact, oldest first."""
    rows = db.fetch_all(
        """SELECT v.number FROM versions v WHERE v.id IN (SELECT value FROM json_each(?))
           AND NOT EXISTS (SELECT 1 FROM pacts p WHERE p.version = v.id AND p.current = 1) ORDER BY v.id""",
        encode_json(list(versions)),
    )
    return [row["number"] for row in rows]


def providers_of_versions(db: Database, versions: Sequence[int]) -> list[tuple[int, int]]:
    """Return the (consumer, provider) pairs of the current pacts of consumer versions."""
    rows = db.fetch_all(
        """SELECT DISTINCT v.pacticipant AS consumer, p.provider FROM pacts p JOIN versions v ON v.id = p.version
           WHERE p.current = 1 AND p.version IN (SELECT value FROM json_each(?))""",
        encode_json(list(versions)),
    )
    return [(row["consumer"], row["provider"]) for row in rows]
