"""The pacts that a team looks at: the latest of each integration, and the newest of each tag and branch."""

from __future__ import annotations

from broker.database import Database, Row
from broker.store.pact_lists import SELECT_ENTRY

_HEADS = """p.current = 1 AND (
    p.id IN (SELECT p.id FROM pacts p JOIN versions v ON v.id = p.version WHERE p.current = 1
        GROUP BY v.pacticipant, p.provider HAVING v.id = max(v.id))
    OR p.id IN (SELECT p.id FROM pacts p JOIN versions v ON v.id = p.version JOIN tags t ON t.version = v.id
        WHERE p.current = 1 GROUP BY v.pacticipant, p.provider, t.name HAVING v.id = max(v.id))
    OR p.version IN (SELECT version FROM branch_versions WHERE id IN (SELECT max(id) FROM branch_versions GROUP BY branch)))"""


def head_pacts(db: Database) -> list[Row]:
    """Return the head pacts without their documents, that with the newest publication or result first."""
    return db.fetch_all(
        f"""{SELECT_ENTRY} WHERE {_HEADS}
            ORDER BY max(p.created, coalesce((SELECT max(r.created) FROM results r WHERE r.content = p.content), 0)) DESC, p.id DESC"""
    )


def head_branches(db: Database, version: int) -> list[str]:
    """Return the names of the branches whose head a version is, oldest first."""
    rows = db.fetch_all(
        """SELECT b.name FROM branch_versions bv JOIN branches b ON b.id = bv.branch WHERE bv.version = ?
           AND bv.id = (SELECT max(id) FROM branch_versions WHERE branch = bv.branch) ORDER BY bv.id""",
        version,
    )
    return [row["name"] for row in rows]


def has_success(db: Database, content: int) -> bool:
    """Return whether any provider version has verified a content successfully."""
    return db.fetch_value("SELECT 1 FROM results WHERE content = ? AND success = 1", content) is not None


def has_earlier_result(db: Database, consumer: int, provider: int) -> bool:
    """Return whether any content of an integration has a result."""
    found = db.fetch_value(
        """SELECT 1 FROM results r JOIN contents c ON c.id = r.content WHERE c.consumer = ? AND c.provider = ? LIMIT 1""",
        consumer, provider,
    )  # fmt: skip
    return found is not None
