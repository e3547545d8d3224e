"""Places one call: opens its room, dials, and decides what follows from the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from orchestrator.calls.call import Call, livekit_room_name
from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.calls.reply import Reply
from orchestrator.clock import Clock, utc_now
from orchestrator.observability import logging
from orchestrator.outbound_calls.model import CALLEE_IDENTITY, OutboundCall, OutboundCallStatus
from orchestrator.outbound_calls.ports import AnsweredCalls, Dialler, DialOutcome, DialResult, Rooms
from orchestrator.outbound_calls.schedule import RetryLimits
from orchestrator.persistence.outbound_calls import OutboundCallRepository

FinishObserver = Callable[[OutboundCall, OutboundCallStatus], None]
"""Receives each call that is over, and its final status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementServices:
    """The services that a placement calls.

    Args:
        calls: the stored calls.
        rooms: opens and closes the rooms.
        dialler: calls the numbers.
        answered_calls: takes over when the guest answers.
        on_finished: receives each call that is over.
    """

    calls: OutboundCallRepository
    rooms: Rooms
    dialler: Dialler
    answered_calls: AnsweredCalls
    on_finished: FinishObserver


class CallPlacement:
    """Places claimed calls. A call that may have been dialled is never dialled for the same attempt again.

    Args:
        services: what it calls.
        limits: when a call is attempted again.
        lease: how long a process has a call to itself; longer than the telephone rings.
        clock: the current time.
    """

    def __init__(
        self,
        services: PlacementServices,
        limits: RetryLimits,
        lease: timedelta,
        clock: Clock = utc_now,
    ) -> None:
        self._services = services
        self._limits = limits
        self._lease = lease
        self._clock = clock

    async def place(self, call: OutboundCall) -> None:
        """Place a call that this process has claimed."""
        if call.status is OutboundCallStatus.DIALLING:
            await self._resolve_interrupted(call)
        elif self._limits.is_too_late(call.due_at, self._clock()):
            await self._finish(call, OutboundCallStatus.FAILED, "too_late")
        else:
            await self._attempt(call)

    async def _attempt(self, call: OutboundCall) -> None:
        room_name = livekit_room_name(call.attempt_id)
        try:
            await self._services.rooms.open_room(room_name, metadata=f"hotel={call.hotel_id}")
        except DependencyUnavailableError:
            await self._try_later(call, "not_dialled", call.attempts)
            return
        # committed before the number is dialled: from now on no other process dials it for this attempt
        if call.number is None or not await self._services.calls.begin_dialling(
            call, self._clock() + self._lease
        ):
            return
        result = await self._services.dialler.dial(call.number, room_name)
        logging.info(
            "outbound_call_dialled", call=call.call_id, outcome=result.outcome.value, reason=result.reason
        )
        await self._follow_up(call, result)

    async def _follow_up(self, call: OutboundCall, result: DialResult) -> None:
        if result.outcome is DialOutcome.ANSWERED:
            await self._hand_over(call)
        elif result.outcome is DialOutcome.UNREACHED:
            await self._try_later(call, result.reason, call.attempts + 1)
        elif result.outcome is DialOutcome.NOT_DIALLED:
            await self._try_later(call, result.reason, call.attempts)
        elif result.outcome is DialOutcome.REFUSED:
            await self._finish(call, OutboundCallStatus.FAILED, result.reason)
            await self._close_room(call)
        # UNCLEAR: the telephone may still be ringing, which ends before the lease does

    async def _resolve_interrupted(self, call: OutboundCall) -> None:
        """Decide about a call whose process died or got no response: answered if the guest is in the room, otherwise unknown."""
        try:
            callee = await self._services.rooms.find_caller(livekit_room_name(call.attempt_id))
        except DependencyUnavailableError:
            if not self._limits.is_too_late(call.due_at, self._clock()):
                return  # once more when the lease has expired again
            callee = None
        if callee == CALLEE_IDENTITY:
            await self._hand_over(call)
        else:
            await self._finish(call, OutboundCallStatus.UNKNOWN, "interrupted")

    async def _hand_over(self, call: OutboundCall) -> None:
        """Let the call flow speak to the guest, who is waiting on the line, and then mark the call as answered."""
        await self._services.answered_calls.start_answered_call(
            Call(
                call_id=call.attempt_id,
                start_event_id=f"outbound:{call.attempt_id}",
                hotel_id=call.hotel_id,
                caller_number=call.number,
                caller_pseudonym=call.pseudonym,
                language=call.language,
                reservation_id=call.reservation_id,
                room_name=livekit_room_name(call.attempt_id),
                started_at=self._clock(),
            ),
            Reply(f"{call.kind}_call"),
        )
        await self._finish(call, OutboundCallStatus.ANSWERED, None)

    async def _try_later(self, call: OutboundCall, reason: str, attempts: int) -> None:
        next_at = self._limits.next_attempt_at(call.due_at, attempts, self._clock())
        if next_at is None:
            await self._finish(call, OutboundCallStatus.FAILED, reason)
        else:
            await self._services.calls.reschedule(call, next_at, reason, attempts)
        await self._close_room(call)

    async def _finish(self, call: OutboundCall, status: OutboundCallStatus, reason: str | None) -> None:
        # False: the guest's data was erased meanwhile, or another process has taken over
        if await self._services.calls.finish(call, status, self._clock(), reason):
            logging.info("outbound_call_finished", call=call.call_id, status=status, reason=reason)
            self._services.on_finished(call, status)

    async def _close_room(self, call: OutboundCall) -> None:
        """Dismiss the voice agent that waits for the guest; LiveKit closes an empty room by itself."""
        try:
            await self._services.rooms.close_room(livekit_room_name(call.attempt_id))
        except DependencyUnavailableError as error:
            logging.warning("outbound_room_left_open", call=call.call_id, reason=error.reason)
