"""The broker's SQLite connections and their transactions.

In WAL mode with `synchronous=NORMAL` a killed process loses no committed transaction; only a power failure can.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from broker.migrations import SCHEMA_VERSION, SchemaError, migrate, schema_version
from broker.sqlite_errors import (
    DatabaseError,
    DatabaseUnavailableError,
    describe_failure,
    translated_errors,
)

LOCK_TIMEOUT_SECONDS = 15.0
"""How long a write waits for another process to release the write lock."""

STATEMENT_LOCK_TIMEOUT_MS = 50
"""How long one statement blocks the event loop to wait for a lock."""

READ_LOCK_TIMEOUT_MS = 5000
"""How long a read in a worker thread waits for another process that recovers the file."""

READ_CACHE_KIB = 512  # of each connection that only reads
DEFAULT_ENVIRONMENTS = (("test", "Test", 0), ("production", "Production", 1))
IN_MEMORY = ":memory:"

Row = sqlite3.Row


class Database:
    """The database file: one connection that writes, used in one thread, and one that reads for each other thread.

    Args:
        path: the file, created if it is missing; `:memory:` for a database that is not stored.

    Raises:
        DatabaseError: The file is not a database of a broker this old or older, or cannot be written.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = path
        self._thread = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._users = ExitStack()
        self._memory_lock = threading.RLock()
        try:
            _create_private_file(path)
            self._connection = _connect(str(path), int(LOCK_TIMEOUT_SECONDS * 1000))
        except sqlite3.Error as error:
            raise _unusable(path, error) from None
        try:
            # first, because the next statements write into the file, which may be that of another application
            schema_version(self._connection)
            # WAL lets others read during a write; SQLite ignores foreign keys unless they are switched on
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            migrate(self._connection)
            self._create_default_environments()
            self._connection.execute(f"PRAGMA busy_timeout = {STATEMENT_LOCK_TIMEOUT_MS}")
        except (sqlite3.Error, SchemaError, DatabaseUnavailableError) as error:
            self._connection.close()
            raise _unusable(path, error) from None

    def close(self) -> None:
        """End running reads, close what was registered with `close_before`, and close all connections."""
        for reader in self._readers:
            reader.interrupt()
        self._users.close()
        for connection in (*self._readers, self._connection):
            connection.close()

    def close_before(self, resource: Any) -> None:
        """Register a resource that is closed before the database."""
        self._users.callback(resource.close)

    @asynccontextmanager
    async def write_transaction(self) -> AsyncIterator[None]:
        """Run the block in a transaction that holds the write lock from its start.

        Of several concurrent writers one goes first and the next one reads its changes. The block must not await:
        all requests that write share the connection.

        Raises:
            DatabaseUnavailableError: The lock is not released in time, or the transaction cannot be written.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LOCK_TIMEOUT_SECONDS
        while True:
            try:
                # IMMEDIATE: a transaction that begins with a read cannot write after another writer has
                self.execute("BEGIN IMMEDIATE")
                break
            except DatabaseUnavailableError as error:
                if not error.is_locked or loop.time() > deadline:
                    raise
            await asyncio.sleep(0)  # other requests and signals are handled between two attempts
        with self._memory_lock, self._commit_or_roll_back():
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all queries of the block, in this thread, read one state of the database; the block cannot write.

        Raises:
            DatabaseUnavailableError: The file cannot be opened.
        """
        if str(self._path) == IN_MEMORY:
            # it exists in one connection only, so that reads and writes take turns
            with self._memory_lock:
                yield
            return
        reader = self._reader()
        with translated_errors:
            reader.execute("BEGIN")
        self._thread.connection = reader
        try:
            yield
        finally:
            self._thread.connection = None
            reader.rollback()

    def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        """Return every row of a query."""
        with translated_errors:
            return self._cursor(sql, values).fetchall()

    def fetch_one(self, sql: str, *values: Any) -> Row | None:
        """Return the first row of a query, or None."""
        with translated_errors:
            row: Row | None = self._cursor(sql, values).fetchone()
        return row

    def fetch_value(self, sql: str, *values: Any) -> Any:
        """Return the first column of the first row, or None."""
        row = self.fetch_one(sql, *values)
        return None if row is None else row[0]

    def execute(self, sql: str, *values: Any) -> int:
        """Run a statement and return the id of the last inserted row."""
        with translated_errors:
            return self._cursor(sql, values).lastrowid or 0

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

    def _cursor(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        connection: sqlite3.Connection = getattr(self._thread, "connection", None) or self._connection
        return connection.execute(sql, values)

    def _reader(self) -> sqlite3.Connection:
        """Return this thread's connection that only reads."""
        reader: sqlite3.Connection | None = getattr(self._thread, "reader", None)
        if reader is None:
            with translated_errors:
                reader = connect_read_only(
                    self._path, READ_LOCK_TIMEOUT_MS, f"cache_size = {-READ_CACHE_KIB}"
                )
            self._readers.append(reader)
            self._thread.reader = reader
        return reader

    @contextmanager
    def _commit_or_roll_back(self) -> Iterator[None]:
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            # SQLite has already rolled back after some errors, such as a full disk
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _create_default_environments(self) -> None:
        self.execute("BEGIN IMMEDIATE")
        with self._commit_or_roll_back():
            # a write that changes nothing: it fails for a file that could only be read
            self.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            # the sequence outlives its rows, so that environments which a user deleted do not come back
            if self.fetch_value("SELECT count(*) FROM sqlite_sequence WHERE name = 'environments'"):
                return
            now = now_microseconds()
            for name, display_name, production in DEFAULT_ENVIRONMENTS:
                self.insert(
                    "environments", uuid=str(uuid.uuid4()), name=name, display_name=display_name,
                    production=production, contacts="[]", created=now, updated=now,
                )  # fmt: skip


def connect_read_only(path: Path | str, lock_timeout_ms: int, *pragmas: str) -> sqlite3.Connection:
    """Return a connection to an existing file that reads only, also while a broker writes."""
    # mode=ro reports a write as a disk error in some cases; query_only names the reason
    return _connect(
        f"file:{quote(str(path))}?mode=ro", lock_timeout_ms, "query_only = ON", *pragmas, uri=True
    )


def _create_private_file(path: Path | str) -> None:
    """Create the file so that only its owner can read it; SQLite gives its other files the same mode."""
    if str(path) == IN_MEMORY:
        return
    # SQLite reports why a file cannot be created
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def now_microseconds() -> int:
    """Return the time in microseconds since 1970 (UTC)."""
    return time.time_ns() // 1000


def _connect(target: str, lock_timeout_ms: int, *pragmas: str, uri: bool = False) -> sqlite3.Connection:
    # no implicit transactions: sqlite3 begins one only at the first write, after the reads
    connection = sqlite3.connect(target, isolation_level=None, check_same_thread=False, uri=uri)
    try:
        connection.row_factory = sqlite3.Row
        for pragma in (f"busy_timeout = {lock_timeout_ms}", *pragmas):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _unusable(path: Path | str, error: Exception) -> DatabaseError:
    return DatabaseError(f"{path} cannot be used as a database: {describe_failure(error, path)}")
