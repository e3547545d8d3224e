"""Upgrades a database at start-up; concurrent processes wait for each other."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect

FIRST_REVISION = "0001"
"""The schema that versions without migrations created."""
ADVISORY_LOCK_KEY = 6_470_221
"""Any number; all processes of this service use the same."""


def upgrade_schema(connection: Connection) -> None:
    """Upgrade to the latest revision, in the connection's transaction.

    A database that has the tables but no `alembic_version` was created by a version without migrations: it is
    marked as being at the first revision.
    """
    # before the tables are read, or two processes that start at once would both find none
    _lock(connection)
    config = Config()
    # doubled, because the configuration interpolates `%`
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    tables = inspect(connection).get_table_names()
    if "users" in tables and "alembic_version" not in tables:
        command.stamp(config, FIRST_REVISION)
    command.upgrade(config, "head")


def _lock(connection: Connection) -> None:
    """Wait for other processes; the lock ends with the transaction."""
    if connection.dialect.name == "sqlite":
        # sqlite3 starts a transaction before the first write only, which is too late: both processes have read.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK_KEY})")
