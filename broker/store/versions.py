"""Queries and statements on versions of pacticipants."""

from __future__ import annotations

from broker.database import Database, Row, now_microseconds
from broker.store import pacticipants
from broker.store.row_list import RowList

SELECT_VERSION = "SELECT v.*, p.name FROM versions v JOIN pacticipants p ON p.id = v.pacticipant"

# IN instead of EXISTS: the versions of one branch or tag are looked up, not all versions are walked through
_ON_BRANCH = """v.id IN (SELECT bv.version FROM branch_versions bv JOIN branches b ON b.id = bv.branch
    WHERE b.pacticipant = ?1 AND b.name = ?2)"""
_HAS_TAG = "v.id IN (SELECT version FROM tags WHERE pacticipant_id = ?1 AND name = ?2)"


def find_version(db: Database, name: str, number: str) -> Row | None:
    """Return a version with the name of its pacticipant."""
    return db.fetch_one(f"{SELECT_VERSION} WHERE p.name = ? AND v.number = ?", name, number)


def find_by_id(db: Database, version: int | None) -> Row | None:
    """Return a version by its id."""
    return db.fetch_one(f"{SELECT_VERSION} WHERE v.id = ?", version)


def list_for_pacticipant(
    db: Database, pacticipant: int, *, branch: str | None = None, tag: str | None = None
) -> RowList:
    """Return the versions of a pacticipant, newest first; on the branch or with the tag if one is given."""
    condition, values = "v.pacticipant = ?1", list[object]([pacticipant])
    name = tag if branch is None else branch
    if name is not None:
        condition += f" AND {_HAS_TAG if branch is None else _ON_BRANCH}"
        values.append(name)
    return RowList(db, SELECT_VERSION, condition, "v.id DESC", values)


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
