"""Queries behind the matrix: the versions that filters match, and the rows between versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from broker.database import Database, Row
from broker.domain.json_document import encode_json
from broker.domain.matrix import MatrixRow, VersionFilter
from broker.store import branches, versions


def matching_versions(db: Database, pacticipant: Row, version_filter: VersionFilter) -> list[int]:
    """Return the ids of the versions a filter matches, oldest first."""
    branch = pacticipant["main_branch"] if version_filter.main_branch else version_filter.branch
    # without a main branch nothing matches; there is no fallback to a tag
    if version_filter.main_branch and branch is None:
        return []
    tag, latest = version_filter.tag, version_filter.latest
    if latest and version_filter == VersionFilter(tag=tag, latest=True):
        newest = versions.latest_version(db, pacticipant["name"], tag)
        return [newest["id"]] if newest else []
    # the head is the version added last, which need not be the newest version
    head = branches.branch_head(db, pacticipant["id"], branch) if latest and branch is not None else None
    if latest and branch is not None and head is None:
        return []
    # the plus sign: few versions match another criterion, so SQLite must not begin with all of the pacticipant
    conditions, values = ["+v.pacticipant = ?"], [pacticipant["id"]]
    for condition, value in (
        ("v.id IN (SELECT id FROM versions WHERE number = ? AND pacticipant = ?)", version_filter.number),
        ("v.id IN (SELECT version FROM tags WHERE name = ? AND pacticipant_id = ?)", tag),
        (_ON_BRANCH, None if latest else branch),
        (_IN_ENVIRONMENT, version_filter.environment),
        ("v.id = ?", head),
    ):
        if value is not None:
            conditions.append(condition)
            values += [value, pacticipant["id"]][: condition.count("?")]
    sql = f"SELECT v.id FROM versions v WHERE {' AND '.join(conditions)} ORDER BY v.id"
    matching = [row["id"] for row in db.fetch_all(sql, *values)]
    return matching[-1:] if latest else matching


_ON_BRANCH = """v.id IN (SELECT bv.version FROM branch_versions bv JOIN branches b ON b.id = bv.branch
    WHERE b.name = ? AND b.pacticipant = ?)"""
_IN_ENVIRONMENT = """v.id IN (SELECT d.version FROM deployments d JOIN environments e ON e.id = d.environment
    WHERE e.name = ? AND d.ended IS NULL)"""

SelectedVersions = dict[int, list[int] | None]
"""By pacticipant id: the ids of the selected versions, or None for all."""

_ROWS = """SELECT k.sha, p.created AS published, r.created AS verified, p.revision, cv.id AS consumer_order, cv.number AS consumer_version, c.name AS consumer,
    pr.name AS provider, r.id AS result, r.success, pv.id AS provider_order, pv.number AS provider_version
    FROM {source} JOIN contents k ON k.id = p.content JOIN versions cv ON cv.id = p.version JOIN pacticipants c ON c.id = p.consumer_id
    JOIN pacticipants pr ON pr.id = p.provider LEFT JOIN versions pv ON pv.id = r.version
    WHERE p.consumer_id = ? AND p.provider = ? {consumers} {current} {order}"""
# the order of MatrixRow.sort_key within one integration
_NEWEST_FIRST = "ORDER BY p.version DESC, p.revision DESC, r.version DESC, r.id DESC LIMIT ?"


def rows_between(
    db: Database,
    consumer: int,
    provider: int,
    selection: SelectedVersions,
    *,
    all_results: bool,
    unverified: bool = True,
    limit: int | None = None,
) -> list[MatrixRow]:
    """Return the rows of one integration.

    Args:
        db: the database.
        consumer: a pacticipant's id.
        provider: a pacticipant's id.
        selection: the versions of both that count.
        all_results: include overwritten pacts and replaced results.
        unverified: include pacts without a result of a selected provider version.
        limit: the number of rows, newest first; None for all.
    """
    source, values = _joined_results(selection.get(provider), all_results=all_results, unverified=unverified)
    # in the order of the placeholders: those of the join come first
    values += [consumer, provider]
    consumers = ""
    if selection.get(consumer) is not None:
        consumers = "AND p.version IN (SELECT value FROM json_each(?))"
        values.append(encode_json(selection[consumer]))
    sql = _ROWS.format(
        source=source,
        consumers=consumers,
        current="" if all_results else "AND p.current = 1",
        order="" if limit is None else _NEWEST_FIRST,
    )
    return [_row(row) for row in db.fetch_all(sql, *values, *([] if limit is None else [limit]))]


def _joined_results(
    providers: list[int] | None, *, all_results: bool, unverified: bool
) -> tuple[str, list[object]]:
    """Return the join of pacts and results of the provider versions, and its values."""
    conditions = [] if all_results else ["r.current = 1"]
    values: list[object] = []
    if providers is not None:
        # a JSON list, because SQLite limits the number of parameters
        conditions.append("r.version IN (SELECT value FROM json_each(?))")
        values.append(encode_json(providers))
    if not unverified and providers is not None:
        # from the results on: a provider version has verified few of all pacts
        selected = f"(SELECT * FROM results r WHERE {' AND '.join(conditions)}) r"
        return f"{selected} CROSS JOIN pacts p INDEXED BY pacts_by_content ON p.content = r.content", values
    join = "LEFT JOIN" if unverified else "JOIN"
    return f"pacts p {join} results r ON {' AND '.join(['r.content = p.content', *conditions])}", values


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
        """SELECT consumer, provider FROM integrations WHERE consumer IN (SELECT value FROM json_each(?))
           UNION SELECT consumer, provider FROM integrations WHERE provider IN (SELECT value FROM json_each(?))
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


def providers_of_any_version(db: Database, consumer: int) -> list[tuple[int, int]]:
    """Return the (consumer, provider) pairs of the current pacts of all versions of a consumer."""
    rows = db.fetch_all(
        """SELECT i.provider FROM integrations i WHERE i.consumer = ? AND EXISTS (SELECT 1 FROM pacts p
           WHERE p.provider = i.provider AND p.consumer_id = i.consumer AND p.current = 1)""",
        consumer,
    )
    return [(consumer, row["provider"]) for row in rows]
