"""The broker's SQLite connection and its transactions.

In WAL mode with `synchronous=NORMAL` a killed process loses no committed transaction; only a power failure can.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from broker.schema import SCHEMA_SQL

LOCK_TIMEOUT_SECONDS = 15.0
"""How long a write waits for another process to release the write lock."""

STATEMENT_LOCK_TIMEOUT_MS = 50
"""How long one statement blocks the event loop to wait for a lock."""

UNAVAILABLE_REASONS = {
    sqlite3.SQLITE_BUSY: "another process holds its lock",
    sqlite3.SQLITE_LOCKED: "another connection holds its lock",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_IOERR: "reading or writing its file failed",
    sqlite3.SQLITE_CORRUPT: "its file is damaged",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened",
    sqlite3.SQLITE_PROTOCOL: "another process holds its lock",
    sqlite3.SQLITE_NOTADB: "its file is not a database",
}
"""By primary result code of SQLite; any other code is a defect of the broker."""

DEFAULT_ENVIRONMENTS = (("test", "Test", 0), ("production", "Production", 1))

Row = sqlite3.Row


class DatabaseError(Exception):
    """The file cannot be opened as the broker's database."""


class DatabaseUnavailableError(Exception):
    """The database cannot be read or written at the moment; the message names the reason."""

    def __init__(self, error: sqlite3.Error) -> None:
        reason = UNAVAILABLE_REASONS[_primary_code(error)]
        super().__init__(f"The broker's database is not available: {reason} ({error})")
        self.is_locked = _primary_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class Database:
    """One connection to the database file; the broker runs all statements in one thread.

    Args:
        path: the file, created if it is missing; `:memory:` for a database that is not stored.

    Raises:
        DatabaseError: The file is not a database, or cannot be written.
    """

    def __init__(self, path: Path | str) -> None:
        try:
            _create_private_file(path)
            # no implicit transactions: sqlite3 begins one only at the first write, after the reads
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            # long at the start, because another process may be creating the same tables
            self._connection.execute(f"PRAGMA busy_timeout = {int(LOCK_TIMEOUT_SECONDS * 1000)}")
            # WAL lets others read during a write; SQLite ignores foreign keys unless they are switched on
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(SCHEMA_SQL)
            self._create_default_environments()
            self._connection.execute(f"PRAGMA busy_timeout = {STATEMENT_LOCK_TIMEOUT_MS}")
        except (sqlite3.Error, DatabaseUnavailableError) as error:
            raise DatabaseError(f"{path} cannot be used as a database: {error}") from None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @asynccontextmanager
    async def write_transaction(self) -> AsyncIterator[None]:
        """Run the block in a transaction that holds the write lock from its start.

        Of several concurrent writers one goes first and the next one reads its changes. The block must not await:
        all requests share the connection.

        Raises:
            DatabaseUnavailableError: The lock is not released in time, or the transaction cannot be written.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LOCK_TIMEOUT_SECONDS
        while True:
            try:
                # IMMEDIATE: a transaction that begins with a read cannot write after another writer has
                self._run("BEGIN IMMEDIATE")
                break
            except DatabaseUnavailableError as error:
                if not error.is_locked or loop.time() > deadline:
                    raise
            await asyncio.sleep(0)  # other requests and signals are handled between two attempts
        with self._commit_or_roll_back():
            yield

    def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        """Return every row of a query."""
        return self._run(sql, values).fetchall()

    def fetch_one(self, sql: str, *values: Any) -> Row | None:
        """Return the first row of a query, or None."""
        row: Row | None = self._run(sql, values).fetchone()
        return row

    def fetch_value(self, sql: str, *values: Any) -> Any:
        """Return the first column of the first row, or None."""
        row = self.fetch_one(sql, *values)
        return None if row is None else row[0]

    def execute(self, sql: str, *values: Any) -> int:
        """Run a statement and return the id of the last inserted row."""
        return self._run(sql, values).lastrowid or 0

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

    def _run(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except sqlite3.DatabaseError as error:
            if _primary_code(error) in UNAVAILABLE_REASONS:
                raise DatabaseUnavailableError(error) from error
            raise

    @contextmanager
    def _commit_or_roll_back(self) -> Iterator[None]:
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            # SQLite has already rolled back after some errors, such as a full disk
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _create_default_environments(self) -> None:
        self._run("BEGIN IMMEDIATE")
        with self._commit_or_roll_back():
            # the sequence outlives its rows, so that environments which a user deleted do not come back
            if self.fetch_value("SELECT count(*) FROM sqlite_sequence WHERE name = 'environments'"):
                return
            now = now_microseconds()
            for name, display_name, production in DEFAULT_ENVIRONMENTS:
                self.insert(
                    "environments", uuid=str(uuid.uuid4()), name=name, display_name=display_name,
                    production=production, contacts="[]", created=now, updated=now,
                )  # fmt: skip


def _create_private_file(path: Path | str) -> None:
    """Create the file so that only its owner can read it; SQLite gives its other files the same mode."""
    if str(path) == ":memory:":
        return
    # of a file that cannot be created SQLite tells the reason
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _primary_code(error: sqlite3.Error) -> int:
    # the low byte of an extended result code is the primary one
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def now_microseconds() -> int:
    """Return the time in microseconds since 1970 (UTC)."""
    return time.time_ns() // 1000
