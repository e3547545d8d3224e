"""The flow of a call: started, one wish after the other, ended."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from orchestrator.calls.events import CallEvent, CallInteraction, CallStarted, fingerprint
from orchestrator.calls.phrases import language_of, phrase
from orchestrator.calls.records import Records
from orchestrator.calls.reply import Reply, refused
from orchestrator.calls.state import Call, Interaction, room_of
from orchestrator.calls.store import Calls, Once, active
from orchestrator.calls.trouble import Troubles
from orchestrator.calls.voice import Voice
from orchestrator.calls.wishes import WISHES, House
from orchestrator.errors import AuthorizationError, ConflictError, Detail, ValidationFailedError
from orchestrator.observability.metrics import Metrics
from orchestrator.pms.errors import InvalidInput, NotSupported, PmsRefused, StayNotFound
from orchestrator.pms.models import Reservation
from orchestrator.privacy import pseudonym, redact, redact_all
from orchestrator.security.callers import Caller
from orchestrator.vendors.errors import NotFound

FALLBACK = Reply("fallback", outcome="degraded")


class CallFlow:
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
        house: House,
        voice: Voice,
        calls: Calls,
        once: Once,
        records: Records,
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

    async def handle(self, event: CallEvent, caller: Caller) -> dict[str, Any]:
        """Carry out an event, once.

        Raises:
            ApiError: it makes no sense, does not fit the call's state, or nothing can be kept just now.
        """
        await self._may(event, caller)

        async def work() -> dict[str, Any]:
            if isinstance(event, CallStarted):
                return await self._started(event)
            if isinstance(event, CallInteraction):
                return await self._wished(event)
            return await self.end(event.call_id, event.timestamp, event.duration)

        return await self._once.run(fingerprint(event), work)

    async def _may(self, event: CallEvent, caller: Caller) -> None:
        hotel = (
            event.metadata.hotel_id
            if isinstance(event, CallStarted)
            else (await self._calls.get(event.call_id)).hotel_id
        )
        if not caller.serves(hotel):
            raise AuthorizationError("You may not act for this hotel.")

    async def _started(self, event: CallStarted) -> dict[str, Any]:
        troubles = Troubles()
        room = room_of(event.call_id)
        opened = self._house.livekit.create_room(room, metadata=f"hotel={event.metadata.hotel_id}")
        stay, created = await asyncio.gather(troubles.survive(self._guest(event)), troubles.survive(opened))
        call = Call(
            call_id=event.call_id,
            hotel_id=event.metadata.hotel_id,
            caller=event.from_number,
            subject=pseudonym(event.from_number, self._privacy_key),
            language=language_of(stay.guest.language if stay and stay.guest else None),
            reservation_id=stay.id if stay else event.metadata.reservation_id,
            room=room if created else None,
            started_at=event.timestamp,
        )
        if not await self._calls.begin(call):
            raise ConflictError("There is a call of this id, with another start.")
        self._metrics.calls_active.inc()
        name = stay.guest.full_name if stay and stay.guest else None
        reply = Reply("welcome_guest" if name else "welcome", {"name": name or ""})
        said = await self._say(call, reply, troubles)
        call = await self._calls.change(call.call_id, lambda known: known.warned(troubles.warnings))
        found = {"guest_found": stay is not None, "metadata": redact_all(event.metadata.model_dump())}
        return _answer(call, said, reply, troubles) | found

    async def _guest(self, event: CallStarted) -> Reservation | None:
        """Who calls: by the reservation's id if it is known, else by the number; only of this hotel."""
        hotel, reservation = event.metadata.hotel_id, event.metadata.reservation_id
        try:
            if reservation:
                stay = await self._house.pms.stay(reservation)
                return stay if stay.hotel_id == hotel else None
            stays = await self._house.pms.stays_of_phone(hotel, event.from_number)
        except (StayNotFound, PmsRefused, NotSupported):
            return None
        return stays[0] if stays else None

    async def _wished(self, event: CallInteraction) -> dict[str, Any]:
        call = active(await self._calls.get(event.call_id))
        troubles = Troubles()
        reply = await troubles.survive(self._fulfilled(call, event)) or FALLBACK
        said = await self._say(call, reply, troubles)
        done = Interaction(type=event.interaction_type, outcome=reply.outcome)
        call = await self._calls.change(
            call.call_id, lambda known: known.heard(done, troubles.warnings, reply.stay)
        )
        self._metrics.interactions.labels(event.interaction_type, reply.outcome).inc()
        return _answer(call, said, reply, troubles) | {"heard": redact(event.guest_input)}

    async def _fulfilled(self, call: Call, event: CallInteraction) -> Reply:
        """What comes of a wish.

        Raises:
            ValidationFailedError: it makes no sense.
            PmsUnavailable, VendorError: who should do it is away.
        """
        try:
            return await WISHES[event.interaction_type](self._house, call, event)
        except StayNotFound:
            return refused("not_found", "no_reservation")
        except PmsRefused:
            return refused()
        except NotSupported:
            return refused(reason="not_supported")
        except InvalidInput as error:
            where = Detail(f"parameters.{error.field}", error.problem)
            raise ValidationFailedError("The wish makes no sense.", details=[where]) from error

    async def _say(self, call: Call, reply: Reply, troubles: Troubles) -> str:
        """Say it in the room; without a voice the agent gets the text."""
        text = phrase(call.language, reply.phrase, reply.values)
        if call.room:
            await troubles.survive(self._voice.prepare(text, call.language))
            await troubles.survive(self._voice.say(call.room, text, call.language))
        return text

    async def end(self, call_id: str, ended_at: datetime, duration: float) -> dict[str, Any]:
        """End a call: close its room, write its record. One that has ended stays as it is.

        Raises:
            UnknownError: there is no such call (yet).
            ServiceUnavailableError: the record cannot be written; nothing is forgotten.
        """
        call = await self._calls.get(call_id)
        troubles = Troubles()
        if call.phase == "active":
            if call.room:
                await troubles.survive(self._close(call.room))
            await self._records.write(call, ended_at, duration)
            if await self._won(call_id):
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

    async def _won(self, call_id: str) -> bool:
        """Whether it was us who ended the call."""
        try:
            await self._calls.change(call_id, Call.ended)
        except ConflictError:
            return False
        return True


def _answer(call: Call, said: str, reply: Reply, troubles: Troubles) -> dict[str, Any]:
    return {
        "status": "success",
        "call_id": call.call_id,
        "state": call.phase,
        "language": call.language,
        "reply": said,
        "outcome": reply.outcome,
        "result": dict(reply.result),
        "warnings": [one.model_dump() for one in troubles.warnings],
    }
