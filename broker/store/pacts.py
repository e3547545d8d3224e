"""Pacts: publications of contents by consumer versions; results belong to contents."""

from __future__ import annotations

import json
from typing import Any

from broker.database import Database, Row, now_microseconds

SELECT_PACT = """SELECT p.*, c.sha, c.json, v.number AS version_number, consumer.name AS consumer, provider.name AS provider_name,
    consumer.id AS consumer_id, provider.id AS provider_id FROM pacts p JOIN contents c ON c.id = p.content
    JOIN versions v ON v.id = p.version JOIN pacticipants consumer ON consumer.id = v.pacticipant
    JOIN pacticipants provider ON provider.id = p.provider"""


def find_by_version(db: Database, provider: str, consumer: str, number: str) -> Row | None:
    """The current pact of a consumer version with a provider."""
    return db.fetch_one(
        f"{SELECT_PACT} WHERE p.current = 1 AND provider.name = ? AND consumer.name = ? AND v.number = ?",
        provider,
        consumer,
        number,
    )


def list_for_version(db: Database, version: int) -> list[Row]:
    """All current pacts of a consumer version."""
    return db.fetch_all(
        f"{SELECT_PACT} WHERE p.current = 1 AND p.version = ? ORDER BY provider.name", version
    )


def latest(db: Database, provider: str, consumer: str, tag: str | None = None) -> Row | None:
    """The pact of the newest version that has one, of those with the tag if one is given."""
    tagged = "" if tag is None else "AND EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id AND t.name = ?)"
    values = (provider, consumer) if tag is None else (provider, consumer, tag)
    return db.fetch_one(
        f"{SELECT_PACT} WHERE p.current = 1 AND provider.name = ? AND consumer.name = ? {tagged} ORDER BY v.id DESC LIMIT 1",
        *values,
    )


def latest_of_all(db: Database) -> list[Row]:
    """The latest pact of each pair, by names."""
    return db.fetch_all(
        f"""{SELECT_PACT} WHERE p.id IN (SELECT p.id FROM pacts p JOIN versions v ON v.id = p.version WHERE p.current = 1
            GROUP BY v.pacticipant, p.provider HAVING v.id = max(v.id)) ORDER BY lower(consumer.name), lower(provider.name)"""
    )


def latest_on_branch(db: Database, provider: str, consumer: str, branch: str) -> Row | None:
    """The newest pact on a branch: of the newest version there that has one."""
    return db.fetch_one(
        f"""{SELECT_PACT} WHERE p.current = 1 AND provider.name = ? AND consumer.name = ? AND EXISTS (SELECT 1 FROM branch_versions bv
            JOIN branches b ON b.id = bv.branch WHERE bv.version = v.id AND b.name = ?) ORDER BY v.id DESC LIMIT 1""",
        provider, consumer, branch,
    )  # fmt: skip


def by_sha(db: Database, provider: str, consumer: str, sha: str) -> Row | None:
    """The pact of the newest version with this content."""
    return db.fetch_one(
        f"{SELECT_PACT} WHERE p.current = 1 AND provider.name = ? AND consumer.name = ? AND c.sha = ? ORDER BY v.id DESC LIMIT 1",
        provider, consumer, sha,
    )  # fmt: skip


def consumers_of(db: Database, provider: int) -> list[Row]:
    """Pacticipants with a pact with a provider, by name."""
    return db.fetch_all(
        """SELECT p.* FROM pacticipants p WHERE p.id IN (SELECT consumer FROM contents WHERE provider = ?)
           ORDER BY lower(p.name), p.name""",
        provider,
    )


def providers_of(db: Database, consumer: int) -> list[Row]:
    """Pacticipants that a consumer has a pact with."""
    return db.fetch_all(
        "SELECT * FROM pacticipants WHERE id IN (SELECT provider FROM contents WHERE consumer = ?)", consumer
    )


def publish(db: Database, version: Row, provider: Row, sha: str, document: str) -> None:
    """Store a content and its publication; the same content again changes nothing."""
    db.execute(
        "INSERT OR IGNORE INTO contents (consumer, provider, sha, json, created) VALUES (?, ?, ?, ?, ?)",
        version["pacticipant"], provider["id"], sha, document, now_microseconds(),
    )  # fmt: skip
    content = db.fetch_value(
        "SELECT id FROM contents WHERE consumer = ? AND provider = ? AND sha = ?",
        version["pacticipant"],
        provider["id"],
        sha,
    )
    before = db.fetch_one(
        "SELECT * FROM pacts WHERE version = ? AND provider = ? AND current = 1",
        version["id"],
        provider["id"],
    )
    if before and before["content"] == content:
        return
    if before:
        db.execute("UPDATE pacts SET current = 0 WHERE id = ?", before["id"])
    revision = before["revision"] + 1 if before else 1
    db.insert(
        "pacts",
        version=version["id"],
        provider=provider["id"],
        content=content,
        revision=revision,
        current=1,
        created=now_microseconds(),
    )


def add_result(db: Database, pact: Row, version: Row, body: dict[str, Any], *, wip: bool) -> int:
    """Store a verification result of a provider version; it is the one that counts from now on. Gives its number."""
    tags = [row["name"] for row in db.fetch_all("SELECT name FROM tags WHERE version = ?", version["id"])]
    db.execute(
        "UPDATE results SET current = 0 WHERE content = ? AND version = ?", pact["content"], version["id"]
    )
    tests = body.get("testResults")
    return db.insert(
        "results", content=pact["content"], version=version["id"], success=int(body["success"]),
        build_url=body.get("buildUrl"), test_results=None if tests is None else json.dumps(tests),
        verified_by=json.dumps(body.get("verifiedBy") or {}), wip=int(wip), tags=json.dumps(tags), current=1, created=now_microseconds(),
    )  # fmt: skip


SELECT_RESULT = """SELECT r.*, v.number AS version_number, pr.name AS provider_name FROM results r JOIN versions v ON v.id = r.version
    JOIN pacticipants pr ON pr.id = v.pacticipant"""


def latest_result(db: Database, content: int) -> Row | None:
    """The newest result for a content."""
    return db.fetch_one(f"{SELECT_RESULT} WHERE r.content = ? ORDER BY r.id DESC LIMIT 1", content)


def find_result(db: Database, content: int, number: int) -> Row | None:
    """A result by its number."""
    return db.fetch_one(f"{SELECT_RESULT} WHERE r.content = ? AND r.id = ?", content, number)
