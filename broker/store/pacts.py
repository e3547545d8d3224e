"""Queries and statements on pacts: each is the publication of a content by a consumer version."""

from __future__ import annotations

from typing import Any

from broker.database import Database, Row, now_microseconds
from broker.domain.json_document import decode_json

SELECT_PACT = """SELECT p.*, c.sha, c.json, v.number AS version_number, consumer.name AS consumer, provider.name AS provider_name,
    provider.id AS provider_id FROM pacts p JOIN contents c ON c.id = p.content
    JOIN versions v ON v.id = p.version JOIN pacticipants consumer ON consumer.id = p.consumer_id
    JOIN pacticipants provider ON provider.id = p.provider"""
SELECT_ENTRY = SELECT_PACT.replace(", c.json", "", 1)
"""Without the documents, which may be large."""

_PROVIDER = "(SELECT id FROM pacticipants WHERE name = ?1)"
_CONSUMER = "(SELECT id FROM pacticipants WHERE name = ?2)"
_VERSION = f"(SELECT id FROM versions WHERE pacticipant = {_CONSUMER} AND number = ?3)"
_IS_CURRENT = f"WHERE p.current = 1 AND p.provider = {_PROVIDER} AND p.consumer_id = {_CONSUMER}"
_CURRENT_OF_INTEGRATION = f"{SELECT_PACT} {_IS_CURRENT}"
_CURRENT_ENTRY = f"{SELECT_ENTRY} {_IS_CURRENT}"


def find_by_version(db: Database, provider: str, consumer: str, number: str) -> Row | None:
    """Return the current pact of a consumer version with a provider."""
    return db.fetch_one(f"{_CURRENT_OF_INTEGRATION} AND p.version = {_VERSION}", provider, consumer, number)


def find_entry_by_version(db: Database, provider: str, consumer: str, number: str) -> Row | None:
    """Return the current pact of a consumer version with a provider, without its document."""
    return db.fetch_one(f"{_CURRENT_ENTRY} AND p.version = {_VERSION}", provider, consumer, number)


def document_of(db: Database, content: int) -> dict[str, Any]:
    """Return the document of a content."""
    document: dict[str, Any] = decode_json(db.fetch_value("SELECT json FROM contents WHERE id = ?", content))
    return document


def find_by_id(db: Database, pact: int | None) -> Row | None:
    """Return a pact by its id, also one that was overwritten."""
    return db.fetch_one(f"{SELECT_PACT} WHERE p.id = ?", pact)


def list_for_version(db: Database, version: int) -> list[Row]:
    """Return all current pacts of a consumer version, without their documents."""
    return db.fetch_all(
        f"{SELECT_ENTRY} WHERE p.current = 1 AND p.version = ? ORDER BY provider.name", version
    )


def latest(db: Database, provider: str, consumer: str, tag: str | None = None) -> Row | None:
    """Return the pact of the newest version that has one, of those with the tag if one is given."""
    if tag is not None:
        return _newest_of_versions(
            db,
            "tags t",
            f"t.pacticipant_id = {_CONSUMER} AND t.name = ?3",
            "t.version",
            provider,
            consumer,
            tag,
        )
    return db.fetch_one(f"{_CURRENT_OF_INTEGRATION} ORDER BY p.version DESC LIMIT 1", provider, consumer)


def latest_of_all(db: Database) -> list[Row]:
    """Return the latest pact of each integration without its document, by names."""
    return db.fetch_all(
        f"""{SELECT_ENTRY} WHERE p.id IN (SELECT (SELECT n.id FROM pacts n WHERE n.provider = i.provider
            AND n.consumer_id = i.consumer AND n.current = 1 ORDER BY n.version DESC LIMIT 1) FROM integrations i)
            ORDER BY lower(consumer.name), lower(provider.name)"""
    )


def latest_on_branch(db: Database, provider: str, consumer: str, branch: str) -> Row | None:
    """Return the pact of the newest version on a branch that has one."""
    source = "branches b CROSS JOIN branch_versions bv ON bv.branch = b.id"
    condition = f"b.pacticipant = {_CONSUMER} AND b.name = ?3"
    return _newest_of_versions(db, source, condition, "bv.version", provider, consumer, branch)


def _newest_of_versions(
    db: Database, source: str, condition: str, version: str, provider: str, consumer: str, name: str
) -> Row | None:
    """Return the pact of the newest of the versions in `source`; those that have none are passed over."""
    # CROSS JOIN keeps the order of the tables: from the newest version of the source on, not through all pacts
    newest = f"""SELECT {version} FROM {source} CROSS JOIN pacts n ON n.version = {version}
        AND n.provider = {_PROVIDER} AND n.consumer_id = {_CONSUMER} AND n.current = 1
        WHERE {condition} ORDER BY {version} DESC LIMIT 1"""
    return db.fetch_one(f"{_CURRENT_OF_INTEGRATION} AND p.version = ({newest})", provider, consumer, name)


def latest_untagged(db: Database, provider: str, consumer: str) -> Row | None:
    """Return the pact of the newest version without tags that has one."""
    return db.fetch_one(
        f"""{_CURRENT_OF_INTEGRATION} AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.version = p.version)
            ORDER BY p.version DESC LIMIT 1""",
        provider, consumer,
    )  # fmt: skip


def find_by_sha(db: Database, provider: str, consumer: str, sha: str) -> Row | None:
    """Return the pact of the newest version with this content."""
    content = f"SELECT id FROM contents WHERE consumer = {_CONSUMER} AND provider = {_PROVIDER} AND sha = ?3"
    return db.fetch_one(
        f"{SELECT_PACT} WHERE p.current = 1 AND p.content = ({content}) ORDER BY p.version DESC LIMIT 1",
        provider, consumer, sha,
    )  # fmt: skip


def list_with_tag(db: Database, provider: int, consumer: int, tag: str) -> list[Row]:
    """Return the current pacts of all consumer versions with a tag, oldest first, without their documents."""
    return db.fetch_all(
        f"""{SELECT_ENTRY} WHERE p.current = 1 AND p.provider = ? AND p.consumer_id = ?
            AND p.version IN (SELECT version FROM tags WHERE pacticipant_id = p.consumer_id AND name = ?) ORDER BY p.version""",
        provider, consumer, tag,
    )  # fmt: skip


def consumers_of(db: Database, provider: int) -> list[Row]:
    """Return the pacticipants that have a pact with a provider, by name."""
    return db.fetch_all(
        """SELECT p.* FROM pacticipants p WHERE p.id IN (SELECT consumer FROM integrations WHERE provider = ?)
           ORDER BY lower(p.name), p.name""",
        provider,
    )


def publish(db: Database, version: Row, provider: Row, sha: str, json: str) -> None:
    """Store a content and its publication; publishing the same content again changes nothing."""
    content = _find_or_create_content(db, version["pacticipant"], provider["id"], sha, json)
    previous = db.fetch_one(
        "SELECT * FROM pacts WHERE version = ? AND provider = ? AND current = 1",
        version["id"],
        provider["id"],
    )
    if previous and previous["content"] == content:
        return
    if previous:
        db.update("pacts", previous["id"], current=0)
    db.insert(
        "pacts", version=version["id"], provider=provider["id"], content=content,
        revision=previous["revision"] + 1 if previous else 1, current=1, created=now_microseconds(),
    )  # fmt: skip


def _find_or_create_content(db: Database, consumer: int, provider: int, sha: str, json: str) -> int:
    # the first document of a content is kept, also if a later one has another layout
    content: int | None = db.fetch_value(
        "SELECT id FROM contents WHERE consumer = ? AND provider = ? AND sha = ?", consumer, provider, sha
    )
    if content is not None:
        return content
    return db.insert(
        "contents", consumer=consumer, provider=provider, sha=sha, json=json,
        created=now_microseconds(),
    )  # fmt: skip
