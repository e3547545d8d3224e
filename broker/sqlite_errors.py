"""Errors of SQLite in words: what keeps the database file from being used."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

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

LOCKED_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
FILE_CODES = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
"""Codes whose cause is mostly the file or its folder."""


class DatabaseError(Exception):
    """The file cannot be opened as the broker's database."""


class DatabaseUnavailableError(Exception):
    """The database cannot be read or written at the moment; the message names the reason."""

    def __init__(self, error: sqlite3.Error) -> None:
        reason = UNAVAILABLE_REASONS[primary_code(error)]
        super().__init__(f"The broker's database is not available: {reason} ({error})")
        self.error = error
        self.is_locked = primary_code(error) in LOCKED_CODES


class TranslatedErrors:
    """A block in which an error of SQLite that is no defect of the broker becomes DatabaseUnavailableError."""

    # no generator, which would take a tenth of the time of a statement
    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Translate the error that has ended the block."""
        if isinstance(error, sqlite3.DatabaseError) and primary_code(error) in UNAVAILABLE_REASONS:
            raise DatabaseUnavailableError(error) from error


translated_errors = TranslatedErrors()


def primary_code(error: sqlite3.Error) -> int:
    """Return the primary result code, which is the low byte of an extended one."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def describe_failure(error: Exception, path: Path | str) -> str:
    """Return why a file cannot be used as a database, in one line.

    Args:
        error: an error of SQLite, or another one, whose text is returned.
        path: the file.
    """
    if isinstance(error, DatabaseUnavailableError):
        error = error.error
    code = primary_code(error) if isinstance(error, sqlite3.Error) else None
    if code not in UNAVAILABLE_REASONS:
        return str(error)
    reason = _describe_file(Path(path)) if code in FILE_CODES else None
    if code == sqlite3.SQLITE_CORRUPT:
        reason = "its file is damaged: restore a backup"
    return f"{reason or UNAVAILABLE_REASONS[code]} ({error})"


def _describe_file(path: Path) -> str | None:
    """Return what is wrong with a file or its folder, for this user; None if nothing is."""
    folder = path.absolute().parent
    # a folder that may not be searched raises
    with suppress(OSError):
        if path.is_dir():
            return "it is a folder: name a file in it"
        if not folder.is_dir():
            return f"there is no folder {folder}"
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            return "this user may not read and write it"
    # SQLite creates files beside the database
    return None if os.access(folder, os.W_OK | os.X_OK) else f"this user may not create files in {folder}"
