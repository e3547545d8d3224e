"""Call records and consents, by the pseudonym of the telephone number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select

from orchestrator.calls.call import Call
from orchestrator.errors import ServiceUnavailableError
from orchestrator.persistence.database import Database, DatabaseUnavailableError
from orchestrator.persistence.tables import ALL_HOTELS, CallRecordRow, ConsentRow

HotelIds = Sequence[str] | None
"""The hotels that an operation is limited to; None means all."""


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """How many rows were deleted."""

    call_records: int
    consents: int


class CallRecordRepository:
    """Stores call records and consents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, call: Call, ended_at: datetime, duration: float) -> None:
        """Store the record of a finished call; saving it again replaces it.

        Raises:
            ServiceUnavailableError: the database failed.
        """
        record = CallRecordRow(
            call_id=call.call_id,
            hotel_id=call.hotel_id,
            caller_pseudonym=call.caller_pseudonym,
            reservation_id=call.reservation_id,
            language=call.language,
            started_at=call.started_at,
            ended_at=ended_at,
            duration=duration,
            interactions=[interaction.model_dump() for interaction in call.interactions],
            warnings=list(call.warnings),
        )
        try:
            async with self._database.transaction() as db_session:
                await db_session.merge(record)
        except DatabaseUnavailableError as error:
            raise ServiceUnavailableError("The call record cannot be written.", retry_after=1) from error

    async def save_consent(
        self, subject: str, purpose: str, *, granted: bool, at: datetime, hotel_ids: HotelIds = None
    ) -> None:
        """Store a consent or its withdrawal for each of the hotels; it replaces an earlier one."""
        async with self._database.transaction() as db_session:
            for hotel_id in (ALL_HOTELS,) if hotel_ids is None else hotel_ids:
                row = ConsentRow(
                    subject=subject, purpose=purpose, hotel_id=hotel_id, granted=granted, recorded_at=at
                )
                await db_session.merge(row)

    async def export_for(
        self, subject: str, hotel_ids: HotelIds = None
    ) -> Mapping[str, list[dict[str, Any]]]:
        """Return the call records of a data subject at these hotels and the consents that are valid there."""
        consent_hotels = None if hotel_ids is None else [ALL_HOTELS, *hotel_ids]
        async with self._database.transaction() as db_session:
            calls = await db_session.scalars(
                select(CallRecordRow).where(_calls_of(subject, hotel_ids)).order_by(CallRecordRow.started_at)
            )
            consents = await db_session.scalars(
                select(ConsentRow)
                .where(_consents_of(subject, consent_hotels))
                .order_by(ConsentRow.purpose, ConsentRow.hotel_id)
            )
            return {
                "calls": [_call_to_dict(row) for row in calls],
                "consents": [_consent_to_dict(row) for row in consents],
            }

    async def delete_for(self, subject: str, hotel_ids: HotelIds = None) -> ErasureResult:
        """Delete the call records and consents of a data subject at these hotels."""
        async with self._database.transaction() as db_session:
            calls = await db_session.execute(
                delete(CallRecordRow).where(_calls_of(subject, hotel_ids)).returning(CallRecordRow.call_id)
            )
            consents = await db_session.execute(
                delete(ConsentRow).where(_consents_of(subject, hotel_ids)).returning(ConsentRow.purpose)
            )
            return ErasureResult(len(calls.all()), len(consents.all()))

    async def delete_older_than(self, now: datetime, days: int) -> int:
        """Delete the records of calls that ended more than `days` days ago. Return how many."""
        async with self._database.transaction() as db_session:
            deleted = await db_session.execute(
                delete(CallRecordRow)
                .where(CallRecordRow.ended_at < now - timedelta(days=days))
                .returning(CallRecordRow.call_id)
            )
            return len(deleted.all())


def _calls_of(subject: str, hotel_ids: HotelIds) -> ColumnElement[bool]:
    condition = CallRecordRow.caller_pseudonym == subject
    return condition if hotel_ids is None else and_(condition, CallRecordRow.hotel_id.in_(hotel_ids))


def _consents_of(subject: str, hotel_ids: HotelIds) -> ColumnElement[bool]:
    condition = ConsentRow.subject == subject
    return condition if hotel_ids is None else and_(condition, ConsentRow.hotel_id.in_(hotel_ids))


def _call_to_dict(row: CallRecordRow) -> dict[str, Any]:
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


def _consent_to_dict(row: ConsentRow) -> dict[str, Any]:
    return {
        "purpose": row.purpose,
        "hotel_id": row.hotel_id or None,
        "granted": row.granted,
        "recorded_at": row.recorded_at.isoformat(),
    }
