"""Queries and statements on pacticipants."""

from __future__ import annotations

from typing import Any

from broker.database import Database, Row, now_microseconds
from broker.domain.pacticipant_names import display_name

MAIN_BRANCHES = ("develop", "main", "master")


def find_by_name(db: Database, name: str) -> Row | None:
    """Return a pacticipant by its case-sensitive name."""
    return db.fetch_one("SELECT * FROM pacticipants WHERE name = ?", name)


def list_all(db: Database) -> list[Row]:
    """Return all pacticipants, by name without regard to case."""
    return db.fetch_all("SELECT * FROM pacticipants ORDER BY lower(name), name")


def list_with_versions(db: Database, text: str) -> list[Row]:
    """Return the pacticipants that have a version and a text in their name, in any case; by name."""
    rows = db.fetch_all(
        """SELECT p.* FROM pacticipants p WHERE EXISTS (SELECT 1 FROM versions v WHERE v.pacticipant = p.id)
           ORDER BY lower(p.name), p.name"""
    )
    # not LIKE, which knows upper and lower case of ASCII letters only
    return [row for row in rows if text.lower() in row["name"].lower()]


def list_by_ids(db: Database, ids: set[int]) -> list[Row]:
    """Return the pacticipants with these ids."""
    placeholders = ", ".join("?" * len(ids))
    return db.fetch_all(f"SELECT * FROM pacticipants WHERE id IN ({placeholders})", *sorted(ids))


def find_or_create(db: Database, name: str) -> Row:
    """Return the pacticipant, created if it is missing."""
    now = now_microseconds()
    db.execute(
        "INSERT OR IGNORE INTO pacticipants (name, display_name, created, updated) VALUES (?, ?, ?, ?)",
        name, display_name(name), now, now,
    )  # fmt: skip
    pacticipant = find_by_name(db, name)
    if pacticipant is None:
        raise LookupError(name)
    return pacticipant


def update(db: Database, pacticipant: int, columns: dict[str, Any]) -> None:
    """Set columns of a pacticipant and its time of update."""
    db.update("pacticipants", pacticipant, **columns, updated=now_microseconds())


def delete(db: Database, pacticipant: int) -> None:
    """Delete a pacticipant with its versions, pacts and results."""
    db.delete("pacticipants", pacticipant)


def detect_main_branch(db: Database, pacticipant: int, name: str) -> None:
    """Set the main branch of a pacticipant that has none, if the name is a usual one."""
    # detected once and never changed afterwards, as at the official broker
    if name in MAIN_BRANCHES:
        db.execute(
            "UPDATE pacticipants SET main_branch = ? WHERE id = ? AND main_branch IS NULL", name, pacticipant
        )
