"""The repository of outbound calls.

Every change of state is one UPDATE whose condition includes the state before, so that of several processes one succeeds. Orders
are stored one after another, so that concurrent ones are the same call, and do not exceed the limits, however many come.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.calls.outbound_order import OutboundCallKind
from orchestrator.outbound_calls.model import OPEN_STATUSES, OutboundCall, OutboundCallStatus
from orchestrator.persistence.database import Database
from orchestrator.persistence.hotel_filter import at_hotels
from orchestrator.persistence.locks import lock_outbound_orders
from orchestrator.persistence.tables import HotelIds, OutboundCallRow
from orchestrator.persistence.timestamps import with_zone

FINAL_WITH_NUMBER = (OutboundCallStatus.FAILED, OutboundCallStatus.UNKNOWN)
"""Final states in which staff still needs the number to reach the guest."""

MAX_WAITING_PER_HOTEL = 2_000
"""Calls of one hotel that may wait: more than the guests of a large hotel order, and a bound for a stolen API key."""


class OutboundCallRepository:
    """Stores outbound calls. Every method raises DatabaseUnavailableError. Times have a zone and are in UTC."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, call: OutboundCall, max_waiting: int, max_waiting_of_hotel: int = MAX_WAITING_PER_HOTEL
    ) -> OutboundCall | None:
        """Store a call and return it, or the stored call that is the same; None if too many calls wait.

        Args:
            call: the call.
            max_waiting: how many calls of its hotel to its number may wait.
            max_waiting_of_hotel: how many calls of its hotel may wait.
        """
        async with self._database.transaction() as db_session:
            await lock_outbound_orders(db_session)
            existing = await _find_same(db_session, call)
            if existing is not None:
                return _from_row(existing)
            of_hotel, to_number = await _count_waiting(db_session, call)
            if of_hotel >= max_waiting_of_hotel or to_number >= max_waiting:
                return None
            db_session.add(_to_row(call))
        return call

    async def get(self, call_id: str) -> OutboundCall | None:
        """Return the call with this id."""
        async with self._database.transaction() as db_session:
            row = await db_session.get(OutboundCallRow, call_id)
        return _from_row(row) if row else None

    async def list_calls(
        self, hotel_ids: HotelIds, status: OutboundCallStatus | None, limit: int
    ) -> list[OutboundCall]:
        """Return the calls of these hotels, those that are due last first."""
        conditions: list[ColumnElement[bool]] = (
            [] if hotel_ids is None else [OutboundCallRow.hotel_id.in_(hotel_ids)]
        )
        if status is not None:
            conditions.append(OutboundCallRow.status == status)
        statement = select(OutboundCallRow).where(*conditions)
        order = (OutboundCallRow.due_at.desc(), OutboundCallRow.call_id)
        async with self._database.transaction() as db_session:
            rows = await db_session.scalars(statement.order_by(*order).limit(limit))
            return [_from_row(row) for row in rows]

    async def cancel(self, call_id: str, now: datetime) -> bool:
        """Cancel a call that waits. Return whether it waited."""
        return await self._change(
            OutboundCallRow.call_id == call_id,
            OutboundCallRow.status == OutboundCallStatus.SCHEDULED,
            status=OutboundCallStatus.CANCELLED,
            number=None,
            finished_at=now,
        )

    async def has_due(self, now: datetime) -> bool:
        """Return whether a call can be claimed; unlike a claim, it takes no write lock."""
        async with self._database.transaction() as db_session:
            return (
                await db_session.scalar(select(OutboundCallRow.call_id).where(_is_due(now)).limit(1))
                is not None
            )

    async def claim_due(
        self, now: datetime, lease_until: datetime, token: str, limit: int
    ) -> list[OutboundCall]:
        """Claim calls that are due and those whose claim has expired, the earliest first.

        A call that may have been dialled keeps the status `dialling`; any other becomes `claimed`.
        """
        due = (
            select(OutboundCallRow.call_id)
            .where(_is_due(now))
            .order_by(OutboundCallRow.next_attempt_at)
            .limit(limit)
            # of PostgreSQL only: processes claim different calls instead of waiting for each other
            .with_for_update(skip_locked=True)
            # no subquery, which PostgreSQL may run several times: each run would skip what the one before has locked
            .cte("due")
        )
        status = case(
            (OutboundCallRow.status == OutboundCallStatus.DIALLING, OutboundCallStatus.DIALLING.value),
            else_=OutboundCallStatus.CLAIMED.value,
        )
        statement = (
            update(OutboundCallRow)
            # once more: PostgreSQL evaluates only this condition again for a row that was changed meanwhile
            .where(OutboundCallRow.call_id.in_(select(due.c.call_id)), _is_due(now))
            .values(status=status, lease_until=lease_until, lease_token=token)
            .returning(OutboundCallRow)
            .execution_options(synchronize_session=False)
        )
        async with self._database.transaction() as db_session:
            calls = [_from_row(row) for row in await db_session.scalars(statement)]
        return sorted(calls, key=lambda call: call.next_attempt_at)

    async def begin_dialling(self, call: OutboundCall, lease_until: datetime) -> bool:
        """Mark a claimed call as going to be dialled. Return False if the claim has been taken over."""
        return await self._change(
            *_is_claimed_as(call),
            OutboundCallRow.status == OutboundCallStatus.CLAIMED,
            status=OutboundCallStatus.DIALLING,
            attempts=call.attempts + 1,
            lease_until=lease_until,
        )

    async def reschedule(
        self, call: OutboundCall, next_attempt_at: datetime, reason: str, attempts: int
    ) -> bool:
        """Let a claimed call wait for another attempt. Return False if the claim has been taken over."""
        return await self._change(
            *_is_claimed_as(call),
            status=OutboundCallStatus.SCHEDULED,
            next_attempt_at=next_attempt_at,
            reason=reason,
            attempts=attempts,
            lease_until=None,
            lease_token=None,
        )

    async def finish(
        self, call: OutboundCall, status: OutboundCallStatus, now: datetime, reason: str | None
    ) -> bool:
        """Set the final status of a claimed call. Return False if the claim has been taken over."""
        values = {} if status in FINAL_WITH_NUMBER else {"number": None}
        return await self._change(
            *_is_claimed_as(call),
            status=status,
            reason=reason,
            finished_at=now,
            lease_until=None,
            lease_token=None,
            **values,
        )

    async def list_for(self, pseudonym: str, hotel_ids: HotelIds = None) -> list[dict[str, Any]]:
        """Return the calls to a data subject at these hotels, oldest first, as JSON."""
        async with self._database.transaction() as db_session:
            rows = await db_session.scalars(
                select(OutboundCallRow)
                .where(_calls_to(pseudonym, hotel_ids))
                .order_by(OutboundCallRow.due_at)
            )
            return [_to_json(_from_row(row)) for row in rows]

    async def delete_for(self, pseudonym: str, hotel_ids: HotelIds = None) -> int:
        """Delete the calls to a data subject at these hotels, also those that wait, and return their number."""
        return await self._delete(_calls_to(pseudonym, hotel_ids))

    async def delete(self, call_id: str) -> None:
        """Delete a call, whatever its state."""
        await self._delete(OutboundCallRow.call_id == call_id)

    async def delete_older_than(self, now: datetime, days: int) -> int:
        """Delete the calls that were due more than `days` days ago and return their number."""
        return await self._delete(OutboundCallRow.due_at < now - timedelta(days=days))

    async def _delete(self, condition: ColumnElement[bool]) -> int:
        async with self._database.transaction() as db_session:
            deleted = await db_session.execute(
                delete(OutboundCallRow).where(condition).returning(OutboundCallRow.call_id)
            )
            return len(deleted.all())

    async def _change(self, *conditions: ColumnElement[bool], **values: Any) -> bool:
        statement = (
            update(OutboundCallRow)
            .where(*conditions)
            .values(**values)
            .returning(OutboundCallRow.call_id)
            .execution_options(synchronize_session=False)
        )
        async with self._database.transaction() as db_session:
            return (await db_session.execute(statement)).first() is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    waits = and_(
        OutboundCallRow.status == OutboundCallStatus.SCHEDULED, OutboundCallRow.next_attempt_at <= now
    )
    held = (OutboundCallStatus.CLAIMED, OutboundCallStatus.DIALLING)
    return or_(waits, and_(OutboundCallRow.status.in_(held), OutboundCallRow.lease_until <= now))


def _is_claimed_as(call: OutboundCall) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return OutboundCallRow.call_id == call.call_id, OutboundCallRow.lease_token == call.lease_token


def _calls_to(pseudonym: str, hotel_ids: HotelIds) -> ColumnElement[bool]:
    return at_hotels(OutboundCallRow.pseudonym == pseudonym, OutboundCallRow.hotel_id, hotel_ids)


async def _find_same(db_session: AsyncSession, call: OutboundCall) -> OutboundCallRow | None:
    """Return the call with the same id, or an open one to the same number for the same purpose and time."""
    same = and_(
        OutboundCallRow.hotel_id == call.hotel_id,
        OutboundCallRow.pseudonym == call.pseudonym,
        OutboundCallRow.kind == call.kind,
        OutboundCallRow.due_at == call.due_at,
        OutboundCallRow.status.in_(OPEN_STATUSES),
    )
    statement = select(OutboundCallRow).where(or_(OutboundCallRow.call_id == call.call_id, same)).limit(1)
    row: OutboundCallRow | None = await db_session.scalar(statement)
    return row


async def _count_waiting(db_session: AsyncSession, call: OutboundCall) -> tuple[int, int]:
    """Return how many calls of the same hotel wait, and how many of them are to the same number."""
    to_number = func.count().filter(OutboundCallRow.pseudonym == call.pseudonym)
    conditions = OutboundCallRow.hotel_id == call.hotel_id, OutboundCallRow.status.in_(OPEN_STATUSES)
    statement = select(func.count(), to_number).select_from(OutboundCallRow).where(*conditions)
    of_hotel, of_number = (await db_session.execute(statement)).one()
    return of_hotel, of_number


def _to_row(call: OutboundCall) -> OutboundCallRow:
    return OutboundCallRow(**{field.name: getattr(call, field.name) for field in fields(call)})


def _from_row(row: OutboundCallRow) -> OutboundCall:
    values = {field.name: getattr(row, field.name) for field in fields(OutboundCall)}
    times = {name: with_zone(value) for name, value in values.items() if isinstance(value, datetime)}
    states = {"kind": OutboundCallKind(row.kind), "status": OutboundCallStatus(row.status)}
    return OutboundCall(**values | times | states)


def _to_json(call: OutboundCall) -> dict[str, Any]:
    return {
        "id": call.call_id,
        "hotel_id": call.hotel_id,
        "kind": call.kind,
        "number": call.number,
        "reservation_id": call.reservation_id,
        "ordered_at": call.ordered_at.isoformat(),
        "due_at": call.due_at.isoformat(),
        "status": call.status,
        "attempts": call.attempts,
    }
