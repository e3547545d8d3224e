"""A database that does not respond or does not accept writes is reported as unavailable, in time."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from orchestrator.persistence.database import Database, DatabaseUnavailableError, UnstorableValueError
from orchestrator.persistence.tables import UserRow
from tests.postgresql_server import PostgresqlServer

MAX_SECONDS = 8.0
TERMINATE_OTHERS = """
SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
"""Ends the other connections, and waits until they are closed."""


async def add_users(database: Database, statement: str, *password_hashes: str) -> None:
    """Run a statement and add users of the same address in one transaction."""
    async with database.transaction() as db_session:
        await db_session.execute(text(statement))
        for number, password_hash in enumerate(password_hashes):
            db_session.add(
                UserRow(
                    user_id=str(number), email="same", password_hash=password_hash, roles=[], hotel_ids=None
                )
            )


async def test_stopped_postgresql_raises_in_time(postgresql: PostgresqlServer) -> None:
    """Both for a pooled connection and for new ones, more than the pool has."""
    database = Database(postgresql.url)
    await database.upgrade_schema()
    await database.ping()
    with postgresql.stopped():
        started = time.monotonic()
        results = await asyncio.gather(*(database.ping() for _ in range(20)), return_exceptions=True)
        elapsed = time.monotonic() - started
    await database.ping()
    await database.close()

    assert {type(result) for result in results} == {DatabaseUnavailableError}
    assert elapsed < MAX_SECONDS


async def test_connections_that_a_restarted_postgresql_has_closed_are_replaced(
    postgresql: PostgresqlServer,
) -> None:
    """No request fails after a restart, of which all connections of the pool are closed."""
    database, other = Database(postgresql.url), Database(postgresql.url)
    await asyncio.gather(*(database.ping() for _ in range(3)))
    async with other.autocommit() as connection:
        closed = await connection.scalars(text(TERMINATE_OTHERS))

    results = await asyncio.gather(*(database.ping() for _ in range(3)), return_exceptions=True)
    await other.close()
    await database.close()

    assert (closed.all(), results) == ([True] * 3, [None] * 3)


async def test_read_only_postgresql_is_not_writable(postgresql: PostgresqlServer) -> None:
    """It responds, which is not enough."""
    database = Database(postgresql.url)
    await database.upgrade_schema()
    await database.check_writable()
    async with database.engine.connect() as connection:
        name = await connection.scalar(text("SELECT current_database()"))
        await connection.commit()
        # The setting is for new connections: this one can take it back.
        await connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        await connection.commit()
        read_only = Database(postgresql.url)
        await read_only.ping()

        with pytest.raises(DatabaseUnavailableError):
            await read_only.check_writable()

        await connection.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
        await connection.commit()
    await read_only.close()
    await database.close()


async def test_read_only_sqlite_is_not_writable(tmp_path: Path) -> None:
    """It responds, which is not enough."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/x.sqlite")
    await database.upgrade_schema()
    await database.check_writable()
    await database.close()
    read_only = Database(f"sqlite+aiosqlite:///file:{tmp_path}/x.sqlite?mode=ro&uri=true")
    await read_only.ping()

    with pytest.raises(DatabaseUnavailableError):
        await read_only.check_writable()
    await read_only.close()


async def test_reader_of_sqlite_does_not_block_a_write(tmp_path: Path) -> None:
    """Whoever looks into the file, such as a backup, must not make the end of a call fail."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/x.sqlite")
    await database.upgrade_schema()
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM write_probe").fetchall()

        await database.check_writable()
    await database.close()


async def test_full_sqlite_raises(tmp_path: Path) -> None:
    """SQLITE_FULL, here because the file has reached its maximum of pages."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/x.sqlite")
    await database.upgrade_schema()

    with pytest.raises(DatabaseUnavailableError):
        await add_users(database, "PRAGMA max_page_count = 1", "x" * 100_000)
    await database.close()


async def test_errors_of_statements_and_of_the_block_are_not_translated(database: Database) -> None:
    """Only the database's own failures make it unavailable."""
    for error in (ValueError, KeyError):
        with pytest.raises(error):
            async with database.transaction():
                raise error
    with pytest.raises(IntegrityError):
        await add_users(database, "SELECT 1", "x", "x")


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        ("SELECT cast(:value AS varchar)", {"value": "\0"}),
        ("SELECT cast(:value AS integer)", {"value": 10**30}),
        ("SELECT cast(:value AS varchar)", {"value": "\ud800"}),
        ("SELECT 1 / :value", {"value": 0}),
        ("SELECT cast('10000-13-99' AS date)", {}),
    ],
)
async def test_unstorable_value_is_not_an_outage(
    postgresql: PostgresqlServer, statement: str, parameters: dict[str, object]
) -> None:
    """PostgreSQL and its driver reject it; neither an alert nor a later attempt would help."""
    outages: list[int] = []
    database = Database(postgresql.url, on_unavailable=lambda: outages.append(1))
    with pytest.raises(UnstorableValueError):
        async with database.transaction() as db_session:
            await db_session.execute(text(statement), parameters)
    await database.close()

    assert outages == []
