"""Times as they are read from the database."""

from __future__ import annotations

from datetime import UTC, datetime


def with_zone(timestamp: datetime) -> datetime:
    """Return a stored time with its zone, UTC, which SQLite does not store."""
    return timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)
