"""The repository of consents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, not_, or_, select

from orchestrator.persistence.database import Database
from orchestrator.persistence.hotel_filter import at_hotels
from orchestrator.persistence.tables import ALL_HOTELS, ConsentRow, HotelIds
from orchestrator.persistence.timestamps import with_zone
from orchestrator.persistence.upsert import upsert


class ConsentRepository:
    """Stores the latest consent of a data subject for each purpose and hotel."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(
        self, pseudonym: str, purpose: str, *, granted: bool, at: datetime, hotel_ids: HotelIds = None
    ) -> None:
        """Store a consent or its withdrawal for each of the hotels; it replaces the previous one."""
        async with self._database.transaction() as db_session:
            connection = await db_session.connection()
            for hotel_id in (ALL_HOTELS,) if hotel_ids is None else hotel_ids:
                await upsert(
                    connection,
                    ConsentRow,
                    subject=pseudonym,
                    purpose=purpose,
                    hotel_id=hotel_id,
                    granted=granted,
                    recorded_at=at,
                )

    async def save_unless_outdated(
        self, pseudonym: str, purpose: str, *, granted: bool, at: datetime, hotel_id: str
    ) -> None:
        """Store a consent or its withdrawal that may arrive late: it replaces only an earlier one."""
        async with self._database.autocommit() as connection:
            await upsert(
                connection,
                ConsentRow,
                _is_later,
                subject=pseudonym,
                purpose=purpose,
                hotel_id=hotel_id,
                granted=granted,
                recorded_at=at,
            )

    async def is_granted(self, pseudonym: str, purpose: str, hotel_id: str) -> bool:
        """Return whether the latest consent of a data subject that is valid at a hotel is not a withdrawal."""
        async with self._database.transaction() as db_session:
            granted = await db_session.scalar(
                select(ConsentRow.granted)
                .where(_consents_of(pseudonym, [ALL_HOTELS, hotel_id]), ConsentRow.purpose == purpose)
                .order_by(ConsentRow.recorded_at.desc(), ConsentRow.granted)
                .limit(1)
            )
            return bool(granted)

    async def list_for(self, pseudonym: str, hotel_ids: HotelIds = None) -> list[dict[str, Any]]:
        """Return the consents of a data subject that are valid at these hotels, as JSON."""
        valid_at = None if hotel_ids is None else [ALL_HOTELS, *hotel_ids]
        async with self._database.transaction() as db_session:
            rows = await db_session.scalars(
                select(ConsentRow)
                .where(_consents_of(pseudonym, valid_at))
                .order_by(ConsentRow.purpose, ConsentRow.hotel_id)
            )
            return [_to_json(row) for row in rows]

    async def delete_for(self, pseudonym: str, hotel_ids: HotelIds = None) -> int:
        """Delete the consents of a data subject for these hotels and return their number."""
        async with self._database.transaction() as db_session:
            deleted = await db_session.execute(
                # a consent for all hotels is kept unless the principal is allowed to act for all of them
                delete(ConsentRow).where(_consents_of(pseudonym, hotel_ids)).returning(ConsentRow.purpose)
            )
            return len(deleted.all())


def _is_later(new: Any) -> ColumnElement[bool]:
    # telephone systems send whole seconds: of two answers in the same one, the refusal counts
    is_refusal_of_same_time = and_(ConsentRow.recorded_at == new.recorded_at, not_(new.granted))
    return or_(ConsentRow.recorded_at < new.recorded_at, is_refusal_of_same_time)


def _consents_of(pseudonym: str, hotel_ids: Sequence[str] | None) -> ColumnElement[bool]:
    return at_hotels(ConsentRow.subject == pseudonym, ConsentRow.hotel_id, hotel_ids)


def _to_json(row: ConsentRow) -> dict[str, Any]:
    return {
        "purpose": row.purpose,
        "hotel_id": row.hotel_id or None,
        "granted": row.granted,
        "recorded_at": with_zone(row.recorded_at).isoformat(),
    }
