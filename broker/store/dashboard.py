"""The pacts that a team looks at: the latest of each integration, and the newest of each tag and branch."""

from __future__ import annotations

from broker.database import Database, Row
from broker.store.pacts import SELECT_ENTRY

# one step for each integration, branch and name of a tag, instead of one for each pact
_HEADS = """consumer_tags (consumer, name) AS (
        SELECT p.id, (SELECT min(name) FROM tags WHERE pacticipant_id = p.id) FROM pacticipants p
        UNION ALL SELECT c.consumer, (SELECT min(name) FROM tags WHERE pacticipant_id = c.consumer AND name > c.name)
        FROM consumer_tags c WHERE c.name IS NOT NULL),
    heads (pact) AS (
        SELECT (SELECT p.id FROM pacts p WHERE p.provider = i.provider AND p.consumer_id = i.consumer AND p.current = 1
            ORDER BY p.version DESC LIMIT 1) FROM integrations i
        UNION SELECT (SELECT p.id FROM tags t CROSS JOIN pacts p ON p.version = t.version AND p.provider = i.provider
            AND p.consumer_id = i.consumer AND p.current = 1
            WHERE t.pacticipant_id = c.consumer AND t.name = c.name ORDER BY t.version DESC LIMIT 1)
        FROM consumer_tags c CROSS JOIN integrations i ON i.consumer = c.consumer WHERE c.name IS NOT NULL
        UNION SELECT p.id FROM branches b CROSS JOIN pacts p ON p.current = 1
            AND p.version = (SELECT version FROM branch_versions WHERE branch = b.id ORDER BY id DESC LIMIT 1))"""


def head_pacts(db: Database) -> list[Row]:
    """Return the head pacts without their documents, that with the newest publication or result first."""
    return db.fetch_all(
        f"""WITH RECURSIVE {_HEADS} {SELECT_ENTRY} WHERE p.id IN (SELECT pact FROM heads)
            ORDER BY max(p.created, coalesce((SELECT r.created FROM results r WHERE r.content = p.content
                ORDER BY r.id DESC LIMIT 1), 0)) DESC, p.id DESC"""
    )


def head_branches(db: Database, version: int) -> list[str]:
    """Return the names of the branches whose head a version is, oldest first."""
    rows = db.fetch_all(
        """SELECT b.name FROM branch_versions bv JOIN branches b ON b.id = bv.branch WHERE bv.version = ?
           AND bv.id = (SELECT id FROM branch_versions WHERE branch = bv.branch ORDER BY id DESC LIMIT 1) ORDER BY bv.id""",
        version,
    )
    return [row["name"] for row in rows]


def has_earlier_result(db: Database, consumer: int, provider: int) -> bool:
    """Return whether any content of an integration has a result."""
    found = db.fetch_value(
        """SELECT 1 FROM contents c WHERE c.consumer = ? AND c.provider = ?
           AND EXISTS (SELECT 1 FROM results WHERE content = c.id) ORDER BY c.id DESC LIMIT 1""",
        consumer, provider,
    )  # fmt: skip
    return found is not None
