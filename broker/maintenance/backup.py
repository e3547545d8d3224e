"""Copies of the database: a backup while the broker runs, and its restore while it does not."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from broker.database import connect_read_only
from broker.migrations import SchemaError, require_schema
from broker.sqlite_errors import LOCKED_CODES, describe_failure, primary_code

LOCK_TIMEOUT_MS = 5000
COMPANIONS = ("", "-wal", "-shm")
"""A database in WAL mode consists of up to three files with these suffixes."""


class BackupError(Exception):
    """The copy cannot be made; the message says why and what to do."""


def back_up(database: Path, target: Path) -> None:
    """Write a consistent copy of a database, also while a broker writes to it; the target appears only when complete.

    Raises:
        BackupError: The target exists, or one of the files cannot be used.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: give another name, or remove it")
    if not database.exists():
        raise BackupError(f"{database} does not exist")
    with _reported(database, target):
        _copy(database, target)


def restore(backup: Path, database: Path) -> Path | None:
    """Replace a database by a backup; return where the previous one is kept, None if there was none.

    Raises:
        BackupError: The backup is not one, or a broker uses the database.
    """
    if not backup.exists():
        raise BackupError(f"{backup} does not exist")
    if database.is_dir():
        raise BackupError(f"{database} is a folder: name a file in it")
    with _reported(backup, database):
        # first: the previous database stays in its place if the backup is not usable
        copy = database.with_name(f"{database.name}.restoring")
        _copy(backup, copy)
        try:
            kept = _move_aside(database) if database.exists() else None
            copy.replace(database)
        finally:
            copy.unlink(missing_ok=True)
        _sync_folder(database)
    return kept


def _copy(source: Path, target: Path) -> None:
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    # pacts and webhooks may hold secrets, so only the owner can read the copy
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            closing(connect_read_only(source, LOCK_TIMEOUT_MS)) as reader,
            closing(_writer(partial)) as writer,
        ):
            require_schema(reader)
            # in one step, which is one state of the database: writers do not wait for readers in WAL mode
            reader.backup(writer, pages=-1)
            problem = writer.execute("PRAGMA quick_check(1)").fetchone()[0]
            if problem != "ok":
                raise sqlite3.DatabaseError(f"it is damaged: {problem}")
            # one file, without a WAL beside it, can be copied by any program
            writer.execute("PRAGMA journal_mode = DELETE")
        _sync(partial)
        partial.replace(target)
        _sync_folder(target)
    finally:
        for suffix in COMPANIONS:
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _move_aside(database: Path) -> Path:
    _check_is_unused(database)
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    kept = database.with_name(f"{database.name}.replaced-{time}")
    for suffix in COMPANIONS:
        file = database.with_name(database.name + suffix)
        if file.exists():
            file.rename(kept.with_name(kept.name + suffix))
    return kept


def _check_is_unused(database: Path) -> None:
    """Raise BackupError if another process has the database open; a file that is no database is not in use."""
    try:
        with closing(_writer(database)) as connection:
            # leaving the WAL mode needs to be alone; it also writes the WAL into the file that is kept
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        if primary_code(error) in LOCKED_CODES:
            raise BackupError(f"a broker uses {database}: stop it first") from None


def _writer(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=0.5)


@contextmanager
def _reported(source: Path, target: Path) -> Iterator[None]:
    try:
        yield
    except (SchemaError, sqlite3.DatabaseError) as error:
        reason = describe_failure(error, source)
        raise BackupError(f"{source} cannot be copied to {target}: {reason}") from None
    except OSError as error:
        raise BackupError(f"{error.filename or target}: {error.strerror}") from None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(path: Path) -> None:
    # the new name of a file survives a power failure only with its folder
    _sync(path.absolute().parent)
