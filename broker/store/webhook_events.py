"""Queries behind the events of webhooks: what a publication is compared with, and who has to verify it."""

from __future__ import annotations

from broker.database import Database, Row
from broker.store import branches


def current_pacts(db: Database, consumer: str, number: str) -> dict[str, int]:
    """Return the ids of the current pacts of a consumer version by the provider's name; none if there is none."""
    rows = db.fetch_all(
        """SELECT p.id, provider.name FROM pacts p JOIN versions v ON v.id = p.version
           JOIN pacticipants c ON c.id = v.pacticipant JOIN pacticipants provider ON provider.id = p.provider
           WHERE p.current = 1 AND c.name = ? AND v.number = ?""",
        consumer, number,
    )  # fmt: skip
    return {row["name"]: row["id"] for row in rows}


def tags_of_version(db: Database, version: int) -> list[str]:
    """Return the tags of a version, oldest first."""
    return [
        row["name"] for row in db.fetch_all("SELECT name FROM tags WHERE version = ? ORDER BY id", version)
    ]


def previous_untagged_content(db: Database, pact: Row) -> int | None:
    """Return the content of the newest earlier version without tags."""
    content: int | None = db.fetch_value(
        """SELECT p.content FROM pacts p WHERE p.current = 1 AND p.provider = ? AND p.consumer_id = ? AND p.version < ?
           AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.version = p.version) ORDER BY p.version DESC LIMIT 1""",
        pact["provider_id"], pact["consumer_id"], pact["version"],
    )  # fmt: skip
    return content


def previous_content_with_tag(db: Database, pact: Row, tag: str) -> int | None:
    """Return the content of the newest earlier version with a tag."""
    content: int | None = db.fetch_value(
        """SELECT p.content FROM tags t CROSS JOIN pacts p ON p.version = t.version AND p.provider = ? AND p.current = 1
           WHERE t.pacticipant_id = ? AND t.name = ? AND t.version < ? ORDER BY t.version DESC LIMIT 1""",
        pact["provider_id"], pact["consumer_id"], tag, pact["version"],
    )  # fmt: skip
    return content


def provider_versions_in_use(db: Database, provider: int) -> list[Row]:
    """Return the head of the main branch and all deployed or released versions, each with a `description`."""
    return db.fetch_all(
        """SELECT (SELECT bv.version FROM branch_versions bv WHERE bv.branch = b.id ORDER BY bv.id DESC LIMIT 1) AS version,
               'latest from main branch ' || b.name AS description
           FROM branches b JOIN pacticipants p ON p.id = b.pacticipant AND p.main_branch = b.name
           WHERE p.id = ?1 AND EXISTS (SELECT 1 FROM branch_versions bv WHERE bv.branch = b.id)
           UNION ALL
           SELECT d.version, iif(d.kind = 'deployed', 'deployed to ', 'released in ') || e.name
           FROM deployments d JOIN versions v ON v.id = d.version JOIN environments e ON e.id = d.environment
           WHERE v.pacticipant = ?1 AND d.ended IS NULL""",
        provider,
    )  # fmt: skip


def versions_with_result(db: Database, content: int) -> set[int]:
    """Return the ids of the provider versions that have a result for a content."""
    return {row["version"] for row in db.fetch_all("SELECT version FROM results WHERE content = ?", content)}


def latest_branch(db: Database, version: int) -> str:
    """Return the branch that a version was added to last; empty if it is on none."""
    rows = branches.branches_of(db, version)
    return rows[-1]["name"] if rows else ""
