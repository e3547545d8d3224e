"""The broker's SQLite connection and its transactions.

In WAL mode with `synchronous=NORMAL` a killed process loses no committed transaction; only a power failure can.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from broker.schema import SCHEMA_SQL

BUSY_TIMEOUT_MS = 15_000
"""Milliseconds a writer waits for another writer, in this process or in another one."""

DEFAULT_ENVIRONMENTS = (("test", "Test", 0), ("production", "Production", 1))

Row = sqlite3.Row


class DatabaseError(Exception):
    """The file cannot be opened as the broker's database."""


class Database:
    """One connection to the database file; the broker runs all statements in one thread.

    Args:
        path: the file, created if it is missing; `:memory:` for a database that is not stored.

    Raises:
        DatabaseError: The file is not a database, or cannot be written.
    """

    def __init__(self, path: Path | str) -> None:
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            self._connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(SCHEMA_SQL)
            self._create_default_environments()
        except sqlite3.Error as error:
            raise DatabaseError(f"{path} cannot be used as a database: {error}") from None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def write_transaction(self) -> Iterator[None]:
        """Run the block in a transaction that holds the write lock from its start.

        Of several concurrent writers one goes first and the next one reads its changes.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        """Return every row of a query."""
        return self._connection.execute(sql, values).fetchall()

    def fetch_one(self, sql: str, *values: Any) -> Row | None:
        """Return the first row of a query, or None."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def fetch_value(self, sql: str, *values: Any) -> Any:
        """Return the first column of the first row, or None."""
        row = self.fetch_one(sql, *values)
        return None if row is None else row[0]

    def execute(self, sql: str, *values: Any) -> int:
        """Run a statement and return the id of the last inserted row."""
        return self._connection.execute(sql, values).lastrowid or 0

    def insert(self, table: str, **values: Any) -> int:
        """Insert a row and return its id."""
        columns, placeholders = ", ".join(values), ", ".join("?" * len(values))
        return self.execute(f"INSERT INTO {table} ({columns}) VALUES ({placeholders})", *values.values())

    def update(self, table: str, row_id: int, **values: Any) -> None:
        """Set columns of the row with an id."""
        assignments = ", ".join(f"{column} = ?" for column in values)
        self.execute(f"UPDATE {table} SET {assignments} WHERE id = ?", *values.values(), row_id)

    def delete(self, table: str, row_id: int) -> None:
        """Delete the row with an id, and by foreign keys all that belongs to it."""
        self.execute(f"DELETE FROM {table} WHERE id = ?", row_id)

    def _create_default_environments(self) -> None:
        with self.write_transaction():
            if self.fetch_value("SELECT count(*) FROM sqlite_sequence WHERE name = 'environments'"):
                return
            for name, display_name, production in DEFAULT_ENVIRONMENTS:
                self.insert(
                    "environments", uuid=str(uuid.uuid4()), name=name, display_name=display_name,
                    production=production, contacts="[]", created=now_microseconds(), updated=now_microseconds(),
                )  # fmt: skip


def now_microseconds() -> int:
    """Return the time in microseconds since 1970 (UTC)."""
    return time.time_ns() // 1000
