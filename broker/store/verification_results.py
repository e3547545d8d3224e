"""Queries and statements on verification results, which belong to pact contents."""

from __future__ import annotations

from typing import Any

from broker.database import Database, Row, now_microseconds
from broker.domain.json_document import encode_json

SELECT_RESULT = """SELECT r.*, v.number AS version_number, pr.name AS provider_name FROM results r JOIN versions v ON v.id = r.version
    JOIN pacticipants pr ON pr.id = v.pacticipant"""


def add_result(db: Database, pact: Row, version: Row, body: dict[str, Any], *, wip: bool) -> int:
    """Store a result of a provider version, which replaces its earlier ones; return the result's number."""
    # stored with the result: the WIP rule looks at the tags that a version had when it was verified
    tags = [row["name"] for row in db.fetch_all("SELECT name FROM tags WHERE version = ?", version["id"])]
    db.execute(
        "UPDATE results SET current = 0 WHERE content = ? AND version = ? AND current = 1",
        pact["content"],
        version["id"],
    )
    test_results = body.get("testResults")
    return db.insert(
        "results", content=pact["content"], version=version["id"], success=int(body["success"]),
        build_url=body.get("buildUrl"), test_results=None if test_results is None else encode_json(test_results),
        verified_by=encode_json(body.get("verifiedBy") or {}), wip=int(wip), tags=encode_json(tags), current=1, created=now_microseconds(),
    )  # fmt: skip


def latest_result(db: Database, content: int) -> Row | None:
    """Return the newest result for a pact content."""
    return db.fetch_one(f"{SELECT_RESULT} WHERE r.content = ? ORDER BY r.id DESC LIMIT 1", content)


def find_result(db: Database, content: int, number: int) -> Row | None:
    """Return a result for a pact content by its number."""
    return db.fetch_one(f"{SELECT_RESULT} WHERE r.content = ? AND r.id = ?", content, number)


def latest_result_of_version(db: Database, content: int, version: int) -> Row | None:
    """Return the newest result of a provider version for a pact content."""
    return db.fetch_one(
        f"{SELECT_RESULT} WHERE r.content = ? AND r.version = ? ORDER BY r.id DESC LIMIT 1", content, version
    )


def latest_result_before(db: Database, pact: Row) -> Row | None:
    """Return the newest result for an earlier pact of the same integration."""
    return db.fetch_one(
        f"""{SELECT_RESULT} WHERE r.content IN (SELECT p.content FROM pacts p
            WHERE p.provider = ? AND p.consumer_id = ? AND p.version < ?) ORDER BY r.id DESC LIMIT 1""",
        pact["provider_id"], pact["consumer_id"], pact["version"],
    )  # fmt: skip


def list_for_content(db: Database, content: int, limit: int) -> list[Row]:
    """Return the newest results for a pact content."""
    return db.fetch_all(f"{SELECT_RESULT} WHERE r.content = ? ORDER BY r.id DESC LIMIT ?", content, limit)


def delete(db: Database, result: Row) -> None:
    """Delete a result; the newest of the others of its provider version counts again."""
    db.delete("results", result["id"])
    newest = db.fetch_value(
        "SELECT max(id) FROM results WHERE content = ? AND version = ?", result["content"], result["version"]
    )
    if newest is not None:
        db.update("results", newest, current=1)
