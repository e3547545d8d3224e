"""The repository of call records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.calls.call import Call
from orchestrator.errors import ServiceUnavailableError
from orchestrator.persistence.database import CallRecordRow, Database
from orchestrator.persistence.upsert import upsert


class CallRecordRepository:
    """Stores the records of ended calls. The caller is known by a pseudonym only.

    Args:
        database: the connection to the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, call: Call) -> None:
        """Store or replace the record of a call that has ended.

        Raises:
            ServiceUnavailableError: the database cannot store it.
        """
        try:
            async with self._database.session_factory.begin() as session:
                await upsert(
                    session,
                    CallRecordRow,
                    call_id=call.call_id,
                    hotel_id=call.hotel_id,
                    caller_pseudonym=call.caller_pseudonym,
                    reservation_id=call.reservation_id,
                    language=call.language,
                    started_at=call.started_at,
                    ended_at=call.ended_at,
                    duration=call.duration,
                    interactions=[interaction.model_dump() for interaction in call.interactions],
                    warnings=list(call.warnings),
                )
        # asyncpg raises OSError while PostgreSQL cannot be reached
        except (SQLAlchemyError, OSError) as error:
            raise ServiceUnavailableError("The call record cannot be written.", retry_after=1) from error

    async def list_for(self, pseudonym: str) -> list[dict[str, Any]]:
        """Return the records of a caller, oldest first, as JSON."""
        async with self._database.session_factory() as session:
            rows = await session.scalars(
                select(CallRecordRow)
                .where(CallRecordRow.caller_pseudonym == pseudonym)
                .order_by(CallRecordRow.started_at)
            )
            return [_to_json(row) for row in rows]

    async def delete_for(self, pseudonym: str) -> int:
        """Delete the records of a caller and return their number."""
        async with self._database.session_factory.begin() as session:
            deleted = await session.execute(
                delete(CallRecordRow)
                .where(CallRecordRow.caller_pseudonym == pseudonym)
                .returning(CallRecordRow.call_id)
            )
            return len(deleted.all())

    async def delete_older_than(self, now: datetime, days: int) -> int:
        """Delete the records of calls that ended more than `days` days ago and return their number."""
        async with self._database.session_factory.begin() as session:
            deleted = await session.execute(
                delete(CallRecordRow)
                .where(CallRecordRow.ended_at < now - timedelta(days=days))
                .returning(CallRecordRow.call_id)
            )
            return len(deleted.all())


def _to_json(row: CallRecordRow) -> dict[str, Any]:
    return {
        "call_id": row.call_id,
        "hotel_id": row.hotel_id,
        "reservation_id": row.reservation_id,
        "language": row.language,
        "started_at": row.started_at.isoformat(),
        "duration": row.duration,
        "interactions": row.interactions,
        "warnings": row.warnings,
    }
