"""Handles call events: started, interaction, ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from orchestrator.calls.call import Call, Interaction, call_id_of_room
from orchestrator.calls.call_ending import CallEnding
from orchestrator.calls.call_start import CallStart, expect_agent
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.event_response import reply_response
from orchestrator.calls.events import CallEvent, CallInteraction, CallStarted, event_id_of
from orchestrator.calls.follow_ups import FollowUpKind
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.intents.context import IntentContext, IntentRequest
from orchestrator.calls.intents.registry import run_intent
from orchestrator.calls.journal import REPLY_STEP, EventJournal
from orchestrator.calls.ports import CallRecords, HotelAccess, Interpreter, Speech
from orchestrator.calls.reply import DEGRADED_REPLY, Reply
from orchestrator.calls.repository import CallRepository, require_accepting_interactions
from orchestrator.calls.speaker import ReplySpeaker
from orchestrator.calls.understanding import ParameterCompletion, understood_parameters
from orchestrator.errors import AuthorizationError, NotFoundError, ServiceError
from orchestrator.observability import logging
from orchestrator.observability.metrics import Metrics
from orchestrator.observability.redaction import redact_text
from orchestrator.state.store import StoreUnavailableError


class CallService:
    """Handles call events.

    Args:
        context: the PMS, the telephony and the hotel's data.
        speech: synthesizes replies.
        calls: the calls in the state store.
        idempotency: runs each event once.
        records: the permanent records.
        metrics: counts calls and interactions.
        pseudonymize: returns the pseudonym of a phone number.
        interpreter: understands what guests say.
    """

    def __init__(
        self,
        context: IntentContext,
        speech: Speech,
        calls: CallRepository,
        idempotency: IdempotentExecutor,
        records: CallRecords,
        metrics: Metrics,
        pseudonymize: Callable[[str], str],
        interpreter: Interpreter,
    ) -> None:
        self._context = context
        self._calls = calls
        self._idempotency = idempotency
        self._metrics = metrics
        self._completion = ParameterCompletion(interpreter, context)
        self._speaker = ReplySpeaker(speech, context.telephony)
        self._ending = CallEnding(calls, records, context.telephony, context.recordings, metrics)
        self._start = CallStart(context, self._speaker, calls, self._ending, pseudonymize)

    async def handle_event(self, event: CallEvent, principal: HotelAccess) -> dict[str, Any]:
        """Handle an event once and return the response; a redelivered event gets the same response.

        Raises:
            ServiceError: the event is invalid, conflicts with the state of the call, or cannot be stored.
        """
        # access is required before the stored response is returned, which the principal may not be allowed to see
        if isinstance(event, CallStarted):
            _require_access(principal, event.metadata.hotel_id)
            return await self._idempotency.run(event_id_of(event), partial(self._start.start_call, event))
        call = await self._calls.get(event.call_id)
        _require_access(principal, call.hotel_id)

        async def work(journal: EventJournal) -> dict[str, Any]:
            if isinstance(event, CallInteraction):
                return await self._handle_interaction(event, journal, call)
            return await self._ending.end_call(
                event.call_id, event.timestamp, event.duration, journal, known=call
            )

        return await self._idempotency.run(event_id_of(event), work)

    async def handle_room_finished(self, room_name: str, ended_at: datetime) -> bool:
        """End the call of a room that was closed; return whether a call was ended.

        If the call has not started yet, the end is remembered and applied as soon as the call starts.
        """
        call_id = call_id_of_room(room_name)
        if call_id is None:
            return False
        if not await self._end_at(call_id, ended_at):
            await self._calls.remember_early_end(call_id, ended_at)
            # the call may have started between the first look-up and the note
            return await self._end_at(call_id, ended_at)
        return True

    async def _end_at(self, call_id: str, ended_at: datetime) -> bool:
        try:
            started_at = (await self._calls.get(call_id)).started_at
        except NotFoundError:
            return False
        # never negative, although LiveKit's clock differs from that of the telephone system
        duration = max(0.0, (ended_at - started_at).total_seconds())
        await self._ending.end_call(call_id, ended_at, duration)
        return True

    async def start_answered_call(self, call: Call, reply: Reply) -> None:
        """Start a call that the hotel has placed and a guest has answered, and speak the reply.

        A call that is started already is only spoken to. Without the state store the guest hears the reply all the same.
        """
        try:
            if await self._calls.claim(call.call_id, call.start_event_id) is None:
                await self._calls.register(call.call_id, call.caller_pseudonym)
                await self._calls.create(call)
                await expect_agent(self._context, call.call_id, call.start_event_id)
            # the guest may have hung up before the call was stored
            if ended_at := await self._calls.find_early_end(call.call_id):
                await self._end_at(call.call_id, ended_at)
        except (ServiceError, StoreUnavailableError) as error:
            logging.exception("answered_call_not_stored", error)
        await self._speaker.speak(call, reply, DegradationLog())

    async def count_active_calls(self) -> int:
        """Return how many calls have started and not ended."""
        return await self._calls.count_active()

    async def _handle_interaction(
        self, event: CallInteraction, journal: EventJournal, call: Call
    ) -> dict[str, Any]:
        # it may have ended while an earlier delivery was awaited
        call = await self._calls.get(event.call_id) if journal.repeated else call
        # what an earlier delivery has begun is completed, although the call may have ended meanwhile
        if not (journal.resumed or call.has_interaction(journal.event_id)):
            require_accepting_interactions(call)
        degradation = DegradationLog()
        # without an interpreter the intent asks for what was not sent as a parameter
        completed = await degradation.run_or_degrade(self._completion.complete(call, event)) or event
        reply = await self._run_intent(IntentRequest(call, completed, journal, degradation))
        call = await self._record_interaction(call, event, reply, degradation, journal)
        await self._discard_order_of_erased_caller(call, reply)
        text = await self._speaker.speak(call, reply, degradation)
        await self._follow_up(call, journal.event_id, reply)
        if warnings := degradation.take_unrecorded():
            call = await self._calls.update(call.call_id, lambda current: current.with_warnings(warnings))
        if call.status != "active":  # the call ended meanwhile, but what was done must be in its record
            await self._ending.stop_recording(call, degradation)
            call = await self._ending.finish(call)
        self._metrics.interactions.labels(event.interaction_type, reply.outcome).inc()
        return reply_response(call, text, reply, degradation) | {
            "guest_input": redact_text(event.guest_input),
            "understood": understood_parameters(event, completed),
        }

    async def _discard_order_of_erased_caller(self, call: Call, reply: Reply) -> None:
        # an erasure that came before the order was stored has not found it
        if call.is_anonymous and (order_id := reply.result.get("outbound_call_id")):
            await self._context.outbound_calls.discard(order_id)

    async def _follow_up(self, call: Call, event_id: str, reply: Reply) -> None:
        # after the reply is spoken: the caller must not hear first that no colleague takes the call
        if reply.transferred_caller is not None and call.status == "active":
            details = {"caller": reply.transferred_caller}
            await self._context.follow_ups.add(FollowUpKind.TRANSFER, call.call_id, event_id, details=details)

    async def _run_intent(self, request: IntentRequest) -> Reply:
        """Return the reply of the intent, or that of an earlier delivery of the event."""
        request.journal.take_over(request.call.unconfirmed)
        earlier = request.journal.outcome(REPLY_STEP)
        if earlier is not None:
            return Reply(**earlier)
        reply = await request.degradation.run_or_degrade(run_intent(self._context, request))
        if reply is None:
            return DEGRADED_REPLY
        request.journal.keep(REPLY_STEP, reply.as_json())
        return reply

    async def _record_interaction(
        self,
        known: Call,
        event: CallInteraction,
        reply: Reply,
        degradation: DegradationLog,
        journal: EventJournal,
    ) -> Call:
        """Add the interaction to the call at once, before the reply is spoken: the call may end at any time."""
        interaction = Interaction(
            type=event.interaction_type, outcome=reply.outcome, event_id=journal.event_id
        )
        warnings = degradation.take_unrecorded()

        def change(current: Call) -> Call:
            unconfirmed = journal.unconfirmed_after(current.unconfirmed)
            call = current.with_interaction(interaction, warnings, reply.reservation_id)
            return call.with_unconfirmed(unconfirmed)

        return await self._calls.update(event.call_id, change, known=known)


def _require_access(principal: HotelAccess, hotel_id: str) -> None:
    if not principal.can_access_hotel(hotel_id):
        raise AuthorizationError("The principal is not allowed to act for this hotel.")
