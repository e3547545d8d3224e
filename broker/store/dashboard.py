"""The pacts that a team looks at: the latest of each integration, and the newest of each tag and branch."""

from __future__ import annotations

from broker.database import Database, Row
from broker.store.pact_lists import SELECT_ENTRY

# each looked up by an index from its integration, tag or branch, so that the number of versions does not matter
_NEWEST_OF_INTEGRATION = """SELECT (SELECT n.id FROM pacts n WHERE n.provider = i.provider AND n.consumer_id = i.consumer
    AND n.current = 1 ORDER BY n.version DESC LIMIT 1) FROM integrations i"""
_NEWEST_OF_TAG = """SELECT (SELECT n.id FROM tags g JOIN pacts n ON n.version = g.version WHERE g.pacticipant_id = i.consumer
    AND g.name = t.name AND n.provider = i.provider AND n.consumer_id = i.consumer AND n.current = 1 ORDER BY g.version DESC LIMIT 1)
    FROM integrations i JOIN (SELECT DISTINCT pacticipant_id, name FROM tags) t ON t.pacticipant_id = i.consumer"""
_OF_BRANCH_HEADS = """SELECT n.id FROM pacts n WHERE n.current = 1 AND n.version IN (SELECT (SELECT bv.version FROM branch_versions bv
    WHERE bv.branch = b.id ORDER BY bv.id DESC LIMIT 1) FROM branches b)"""
_HEADS = f"p.id IN ({_NEWEST_OF_INTEGRATION} UNION {_NEWEST_OF_TAG} UNION {_OF_BRANCH_HEADS})"


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
