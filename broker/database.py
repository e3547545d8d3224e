"""The broker's SQLite file: its tables, and transactions of which exactly one wins.

In WAL mode with `synchronous=NORMAL` a killed process loses nothing that was committed; only a power cut may.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another, in this process or elsewhere."""

SCHEMA_SQL = """
CREATE TABLE IF NOT EXISTS pacticipants (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, display_name TEXT, main_branch TEXT, repository_url TEXT,
    repository_name TEXT, repository_namespace TEXT, created INTEGER NOT NULL, updated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, pacticipant INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE,
    number TEXT NOT NULL, build_url TEXT, created INTEGER NOT NULL, UNIQUE (pacticipant, number));
CREATE TABLE IF NOT EXISTS branches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, pacticipant INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE,
    name TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE (pacticipant, name));
CREATE TABLE IF NOT EXISTS branch_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, branch INTEGER NOT NULL REFERENCES branches ON DELETE CASCADE,
    version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE, created INTEGER NOT NULL, UNIQUE (branch, version));
CREATE INDEX IF NOT EXISTS branch_versions_by_version ON branch_versions (version);
CREATE TABLE IF NOT EXISTS tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    name TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE (version, name));
CREATE INDEX IF NOT EXISTS tags_by_name ON tags (name, version);
CREATE TABLE IF NOT EXISTS contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, consumer INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE,
    provider INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE, sha TEXT NOT NULL, json TEXT NOT NULL,
    created INTEGER NOT NULL, UNIQUE (consumer, provider, sha));
CREATE INDEX IF NOT EXISTS contents_by_provider ON contents (provider, consumer);
CREATE TABLE IF NOT EXISTS pacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    provider INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE,
    content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE, revision INTEGER NOT NULL,
    current INTEGER NOT NULL, created INTEGER NOT NULL, UNIQUE (version, provider, revision));
CREATE INDEX IF NOT EXISTS pacts_by_content ON pacts (content);
CREATE INDEX IF NOT EXISTS pacts_by_provider ON pacts (provider, current, version);
CREATE TABLE IF NOT EXISTS results (
    id INTEGER PRIMARY KEY AUTOINCREMENT, content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE, success INTEGER NOT NULL, build_url TEXT,
    test_results TEXT, verified_by TEXT NOT NULL, wip INTEGER NOT NULL, tags TEXT NOT NULL, current INTEGER NOT NULL,
    created INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS results_by_content ON results (content, current, version);
CREATE TABLE IF NOT EXISTS environments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, display_name TEXT,
    production INTEGER NOT NULL, contacts TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS deployments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    environment INTEGER NOT NULL REFERENCES environments ON DELETE CASCADE, instance TEXT, created INTEGER NOT NULL,
    ended INTEGER);
CREATE INDEX IF NOT EXISTS deployments_by_environment ON deployments (environment, ended, kind);
CREATE INDEX IF NOT EXISTS deployments_by_version ON deployments (version);
"""

DEFAULT_ENVIRONMENTS = (("test", "Test", 0), ("production", "Production", 1))

Row = sqlite3.Row


class DatabaseError(Exception):
    """The file cannot be used as the broker's database."""


class Database:
    """One connection to the file; the broker runs all its statements in one thread.

    Args:
        path: the file, made if it is missing; `:memory:` for a broker that forgets.

    Raises:
        DatabaseError: the file is no database, or cannot be written.
    """

    def __init__(self, path: Path | str) -> None:
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            self._connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(SCHEMA_SQL)
            self._seed()
        except sqlite3.Error as error:
            raise DatabaseError(f"{path} cannot be used as a database: {error}") from None

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def write_transaction(self) -> Iterator[None]:
        """A write transaction, taken at once so that of several writers one goes first and the next sees its work."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        """Every row of a query."""
        return self._connection.execute(sql, values).fetchall()

    def fetch_one(self, sql: str, *values: Any) -> Row | None:
        """The first row of a query."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def fetch_value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.fetch_one(sql, *values)
        return None if row is None else row[0]

    def execute(self, sql: str, *values: Any) -> int:
        """Run a statement; gives the id of the row it made."""
        return self._connection.execute(sql, values).lastrowid or 0

    def insert(self, table: str, **values: Any) -> int:
        """Insert a row; gives its id."""
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        return self.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", *values.values())

    def _seed(self) -> None:
        with self.write_transaction():
            if self.fetch_value("SELECT count(*) FROM sqlite_sequence WHERE name = 'environments'"):
                return
            for name, display_name, production in DEFAULT_ENVIRONMENTS:
                self.insert(
                    "environments", uuid=str(uuid.uuid4()), name=name, display_name=display_name,
                    production=production, contacts="[]", created=now_microseconds(), updated=now_microseconds(),
                )  # fmt: skip


def now_microseconds() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def placeholders(values: Iterable[Any]) -> str:
    """Question marks for an IN list."""
    return ", ".join("?" for _ in values)
