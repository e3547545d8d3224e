"""The database engine and its transactions."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import NullPool, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from orchestrator.persistence.migrations.upgrade import upgrade_schema
from orchestrator.persistence.tables import WriteProbeRow
from orchestrator.persistence.upsert import upsert

TIMEOUT_SECONDS = 2.0
"""Limit of connecting to PostgreSQL, of one statement, and of waiting for a free connection."""
SQLITE_LOCK_TIMEOUT_SECONDS = 5.0
"""Limit of waiting for SQLite's only write lock, which is unfair: a writer can lose many times under load."""
UPGRADE_TIMEOUT_SECONDS = 60.0
"""Limit of one statement of a migration, including the wait for a process that upgrades the same database."""
SQLITE_THREAD_JOIN_SECONDS = 1.0
"""Limit of the wait for one worker thread of aiosqlite."""


class DatabaseUnavailableError(Exception):
    """The database cannot be reached, does not respond in time, or does not accept writes."""


class UnstorableValueError(Exception):
    """The database works, and cannot store a value: a text is too long or contains NUL, or a number is too large."""


class Database:
    """A database with its connection pool.

    Args:
        url: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`.
        timeout_seconds: the limit of connecting to PostgreSQL, of one statement, and of waiting for a free connection.
        on_unavailable: is called for each transaction that the database failed.
    """

    def __init__(
        self,
        url: str,
        timeout_seconds: float = TIMEOUT_SECONDS,
        on_unavailable: Callable[[], None] = lambda: None,
    ) -> None:
        self._url = url
        self._on_unavailable = on_unavailable
        is_postgresql = make_url(url).get_backend_name() == "postgresql"
        # SQLAlchemy rejects pool_timeout for the pool of a SQLite database in memory
        pool_options: dict[str, Any] = {"pool_timeout": timeout_seconds} if is_postgresql else {}
        self.engine: AsyncEngine = create_async_engine(
            url, connect_args=_connect_args(url, timeout_seconds), **pool_options
        )
        self._autocommit_engine = self.engine
        if is_postgresql:
            event.listen(self.engine.sync_engine, "checkout", _reject_closed_connection)
            # BEGIN and COMMIT are two of three round trips; SQLite has none
            self._autocommit_engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        # rows are read after the commit, when AsyncSession cannot load an expired attribute
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit at the end of the block, or roll back if it raises.

        Raises:
            UnstorableValueError: a statement has a value that the database cannot store.
            DatabaseUnavailableError: the database failed. Other errors that the statements caused are not translated.
        """
        with self._translated_errors():
            async with self._sessions.begin() as db_session:
                yield db_session

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection for one statement, which is a transaction by itself; errors are those of `transaction`."""
        with self._translated_errors():
            async with self._autocommit_engine.begin() as connection:
                yield connection

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        # DBAPIErrors too, but caused by the statement and not by an outage
        except (IntegrityError, ProgrammingError):
            raise
        # OSError: a refused connection and a time-out of asyncpg are not wrapped by SQLAlchemy
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            if _is_caused_by_value(error):
                raise UnstorableValueError(type(error).__name__) from error
            self._on_unavailable()
            raise DatabaseUnavailableError(type(error).__name__) from error

    async def upgrade_schema(self) -> None:
        """Run the migrations that this database does not have yet.

        Raises:
            DatabaseUnavailableError: the database failed.
        """
        # an engine of its own, because the service's time-out is too short to wait for another process
        engine = create_async_engine(
            self._url, poolclass=NullPool, connect_args=_connect_args(self._url, UPGRADE_TIMEOUT_SECONDS)
        )
        try:
            async with engine.begin() as connection:
                await connection.run_sync(upgrade_schema)
            if engine.dialect.name == "sqlite":
                await _write_ahead(engine)
        except (DBAPIError, OSError) as error:
            raise DatabaseUnavailableError(type(error).__name__) from error
        finally:
            await engine.dispose()

    async def ping(self) -> None:
        """Check that the database responds.

        Raises:
            DatabaseUnavailableError: it does not.
        """
        async with self.autocommit() as connection:
            await connection.exec_driver_sql("SELECT 1")

    async def check_writable(self) -> None:
        """Check that the database accepts a write, which a read-only or full one does not.

        Raises:
            DatabaseUnavailableError: it does not.
        """
        async with self.autocommit() as connection:
            await upsert(connection, WriteProbeRow, probe_id=1, written_at=datetime.now(UTC))

    async def close(self) -> None:
        """Dispose the engine and join aiosqlite's worker threads before the event loop closes."""
        await self.engine.dispose()
        for thread in threading.enumerate():
            if "_connection_worker_thread" in thread.name:
                thread.join(SQLITE_THREAD_JOIN_SECONDS)


async def _write_ahead(engine: AsyncEngine) -> None:
    """Let SQLite write to a log: a commit waits for the disk once instead of four times, and for no reader."""
    # Another process may use the file at this moment: then the journal stays as it is until the next start.
    with suppress(OperationalError):
        async with engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def _reject_closed_connection(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
    """Let the pool replace a connection that a restarted PostgreSQL has closed; unlike a ping it costs no round trip.

    Raises:
        DisconnectionError: the connection is closed.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _is_caused_by_value(error: Exception) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    # SQLAlchemy does not translate asyncpg's errors to DataError: PostgreSQL's class 22 is "data exception", and asyncpg
    # raises a ValueError for what it cannot encode
    state = str(getattr(error.orig, "sqlstate", None) or "")
    cause = error.orig.__cause__ if error.orig else None
    return isinstance(error, DataError) or state.startswith("22") or isinstance(cause, ValueError)


def _connect_args(url: str, statement_timeout: float) -> dict[str, Any]:
    """Return the driver's time-outs: asyncpg has one for connecting and one for statements, SQLite one for its lock."""
    if make_url(url).get_backend_name() == "postgresql":
        return {"timeout": TIMEOUT_SECONDS, "command_timeout": statement_timeout}
    return {"timeout": max(SQLITE_LOCK_TIMEOUT_SECONDS, statement_timeout)}
