"""What is kept for good: users, API keys, records of calls, consents. SQLite, or PostgreSQL by its URL."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Float, Index, String
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SQLITE_THREAD_JOIN_SECONDS = 1.0
"""Seconds a thread of SQLite's driver is waited for."""


class Base(DeclarativeBase):
    """All tables."""


class UserRow(Base):
    """Somebody who may log in."""

    __tablename__ = "users"

    user_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]] = mapped_column(JSON)
    hotel_ids: Mapped[list[str] | None] = mapped_column(JSON)


class ApiKeyRow(Base):
    """A service's key; of the key itself only a hash is kept."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    service_name: Mapped[str] = mapped_column(String(100))
    permissions: Mapped[list[str]] = mapped_column(JSON)
    secret_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CallRecordRow(Base):
    """How a call went; the caller is a pseudonym."""

    __tablename__ = "call_records"

    call_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    hotel_id: Mapped[str | None] = mapped_column(String(64))
    caller_pseudonym: Mapped[str] = mapped_column("subject", String(64))
    reservation_id: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    duration: Mapped[float] = mapped_column(Float)
    interactions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    warnings: Mapped[list[str]] = mapped_column(JSON)

    __table_args__ = (Index("call_records_subject", "subject"),)


class ConsentRow(Base):
    """What somebody allows us, the newest word for each purpose."""

    __tablename__ = "consents"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(64), primary_key=True)
    granted: Mapped[bool]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


SessionFactory = async_sessionmaker[AsyncSession]


class Database:
    """The connection to the database.

    Args:
        url: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`.
    """

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = create_async_engine(url, pool_pre_ping=True)
        self.session_factory: SessionFactory = async_sessionmaker(self.engine, expire_on_commit=False)

    async def create_tables(self) -> None:
        """Make the tables that are not there."""
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)

    async def ping(self) -> None:
        """Nothing, if the database answers."""
        async with self.engine.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")

    async def close(self) -> None:
        """Close the connections; SQLite's threads have said their last word before the event loop may end."""
        await self.engine.dispose()
        for thread in threading.enumerate():
            if "_connection_worker_thread" in thread.name:
                thread.join(SQLITE_THREAD_JOIN_SECONDS)
