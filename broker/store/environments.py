"""Queries and statements on environments."""

from __future__ import annotations

from typing import Any

from broker.database import Database, Row, now_microseconds


def find_by_uuid(db: Database, identifier: str) -> Row | None:
    """Return an environment by its UUID."""
    return db.fetch_one("SELECT * FROM environments WHERE uuid = ?", identifier)


def find_by_name(db: Database, name: str) -> Row | None:
    """Return an environment by its name."""
    return db.fetch_one("SELECT * FROM environments WHERE name = ?", name)


def list_all(db: Database) -> list[Row]:
    """Return all environments, by display name."""
    return db.fetch_all("SELECT * FROM environments ORDER BY lower(coalesce(display_name, name)), name")


def create(db: Database, identifier: str, columns: dict[str, Any]) -> None:
    """Insert an environment."""
    now = now_microseconds()
    db.insert("environments", uuid=identifier, **columns, created=now, updated=now)


def update(db: Database, environment: int, columns: dict[str, Any]) -> None:
    """Set columns of an environment and its time of update."""
    db.update("environments", environment, **columns, updated=now_microseconds())


def delete(db: Database, environment: int) -> None:
    """Delete an environment with its deployments and releases."""
    db.delete("environments", environment)
