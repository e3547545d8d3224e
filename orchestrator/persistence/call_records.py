"""The repository of call records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from orchestrator.calls.call import Call
from orchestrator.clock import Clock, utc_now
from orchestrator.errors import ServiceUnavailableError
from orchestrator.observability import logging
from orchestrator.persistence.database import Database, DatabaseUnavailableError, UnstorableValueError
from orchestrator.persistence.hotel_filter import at_hotels
from orchestrator.persistence.tables import CallRecordRow, HotelIds
from orchestrator.persistence.timestamps import with_zone
from orchestrator.persistence.upsert import upsert


class CallRecordRepository:
    """Stores the records of ended calls. The caller is known by a pseudonym only.

    Args:
        database: where they are stored.
        clock: the current time.
    """

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def save(self, call: Call) -> None:
        """Store or replace the record of a call that has ended; other calls with the same id keep their records.

        A reservation id that the database cannot store is left out: the rest of the record must not be lost.

        Raises:
            ServiceUnavailableError: the database is unavailable.
        """
        try:
            try:
                await self._write(call)
            except UnstorableValueError as error:
                logging.exception("call_record_reduced", error)
                # the only value that another system chooses freely; all others are checked when they arrive
                await self._write(call.model_copy(update={"reservation_id": None}))
        except DatabaseUnavailableError as error:
            raise ServiceUnavailableError("The call record cannot be written.", retry_after=1) from error

    async def _write(self, call: Call) -> None:
        interactions = [interaction.model_dump(exclude={"event_id"}) for interaction in call.interactions]
        async with self._database.autocommit() as connection:
            # not an insert, because the record is written again when the call has changed meanwhile
            await upsert(
                connection,
                CallRecordRow,
                call_id=call.call_id,
                hotel_id=call.hotel_id,
                caller_pseudonym=call.caller_pseudonym,
                # after an erasure it would still name the caller
                reservation_id=None if call.is_anonymous else call.reservation_id,
                language=call.language,
                started_at=call.started_at,
                ended_at=call.ended_at,
                duration=call.duration,
                interactions=interactions,
                warnings=list(call.warnings),
                recorded_at=self._clock(),
            )

    async def list_for(self, pseudonym: str, hotel_ids: HotelIds = None) -> list[dict[str, Any]]:
        """Return the records of a caller at these hotels, oldest first, as JSON."""
        async with self._database.transaction() as db_session:
            rows = await db_session.scalars(
                select(CallRecordRow)
                .where(_calls_of(pseudonym, hotel_ids))
                .order_by(CallRecordRow.started_at)
            )
            return [_to_json(row) for row in rows]

    async def delete_for(self, pseudonym: str, hotel_ids: HotelIds = None) -> int:
        """Delete the records of a caller at these hotels and return their number."""
        async with self._database.transaction() as db_session:
            deleted = await db_session.execute(
                delete(CallRecordRow).where(_calls_of(pseudonym, hotel_ids)).returning(CallRecordRow.call_id)
            )
            return len(deleted.all())

    async def delete_older_than(self, now: datetime, days: int) -> int:
        """Delete the records that were written more than `days` days ago and return their number.

        The end of the call does not matter: the telephone system sends it, and its clock may be wrong by years.
        """
        async with self._database.transaction() as db_session:
            deleted = await db_session.execute(
                delete(CallRecordRow)
                .where(CallRecordRow.recorded_at < now - timedelta(days=days))
                .returning(CallRecordRow.call_id)
            )
            return len(deleted.all())


def _calls_of(pseudonym: str, hotel_ids: HotelIds) -> ColumnElement[bool]:
    return at_hotels(CallRecordRow.caller_pseudonym == pseudonym, CallRecordRow.hotel_id, hotel_ids)


def _to_json(row: CallRecordRow) -> dict[str, Any]:
    return {
        "call_id": row.call_id,
        "hotel_id": row.hotel_id,
        "reservation_id": row.reservation_id,
        "language": row.language,
        "started_at": with_zone(row.started_at).isoformat(),
        "duration": row.duration,
        "interactions": row.interactions,
        "warnings": row.warnings,
    }
