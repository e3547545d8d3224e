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


def make_outbound_call_due(database: Path, call_id: str, delay: timedelta = timedelta(0)) -> None:
    """Move the time of a call that waits, or of its next attempt, into the past."""
    due_at = (datetime.now(UTC) - delay).strftime(SQL_FORMAT)
    _change_outbound_call(database, call_id, due_at=due_at, next_attempt_at=due_at)


def leave_outbound_call_dialling(database: Path, call_id: str) -> None:
    """Make a call that waits look as a process leaves it that is killed while the telephone rings."""
    expired = (datetime.now(UTC) - timedelta(seconds=1)).strftime(SQL_FORMAT)
    _change_outbound_call(
        database, call_id, status="dialling", attempts=1, lease_until=expired, lease_token="killed"
    )


def _change_outbound_call(database: Path, call_id: str, **values: str | int) -> None:
    columns = ", ".join(f"{name} = ?" for name in values)
    # the columns are those of the two functions above
    statement = f"UPDATE outbound_calls SET {columns} WHERE call_id = ? AND status = 'scheduled'"  # noqa: S608
    with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_SECONDS)) as connection, connection:
        assert connection.execute(statement, [*values.values(), call_id]).rowcount == 1


@contextmanager
def hidden_table(database: Path, table: str) -> Iterator[None]:
    """Rename a table, so that every statement about it fails, for the duration of the block."""
    with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_hidden")
        try:
            yield
        finally:
            connection.execute(f"ALTER TABLE {table}_hidden RENAME TO {table}")
