"""The repository of recordings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from orchestrator.calls.call import Call
from orchestrator.calls.ports import OpenRecording
from orchestrator.clock import Clock, utc_now
from orchestrator.persistence.consents import ConsentRepository
from orchestrator.persistence.database import Database
from orchestrator.persistence.hotel_filter import at_hotels
from orchestrator.persistence.tables import HotelIds, RecordingRow
from orchestrator.persistence.timestamps import with_zone

RECORDING_PURPOSE = "recording"
"""The purpose of the consents, as in the API."""
STARTING, ACTIVE, STOPPING, STOPPED = "starting", "active", "stopping", "stopped"


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A recording whose file is to be deleted. `stopped_at` is None if it is not known to be stopped."""

    file: str
    started_at: datetime
    stopped_at: datetime | None


class RecordingRepository:
    """Stores recordings and the consents to them. Every method raises DatabaseUnavailableError.

    Args:
        database: where they are stored.
        clock: the current time.
    """

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._consents = ConsentRepository(database)
        self._clock = clock

    async def save_consent(self, call: Call, *, granted: bool, at: datetime) -> None:
        """Store the caller's consent, its refusal or its withdrawal, for the hotel of the call, unless it is outdated."""
        await self._consents.save_unless_outdated(
            call.caller_pseudonym, RECORDING_PURPOSE, granted=granted, at=at, hotel_id=call.hotel_id
        )

    async def delete_consent(self, call: Call) -> None:
        """Delete the caller's consents for the hotel of the call, after an erasure."""
        await self._consents.delete_for(call.caller_pseudonym, [call.hotel_id])

    async def is_consented(self, call: Call) -> bool:
        """Return whether the caller's latest answer that is valid at the hotel of the call is a consent."""
        return await self._consents.is_granted(call.caller_pseudonym, RECORDING_PURPOSE, call.hotel_id)

    async def open(self, call: Call, file: str) -> OpenRecording | None:
        """Return the recording with this file, or one of the call that is not stopped; without any, store a new one.

        Return None if the caller's latest answer is no consent.
        """
        if not await self.is_consented(call):
            return None
        is_open = and_(_is_of_call(call), RecordingRow.status.in_((STARTING, ACTIVE)))
        async with self._database.transaction() as db_session:
            row = await db_session.scalar(
                select(RecordingRow).where(or_(RecordingRow.file == file, is_open)).limit(1)
            )
            if row is not None:
                return OpenRecording(row.file, row.call_id, row.egress_id)
            db_session.add(self._new_row(call, file))
        return OpenRecording(file, call.call_id, is_new=True)

    def _new_row(self, call: Call, file: str) -> RecordingRow:
        return RecordingRow(
            file=file,
            hotel_id=call.hotel_id,
            call_id=call.call_id,
            call_started_at=call.started_at,
            subject=call.caller_pseudonym,
            status=STARTING,
            started_at=self._clock(),
            erasure_requested=False,
        )

    async def confirm_start(self, call: Call, file: str, recording_id: str) -> bool:
        """Store LiveKit's id; return False if the recording was to be stopped, or erased, meanwhile.

        If the caller has withdrawn the consent meanwhile, what was recorded is to be deleted.
        """
        if not await self.is_consented(call):
            await self.discard(file)
            return False
        async with self._database.transaction() as db_session:
            confirmed = await db_session.execute(
                update(RecordingRow)
                .where(RecordingRow.file == file, RecordingRow.status.in_((STARTING, ACTIVE)))
                .values(egress_id=recording_id, status=ACTIVE)
                .returning(RecordingRow.file)
            )
            return confirmed.first() is not None

    async def discard(self, file: str) -> None:
        """Mark a recording as to be stopped and deleted."""
        async with self._database.transaction() as db_session:
            await db_session.execute(
                update(RecordingRow)
                .where(RecordingRow.file == file)
                .values(status=STOPPING, erasure_requested=True)
            )

    async def begin_stop(self, call: Call) -> list[OpenRecording]:
        """Mark the recordings of a call as to be stopped; return those that are not known to be stopped."""
        return await self._begin_stop(_is_of_call(call))

    async def begin_stop_of_caller(self, pseudonym: str, hotel_ids: HotelIds) -> list[OpenRecording]:
        """Do the same for all recordings of a caller at these hotels."""
        return await self._begin_stop(_is_of_caller(pseudonym, hotel_ids))

    async def _begin_stop(self, condition: ColumnElement[bool]) -> list[OpenRecording]:
        async with self._database.transaction() as db_session:
            rows = await db_session.execute(
                update(RecordingRow)
                .where(condition, RecordingRow.status != STOPPED)
                .values(status=STOPPING)
                .returning(RecordingRow.file, RecordingRow.call_id, RecordingRow.egress_id)
            )
            return [OpenRecording(*row) for row in rows.all()]

    async def confirm_stop(self, file: str) -> None:
        """Mark a recording as stopped."""
        async with self._database.transaction() as db_session:
            await db_session.execute(
                update(RecordingRow)
                .where(RecordingRow.file == file)
                .values(status=STOPPED, stopped_at=self._clock())
            )

    async def list_for(self, pseudonym: str, hotel_ids: HotelIds = None) -> list[dict[str, Any]]:
        """Return the recordings of a caller at these hotels, oldest first, as JSON."""
        async with self._database.transaction() as db_session:
            rows = await db_session.scalars(
                select(RecordingRow)
                .where(_is_of_caller(pseudonym, hotel_ids))
                .order_by(RecordingRow.started_at)
            )
            return [_to_json(row) for row in rows]

    async def begin_erasure(self, pseudonym: str, hotel_ids: HotelIds = None) -> list[StoredRecording]:
        """Mark the recordings of a caller at these hotels as to be deleted, and return them."""
        async with self._database.transaction() as db_session:
            rows = await db_session.scalars(
                update(RecordingRow)
                .where(_is_of_caller(pseudonym, hotel_ids))
                .values(erasure_requested=True)
                .returning(RecordingRow)
            )
            return [_to_stored(row) for row in rows]

    async def list_due(self, now: datetime, days: int) -> list[StoredRecording]:
        """Return the recordings that are older than `days`, and those whose erasure was requested and not finished."""
        expired = RecordingRow.started_at < now - timedelta(days=days)
        async with self._database.transaction() as db_session:
            rows = await db_session.scalars(
                select(RecordingRow).where(or_(expired, RecordingRow.erasure_requested))
            )
            return [_to_stored(row) for row in rows]

    async def delete(self, file: str) -> None:
        """Delete the entry of a recording whose file was deleted."""
        async with self._database.transaction() as db_session:
            await db_session.execute(delete(RecordingRow).where(RecordingRow.file == file))


def _is_of_call(call: Call) -> ColumnElement[bool]:
    # the id alone is not enough: a telephone system may use it again
    return and_(
        RecordingRow.hotel_id == call.hotel_id,
        RecordingRow.call_id == call.call_id,
        RecordingRow.call_started_at == call.started_at,
    )


def _is_of_caller(pseudonym: str, hotel_ids: HotelIds) -> ColumnElement[bool]:
    return at_hotels(RecordingRow.subject == pseudonym, RecordingRow.hotel_id, hotel_ids)


def _to_json(row: RecordingRow) -> dict[str, Any]:
    return {
        "call_id": row.call_id,
        "hotel_id": row.hotel_id,
        "file": row.file,
        "egress_id": row.egress_id,
        "status": row.status,
        "started_at": with_zone(row.started_at).isoformat(),
    }


def _to_stored(row: RecordingRow) -> StoredRecording:
    return StoredRecording(
        row.file, with_zone(row.started_at), with_zone(row.stopped_at) if row.stopped_at else None
    )
