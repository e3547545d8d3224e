"""Controls the SQLite database of a service: moves time in it, hides a table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

LOCK_TIMEOUT_SECONDS = 60.0
SQL_FORMAT = "%Y-%m-%d %H:%M:%S.%f"


def age_call_records(database: Path, call_id: str, age: timedelta) -> None:
    """Move the time at which the records of a call were written into the past."""
    with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_SECONDS)) as connection, connection:
        values = [(datetime.now(UTC) - age).strftime(SQL_FORMAT), call_id]
        changed = connection.execute("UPDATE call_records SET recorded_at = ? WHERE call_id = ?", values)
        assert changed.rowcount == 1


def age_recordings(database: Path, call_id: str, age: timedelta) -> None:
    """Move the start of the recordings of a call, and their end, into the past."""
    with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_SECONDS)) as connection, connection:
        time = (datetime.now(UTC) - age).strftime(SQL_FORMAT)
        statement = "UPDATE recordings SET started_at = ?, stopped_at = ? WHERE call_id = ?"
        assert connection.execute(statement, [time, time, call_id]).rowcount == 1


def age_api_key(database: Path, key_id: str, age: timedelta) -> None:
    """Move the expiry of an API key into the past."""
    with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_SECONDS)) as connection, connection:
        [[expires_at]] = connection.execute("SELECT expires_at FROM api_keys WHERE key_id = ?", [key_id])
        moved = datetime.strptime(expires_at, SQL_FORMAT).replace(tzinfo=UTC) - age
        values = [moved.strftime(SQL_FORMAT), key_id]
        connection.execute("UPDATE api_keys SET expires_at = ? WHERE key_id = ?", values)


@contextmanager
def hidden_table(database: Path, table: str) -> Iterator[None]:
    """Rename a table, so that every statement about it fails, for the duration of the block."""
    with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_hidden")
        try:
            yield
        finally:
            connection.execute(f"ALTER TABLE {table}_hidden RENAME TO {table}")
