"""The start of a call: the guest is identified, a room opened and a greeting spoken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from orchestrator.calls.call import Call, livekit_room_name, reservation_result
from orchestrator.calls.call_ending import CallEnding
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.event_response import reply_response
from orchestrator.calls.events import CallMetadata, CallStarted
from orchestrator.calls.follow_ups import FollowUpKind
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.journal import EventJournal
from orchestrator.calls.phrases import supported_language
from orchestrator.calls.reply import Reply
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.speaker import ReplySpeaker
from orchestrator.observability.redaction import redact_value
from orchestrator.pms.errors import CapabilityNotSupportedError, PmsRejectedError, ReservationNotFoundError
from orchestrator.pms.models import Reservation

MAX_INLINE_REDACTION_CHARACTERS = 2_000
"""Longer metadata is redacted in a thread, because other requests must not wait while tens of kilobytes are searched."""


class CallStart:
    """Starts calls.

    Args:
        context: the PMS and the telephony.
        speaker: speaks the greeting.
        calls: the calls in the state store.
        ending: ends a call whose room was closed before its start arrived.
        pseudonymize: returns the pseudonym of a phone number.
    """

    def __init__(
        self,
        context: IntentContext,
        speaker: ReplySpeaker,
        calls: CallRepository,
        ending: CallEnding,
        pseudonymize: Callable[[str], str],
    ) -> None:
        self._context = context
        self._speaker = speaker
        self._calls = calls
        self._ending = ending
        self._pseudonymize = pseudonymize

    async def start_call(self, event: CallStarted, journal: EventJournal) -> dict[str, Any]:
        """Start a call and return the response.

        Every step can be repeated: looking the guest up, opening a room that exists, greeting. A start that is delivered
        again after a failure therefore repeats them, but neither replaces the call nor opens the room of a call that is
        stored.

        Raises:
            ConflictError: another event has started a call with this id, or is starting it.
        """
        degradation = DegradationLog()
        degradation.warn_if_pms_not_served(event.metadata.pms_type, self._context.pms.provider)
        # before any effect: the id may belong to a call of another hotel
        stored = await self._calls.claim(event.call_id, journal.event_id)
        if stored is None:
            call, reservation = await self._create_call(event, journal.event_id, degradation)
        else:
            call = stored
            reservation = await degradation.run_or_degrade(self._identify_guest(event))
            if call.room_name is None:
                degradation.add_unavailable("livekit")
        reply = _greeting(reservation)
        # after the call is stored, because interactions may arrive while the greeting is synthesized
        text = await self._speaker.speak(call, reply, degradation)
        if warnings := degradation.take_unrecorded():
            is_repeated = stored is not None
            await self._calls.update(
                call.call_id, lambda current: current.with_warnings(warnings, is_repeated=is_repeated)
            )
        # only after the call is stored: an end that comes later finds the call itself
        call = await self._end_if_over(call.call_id)
        return reply_response(call, text, reply, degradation) | {
            "guest_found": reservation is not None,
            "reservation_data": reservation_result(reservation) if reservation else None,
            # personal data that came in with the event is never sent back
            "metadata": await _redact_metadata(event.metadata),
        }

    async def _create_call(
        self, event: CallStarted, event_id: str, degradation: DegradationLog
    ) -> tuple[Call, Reservation | None]:
        room_name = livekit_room_name(event.call_id)
        opening = self._context.telephony.open_room(room_name, metadata=f"hotel={event.metadata.hotel_id}")
        # the guest is already on the line: none waits for the other
        reservation, room_opened, *_ = await asyncio.gather(
            degradation.run_or_degrade(self._identify_guest(event)),
            degradation.run_and_report(opening),
            self._calls.register(event.call_id, self._pseudonymize(event.from_number)),
            expect_agent(self._context, event.call_id, event_id),
        )
        call = self._build_call(event, event_id, reservation, room_name if room_opened else None)
        return await self._calls.create(call), reservation

    async def _identify_guest(self, event: CallStarted) -> Reservation | None:
        """Return the caller's reservation in this hotel: by its id if it was sent, otherwise by the number."""
        hotel_id, reservation_id = event.metadata.hotel_id, event.metadata.reservation_id
        try:
            # an id from the telephone system is more specific than a number that several guests share
            if reservation_id:
                reservation = await self._context.pms.get_reservation(reservation_id)
                # the id comes from outside, so it must not disclose a reservation of another hotel
                return reservation if reservation.hotel_id == hotel_id else None
            reservations = await self._context.pms.find_reservations_by_phone(hotel_id, event.from_number)
        # the PMS works and has responded, so the call is not degraded
        except (ReservationNotFoundError, PmsRejectedError, CapabilityNotSupportedError):
            return None
        return reservations[0] if reservations else None

    def _build_call(
        self, event: CallStarted, event_id: str, reservation: Reservation | None, room_name: str | None
    ) -> Call:
        guest = reservation.guest if reservation else None
        return Call(
            call_id=event.call_id,
            start_event_id=event_id,
            hotel_id=event.metadata.hotel_id,
            caller_number=event.from_number,
            caller_pseudonym=self._pseudonymize(event.from_number),
            language=supported_language(guest.language if guest else None),
            # kept although the look-up failed: the next intent that needs the stay looks it up again
            reservation_id=reservation.id if reservation else event.metadata.reservation_id,
            room_name=room_name,
            started_at=event.timestamp,
        )

    async def _end_if_over(self, call_id: str) -> Call:
        """End the call if its room was closed before the call was stored; return its latest state."""
        call, ended_at = await self._calls.get_with_early_end(call_id)
        if ended_at is not None:
            # never negative, although LiveKit's clock differs from that of the telephone system
            duration = max(0.0, (ended_at - call.started_at).total_seconds())
            await self._ending.end_call(call_id, ended_at, duration)
            return await self._calls.get(call_id)
        return call if call.status == "active" else await self._ending.finish(call)


async def expect_agent(context: IntentContext, call_id: str, cause_id: str) -> None:
    """Let a follow-up look whether the voice agent has joined a call, if one was dispatched."""
    if context.agent_join_time is not None:
        await context.follow_ups.add(
            FollowUpKind.AGENT_EXPECTED, call_id, cause_id, delay=context.agent_join_time
        )


async def _redact_metadata(metadata: CallMetadata) -> Any:
    values = metadata.model_dump()
    if len(str(values)) <= MAX_INLINE_REDACTION_CHARACTERS:
        return _redact_fields(values)
    return await asyncio.to_thread(_redact_fields, values)


def _redact_fields(values: dict[str, Any]) -> dict[str, Any]:
    # the names of the fields are those of the model, and not redacted like the names in what a client sent
    return {name: redact_value(value, name) for name, value in values.items()}


def _greeting(reservation: Reservation | None) -> Reply:
    if reservation and reservation.guest:
        return Reply("welcome_guest", {"name": reservation.guest.full_name})
    return Reply("welcome")
