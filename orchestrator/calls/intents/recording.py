"""The guest's consent to a recording of the call."""

from __future__ import annotations

from orchestrator.calls.events import event_id_of
from orchestrator.calls.intents.context import IntentContext, IntentRequest
from orchestrator.calls.reply import Reply, declined, needs_input


async def handle_recording_consent(context: IntentContext, request: IntentRequest) -> Reply:
    """Store the guest's consent and record the call, or stop recording it.

    A refusal, and a recorder that is not available, are outcomes like any other: the call goes on.

    Raises:
        DependencyUnavailableError: the recording may go on, although the guest does not want it any more.
        DatabaseUnavailableError: the consent cannot be stored.
    """
    confirmed, call = request.event.parameters.confirmed, request.call
    # an erased caller has no pseudonym to store a consent under
    if not context.recordings.is_enabled or call.is_anonymous:
        return declined(reason="not_supported")
    if confirmed is None:
        return needs_input("ask_recording", "confirmed")
    await context.recordings.save_consent(call, granted=confirmed, at=request.event.timestamp)
    # a refusal that arrives after a later consent stops nothing
    if confirmed or await context.recordings.is_consented(call):
        return await _start(context, request)
    # not degraded to a reply that says so: the guest must not hear that nothing is recorded unless it is true
    await context.recordings.stop(call)
    return Reply("not_recorded", result={"recording": False})


async def _start(context: IntentContext, request: IntentRequest) -> Reply:
    is_recorded = False
    # there is nothing to record without a room
    if request.call.room_name is not None:
        starting = context.recordings.start(request.call, event_id_of(request.event))
        is_recorded = await request.degradation.run_or_degrade(starting) or False
    phrase_key = "recording_started" if is_recorded else "recording_unavailable"
    return Reply(phrase_key, result={"recording": is_recorded})
