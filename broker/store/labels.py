"""Queries and statements on labels of pacticipants."""

from __future__ import annotations

from broker.database import Database, Row, now_microseconds


def list_names(db: Database) -> list[Row]:
    """Return the distinct labels by name."""
    return db.fetch_all("SELECT DISTINCT name FROM labels ORDER BY name")


def labels_of(db: Database, pacticipant: int) -> list[Row]:
    """Return the labels of a pacticipant, oldest first."""
    return db.fetch_all("SELECT * FROM labels WHERE pacticipant = ? ORDER BY id", pacticipant)


def find(db: Database, pacticipant: int, name: str) -> Row | None:
    """Return a label of a pacticipant."""
    return db.fetch_one("SELECT * FROM labels WHERE pacticipant = ? AND name = ?", pacticipant, name)


def pacticipants_with(db: Database, name: str) -> list[Row]:
    """Return the pacticipants with a label, by name."""
    return db.fetch_all(
        """SELECT p.* FROM pacticipants p JOIN labels l ON l.pacticipant = p.id WHERE l.name = ?
           ORDER BY lower(p.name), p.name""",
        name,
    )


def add(db: Database, pacticipant: int, name: str) -> bool:
    """Label a pacticipant and return whether the label is new to it."""
    if find(db, pacticipant, name):
        return False
    db.insert("labels", pacticipant=pacticipant, name=name, created=now_microseconds())
    return True


def delete(db: Database, label: int) -> None:
    """Remove a label of a pacticipant."""
    db.delete("labels", label)
