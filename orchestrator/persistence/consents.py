"""The repository of consents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from orchestrator.persistence.database import ConsentRow, Database
from orchestrator.persistence.upsert import upsert


class ConsentRepository:
    """Stores the latest consent of a data subject for each purpose.

    Args:
        database: the connection to the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, pseudonym: str, purpose: str, *, granted: bool, at: datetime) -> None:
        """Store a consent or its withdrawal; it replaces the previous one for this purpose."""
        async with self._database.session_factory.begin() as session:
            await upsert(
                session, ConsentRow, subject=pseudonym, purpose=purpose, granted=granted, recorded_at=at
            )

    async def list_for(self, pseudonym: str) -> list[dict[str, Any]]:
        """Return the consents of a data subject as JSON."""
        async with self._database.session_factory() as session:
            rows = await session.scalars(select(ConsentRow).where(ConsentRow.subject == pseudonym))
            return [
                {
                    "purpose": row.purpose,
                    "granted": row.granted,
                    "recorded_at": row.recorded_at.isoformat(),
                }
                for row in rows
            ]

    async def delete_for(self, pseudonym: str) -> int:
        """Delete the consents of a data subject and return their number."""
        async with self._database.session_factory.begin() as session:
            deleted = await session.execute(
                delete(ConsentRow).where(ConsentRow.subject == pseudonym).returning(ConsentRow.purpose)
            )
            return len(deleted.all())
