"""Records of calls, and what people allow us, by pseudonym."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.calls.call import Call
from orchestrator.errors import ServiceUnavailableError
from orchestrator.persistence.database import CallRecordRow, ConsentRow, Database


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """How much was erased."""

    call_records: int
    consents: int


class CallRecordRepository:
    """Keeps records.

    Args:
        database: where.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, call: Call, ended_at: datetime, duration: float) -> None:
        """Keep how a call went; written again, it is the same record.

        Raises:
            ServiceUnavailableError: the database does not take it.
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
            interactions=[one.model_dump() for one in call.interactions],
            warnings=list(call.warnings),
        )
        try:
            async with self._database.session_factory.begin() as session:
                await session.merge(record)
        except (SQLAlchemyError, OSError) as error:
            raise ServiceUnavailableError("The call's record cannot be written.", retry_after=1) from error

    async def save_consent(self, subject: str, purpose: str, *, granted: bool, at: datetime) -> None:
        """Keep somebody's word; a newer one replaces it."""
        row = ConsentRow(subject=subject, purpose=purpose, granted=granted, recorded_at=at)
        async with self._database.session_factory.begin() as session:
            await session.merge(row)

    async def export_for(self, subject: str) -> Mapping[str, list[dict[str, Any]]]:
        """All that we have of somebody."""
        async with self._database.session_factory() as session:
            calls = await session.scalars(
                select(CallRecordRow)
                .where(CallRecordRow.caller_pseudonym == subject)
                .order_by(CallRecordRow.started_at)
            )
            consents = await session.scalars(select(ConsentRow).where(ConsentRow.subject == subject))
            return {"calls": [_call(row) for row in calls], "consents": [_consent(row) for row in consents]}

    async def delete_for(self, subject: str) -> ErasureResult:
        """Forget somebody."""
        async with self._database.session_factory.begin() as session:
            calls = await session.execute(
                delete(CallRecordRow)
                .where(CallRecordRow.caller_pseudonym == subject)
                .returning(CallRecordRow.call_id)
            )
            consents = await session.execute(
                delete(ConsentRow).where(ConsentRow.subject == subject).returning(ConsentRow.purpose)
            )
            return ErasureResult(len(calls.all()), len(consents.all()))

    async def delete_older_than(self, now: datetime, days: int) -> int:
        """Forget records that are older than so many days; how many there were."""
        async with self._database.session_factory.begin() as session:
            gone = await session.execute(
                delete(CallRecordRow)
                .where(CallRecordRow.ended_at < now - timedelta(days=days))
                .returning(CallRecordRow.call_id)
            )
            return len(gone.all())


def _call(row: CallRecordRow) -> dict[str, Any]:
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


def _consent(row: ConsentRow) -> dict[str, Any]:
    return {"purpose": row.purpose, "granted": row.granted, "recorded_at": row.recorded_at.isoformat()}
