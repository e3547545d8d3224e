"""The flow of a call: started, one wish after the other, ended."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from orchestrator.calls.call import Call, Interaction, livekit_room_name
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.events import CallEvent, CallInteraction, CallStarted, event_fingerprint
from orchestrator.calls.intents.registry import INTENT_HANDLERS, IntentContext
from orchestrator.calls.phrases import render_phrase, supported_language
from orchestrator.calls.reply import Reply, declined
from orchestrator.calls.repository import CallRepository, IdempotentExecutor, require_active
from orchestrator.errors import AuthorizationError, ConflictError, FieldError, ValidationFailedError
from orchestrator.observability.metrics import Metrics
from orchestrator.observability.redaction import pseudonymize, redact_text, redact_value
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.pms.errors import (
    CapabilityNotSupportedError,
    InvalidStayRequestError,
    PmsRejectedError,
    ReservationNotFoundError,
)
from orchestrator.pms.models import Reservation
from orchestrator.security.authentication import Principal
from orchestrator.speech.service import SpeechService
from orchestrator.vendors.errors import NotFound

DEGRADED_REPLY = Reply("fallback", outcome="degraded")


class CallService:
    """Carries out what the telephone tells of.

    Args:
        house: what wishes are made true with.
        voice: speaks.
        calls: calls that live.
        once: keeps answers to events.
        records: calls that ended.
        metrics: counts.
        privacy_key: makes pseudonyms.
    """

    def __init__(
        self,
        house: IntentContext,
        voice: SpeechService,
        calls: CallRepository,
        once: IdempotentExecutor,
        records: CallRecordRepository,
        metrics: Metrics,
        privacy_key: bytes,
    ) -> None:
        self._house = house
        self._voice = voice
        self._calls = calls
        self._once = once
        self._records = records
        self._metrics = metrics
        self._privacy_key = privacy_key

    async def handle_event(self, event: CallEvent, caller: Principal) -> dict[str, Any]:
        """Carry out an event, once.

        Raises:
            ServiceError: it makes no sense, does not fit the call's state, or nothing can be kept just now.
        """
        await self._authorize(event, caller)

        async def work() -> dict[str, Any]:
            if isinstance(event, CallStarted):
                return await self._start_call(event)
            if isinstance(event, CallInteraction):
                return await self._handle_interaction(event)
            return await self.end_call(event.call_id, event.timestamp, event.duration)

        return await self._once.run(event_fingerprint(event), work)

    async def _authorize(self, event: CallEvent, caller: Principal) -> None:
        hotel = (
            event.metadata.hotel_id
            if isinstance(event, CallStarted)
            else (await self._calls.get(event.call_id)).hotel_id
        )
        if not caller.can_access_hotel(hotel):
            raise AuthorizationError("You may not act for this hotel.")

    async def _start_call(self, event: CallStarted) -> dict[str, Any]:
        troubles = DegradationLog()
        room = livekit_room_name(event.call_id)
        opened = self._house.livekit.create_room(room, metadata=f"hotel={event.metadata.hotel_id}")
        stay, created = await asyncio.gather(
            troubles.run_or_degrade(self._identify_guest(event)), troubles.run_or_degrade(opened)
        )
        call = Call(
            call_id=event.call_id,
            hotel_id=event.metadata.hotel_id,
            caller_number=event.from_number,
            caller_pseudonym=pseudonymize(event.from_number, self._privacy_key),
            language=supported_language(stay.guest.language if stay and stay.guest else None),
            reservation_id=stay.id if stay else event.metadata.reservation_id,
            room_name=room if created else None,
            started_at=event.timestamp,
        )
        if not await self._calls.create(call):
            raise ConflictError("There is a call of this id, with another start.")
        self._metrics.calls_active.inc()
        name = stay.guest.full_name if stay and stay.guest else None
        reply = Reply("welcome_guest" if name else "welcome", {"name": name or ""})
        said = await self._speak_reply(call, reply, troubles)
        call = await self._calls.update(call.call_id, lambda known: known.with_warnings(troubles.warnings))
        found = {"guest_found": stay is not None, "metadata": redact_value(event.metadata.model_dump())}
        return _event_response(call, said, reply, troubles) | found

    async def _identify_guest(self, event: CallStarted) -> Reservation | None:
        """Who calls: by the reservation's id if it is known, else by the number; only of this hotel."""
        hotel, reservation = event.metadata.hotel_id, event.metadata.reservation_id
        try:
            if reservation:
                stay = await self._house.pms.get_reservation(reservation)
                return stay if stay.hotel_id == hotel else None
            stays = await self._house.pms.find_reservations_by_phone(hotel, event.from_number)
        except (ReservationNotFoundError, PmsRejectedError, CapabilityNotSupportedError):
            return None
        return stays[0] if stays else None

    async def _handle_interaction(self, event: CallInteraction) -> dict[str, Any]:
        call = require_active(await self._calls.get(event.call_id))
        troubles = DegradationLog()
        reply = await troubles.run_or_degrade(self._run_intent(call, event)) or DEGRADED_REPLY
        said = await self._speak_reply(call, reply, troubles)
        done = Interaction(type=event.interaction_type, outcome=reply.outcome)
        call = await self._calls.update(
            call.call_id, lambda known: known.with_interaction(done, troubles.warnings, reply.reservation_id)
        )
        self._metrics.interactions.labels(event.interaction_type, reply.outcome).inc()
        return _event_response(call, said, reply, troubles) | {"guest_input": redact_text(event.guest_input)}

    async def _run_intent(self, call: Call, event: CallInteraction) -> Reply:
        """What comes of a wish.

        Raises:
            ValidationFailedError: it makes no sense.
            PmsUnavailableError, VendorError: who should do it is away.
        """
        try:
            return await INTENT_HANDLERS[event.interaction_type](self._house, call, event)
        except ReservationNotFoundError:
            return declined("not_found", "no_reservation")
        except PmsRejectedError:
            return declined()
        except CapabilityNotSupportedError:
            return declined(reason="not_supported")
        except InvalidStayRequestError as error:
            where = FieldError(f"parameters.{error.field}", error.problem)
            raise ValidationFailedError("The wish makes no sense.", details=[where]) from error

    async def _speak_reply(self, call: Call, reply: Reply, troubles: DegradationLog) -> str:
        """Say it in the room; without a voice the agent gets the text."""
        text = render_phrase(call.language, reply.phrase_key, reply.phrase_values)
        if call.room_name:
            await troubles.run_or_degrade(self._voice.warm_cache(text, call.language))
            await troubles.run_or_degrade(self._voice.send_to_agent(call.room_name, text, call.language))
        return text

    async def end_call(self, call_id: str, ended_at: datetime, duration: float) -> dict[str, Any]:
        """End a call: close its room, write its record. One that has ended stays as it is.

        Raises:
            NotFoundError: there is no such call (yet).
            ServiceUnavailableError: the record cannot be written; nothing is forgotten.
        """
        call = await self._calls.get(call_id)
        troubles = DegradationLog()
        if call.status == "active":
            if call.room_name:
                await troubles.run_or_degrade(self._close(call.room_name))
            await self._records.save(call, ended_at, duration)
            if await self._mark_ended(call_id):
                self._metrics.calls_active.dec()
                self._metrics.calls.labels("degraded" if call.warnings else "completed").inc()
                self._metrics.call_seconds.observe(duration)
        warnings = [one.model_dump() for one in troubles.warnings]
        return {"status": "success", "call_id": call_id, "state": "ended", "warnings": warnings}

    async def _close(self, room: str) -> None:
        try:
            await self._house.livekit.delete_room(room)
        except NotFound:
            return  # LiveKit closed it when the last one left

    async def _mark_ended(self, call_id: str) -> bool:
        """Whether it was us who ended the call."""
        try:
            await self._calls.update(call_id, Call.as_ended)
        except ConflictError:
            return False
        return True


def _event_response(call: Call, said: str, reply: Reply, troubles: DegradationLog) -> dict[str, Any]:
    return {
        "status": "success",
        "call_id": call.call_id,
        "state": call.status,
        "language": call.language,
        "reply": said,
        "outcome": reply.outcome,
        "result": dict(reply.result),
        "warnings": [one.model_dump() for one in troubles.warnings],
    }
