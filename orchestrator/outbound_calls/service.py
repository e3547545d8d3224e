"""Orders, lists and cancels outbound calls."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from orchestrator.calls.outbound_order import OrderRejectedError, OutboundCallOrder
from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.clock import Clock, utc_now
from orchestrator.errors import ConflictError, NotFoundError
from orchestrator.outbound_calls import numbers, schedule
from orchestrator.outbound_calls.model import OutboundCall, OutboundCallStatus
from orchestrator.persistence.database import DatabaseUnavailableError
from orchestrator.persistence.outbound_calls import OutboundCallRepository
from orchestrator.persistence.tables import HotelIds

MAX_LISTED = 500
"""Calls in one list: the next ones follow as soon as earlier ones are over."""


class OutboundCallService:
    """Takes the orders of guests and of staff.

    Args:
        calls: the stored calls.
        pseudonymize: returns the pseudonym of a phone number.
        time_zone: the hotels' time zone.
        allowed_prefixes: of the numbers that may be called; empty if this deployment has no outbound trunk.
        max_waiting_per_number: how many calls of one hotel to one number may wait at the same time.
        clock: the current time.
    """

    def __init__(
        self,
        calls: OutboundCallRepository,
        pseudonymize: Callable[[str], str],
        time_zone: ZoneInfo,
        allowed_prefixes: Sequence[str],
        max_waiting_per_number: int,
        clock: Clock = utc_now,
    ) -> None:
        self._calls = calls
        self._pseudonymize = pseudonymize
        self._time_zone = time_zone
        self._allowed_prefixes = allowed_prefixes
        self._max_waiting_per_number = max_waiting_per_number
        self._clock = clock

    def resolve_time(self, at: time, day: date | None) -> datetime:
        """Return the time in the hotel's time zone; without a date its next occurrence.

        Raises:
            OrderRejectedError: the time is in the past or too far ahead.
        """
        return schedule.resolve_time(at, day, self._time_zone, self._clock())

    async def order_for_guest(self, order: OutboundCallOrder) -> str:
        """Store the order of a guest and return its id; the same order is stored once.

        Raises:
            OrderRejectedError: the number is not allowed, or too many calls to it or of the hotel are waiting.
            DependencyUnavailableError: it is not known whether the order was stored.
        """
        try:
            return (await self.order(order)).call_id
        except DatabaseUnavailableError as error:
            raise DependencyUnavailableError("database", type(error).__name__) from error

    async def discard(self, order_id: str) -> None:
        """Delete an order of a guest whose data was erased.

        Raises:
            DatabaseUnavailableError: the database failed.
        """
        await self._calls.delete(order_id)

    async def order(self, order: OutboundCallOrder) -> OutboundCall:
        """Store an order and return its call, or the call that waits for the same number, purpose and time.

        Raises:
            OrderRejectedError: the number is not allowed, or too many calls to it or of the hotel are waiting.
            DatabaseUnavailableError: the database failed.
        """
        if not self._allowed_prefixes:
            raise OrderRejectedError("not_supported")
        if not numbers.is_allowed(order.number, self._allowed_prefixes):
            raise OrderRejectedError("number_not_allowed")
        due_at = order.due_at.astimezone(UTC)
        call = OutboundCall(
            call_id=order.order_id,
            kind=order.kind,
            hotel_id=order.hotel_id,
            number=order.number,
            pseudonym=self._pseudonymize(order.number),
            language=order.language,
            reservation_id=order.reservation_id,
            ordered_by=order.ordered_by,
            ordered_at=self._clock(),
            due_at=due_at,
            next_attempt_at=due_at,
        )
        stored = await self._calls.add(call, self._max_waiting_per_number)
        if stored is None:
            raise OrderRejectedError("too_many_orders")
        return stored

    async def get(self, call_id: str, hotel_ids: HotelIds) -> OutboundCall:
        """Return a call of these hotels.

        Raises:
            NotFoundError: there is no such call.
        """
        call = await self._calls.get(call_id)
        # a 403 would disclose that a call of another hotel exists
        if call is None or (hotel_ids is not None and call.hotel_id not in hotel_ids):
            raise NotFoundError("There is no such outbound call.")
        return call

    async def list_calls(self, hotel_ids: HotelIds, status: OutboundCallStatus | None) -> list[OutboundCall]:
        """Return the latest calls of these hotels, at most `MAX_LISTED`, those that are due last first."""
        return await self._calls.list_calls(hotel_ids, status, MAX_LISTED)

    async def cancel(self, call_id: str, hotel_ids: HotelIds) -> None:
        """Cancel a call that waits for its time or its next attempt; cancelling it again has no effect.

        Raises:
            NotFoundError: there is no such call.
            ConflictError: the call is being placed, or is over.
        """
        await self.get(call_id, hotel_ids)
        if await self._calls.cancel(call_id, self._clock()):
            return
        # read again: another request may have cancelled it meanwhile
        if (await self.get(call_id, hotel_ids)).status is not OutboundCallStatus.CANCELLED:
            raise ConflictError("The call is being placed, or is over.")


def new_order_id() -> str:
    """Return the id of an order that no event identifies."""
    return uuid.uuid4().hex
