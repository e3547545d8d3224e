"""Queries and statements on versions of pacticipants."""

from __future__ import annotations

from broker.database import Database, Row, now_microseconds
from broker.store import pacticipants

SELECT_VERSION = "SELECT v.*, p.name FROM versions v JOIN pacticipants p ON p.id = v.pacticipant"

_ON_BRANCH = """EXISTS (SELECT 1 FROM branch_versions bv JOIN branches b ON b.id = bv.branch
    WHERE bv.version = v.id AND b.name = ?)"""
_HAS_TAG = "EXISTS (SELECT 1 FROM tags t WHERE t.version = v.id AND t.name = ?)"


def find_version(db: Database, name: str, number: str) -> Row | None:
    """Return a version with the name of its pacticipant."""
    return db.fetch_one(f"{SELECT_VERSION} WHERE p.name = ? AND v.number = ?", name, number)


def find_by_id(db: Database, version: int | None) -> Row | None:
    """Return a version by its id."""
    return db.fetch_one(f"{SELECT_VERSION} WHERE v.id = ?", version)


def list_for_pacticipant(
    db: Database, pacticipant: int, *, branch: str | None = None, tag: str | None = None
) -> list[Row]:
    """Return the versions of a pacticipant, newest first; on the branch or with the tag if one is given."""
    conditions, values = ["v.pacticipant = ?"], list[object]([pacticipant])
    for condition, value in ((_ON_BRANCH, branch), (_HAS_TAG, tag)):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    return db.fetch_all(f"{SELECT_VERSION} WHERE {' AND '.join(conditions)} ORDER BY v.id DESC", *values)


def list_ids(db: Database, pacticipant: int) -> list[int]:
    """Return the ids of all versions of a pacticipant, newest first."""
    rows = db.fetch_all("SELECT id FROM versions WHERE pacticipant = ? ORDER BY id DESC", pacticipant)
    return [row["id"] for row in rows]


def find_or_create_version(db: Database, name: str, number: str) -> tuple[Row, bool]:
    """Return the version, created with its pacticipant if it is missing, and whether it was created."""
    version = find_version(db, name, number)
    if version:
        return version, False
    pacticipant = pacticipants.find_or_create(db, name)["id"]
    db.insert("versions", pacticipant=pacticipant, number=number, created=now_microseconds())
    version = find_version(db, name, number)
    if version is None:
        raise LookupError(number)
    return version, True


def latest_version(db: Database, name: str, tag: str | None = None) -> Row | None:
    """Return the version created last, of those with the tag if one is given."""
    pacticipant = "(SELECT id FROM pacticipants WHERE name = ?1)"
    if tag is None:
        newest = f"SELECT id FROM versions WHERE pacticipant = {pacticipant} ORDER BY id DESC LIMIT 1"
        return db.fetch_one(f"{SELECT_VERSION} WHERE v.id = ({newest})", name)
    newest = f"SELECT version FROM tags WHERE pacticipant_id = {pacticipant} AND name = ?2 ORDER BY version DESC LIMIT 1"
    return db.fetch_one(f"{SELECT_VERSION} WHERE v.id = ({newest})", name, tag)


def set_build_url(db: Database, version: int, build_url: str | None) -> None:
    """Set the build URL of a version."""
    db.update("versions", version, build_url=build_url)


def delete(db: Database, version: int) -> None:
    """Delete a version with its pacts, results, tags and deployments."""
    db.delete("versions", version)
