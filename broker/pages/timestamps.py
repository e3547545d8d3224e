"""Times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime


def format_time(microseconds: int) -> str:
    """Return a time (microseconds since 1970) in minutes."""
    return datetime.fromtimestamp(microseconds / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")
