"""Empty in-memory databases."""

from __future__ import annotations

import sqlite3
from functools import cache

import pytest

from broker.database import Database
from broker.migrations import migrate


def memory_database() -> Database:
    """Return a database with the newest schema that is not stored: a copy, because the migrations take 5 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("broker.database.migrate", _migrated().backup)
        return Database(":memory:")


@cache
def _migrated() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate(connection)
    return connection
