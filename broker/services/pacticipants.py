"""Create and change pacticipants."""

from __future__ import annotations

from typing import Any

from broker.database import Database
from broker.store import pacticipants


def create(db: Database, name: str, columns: dict[str, Any]) -> None:
    """Create a pacticipant; an existing one stays unchanged."""
    if pacticipants.find_by_name(db, name) is None:
        create_or_update(db, name, columns)


def create_or_update(db: Database, name: str, columns: dict[str, Any]) -> bool:
    """Set columns of a pacticipant, created if it is missing; return whether it was created."""
    known = pacticipants.find_by_name(db, name)
    pacticipant = known or pacticipants.find_or_create(db, name)
    if columns:
        pacticipants.update(db, pacticipant["id"], columns)
    return known is None
