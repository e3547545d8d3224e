"""The parameters of an interaction, completed from what the guest said."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from orchestrator.calls.call import Call
from orchestrator.calls.events import CallInteraction, InteractionParameters, InteractionType
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.ports import Interpreter, Utterance

_STAY = ("arrival", "departure", "adults")
INTENT_PARAMETERS: Mapping[InteractionType, tuple[str, ...]] = {
    InteractionType.AVAILABILITY: _STAY,
    InteractionType.BOOKING: _STAY,
    InteractionType.CHANGE: _STAY,
    InteractionType.ROOM_SERVICE: ("service",),
    InteractionType.WAKE_UP: ("date", "time"),
    InteractionType.CALL_BACK: ("date", "time"),
}
"""The parameters of each intent that are recognized in text."""


class ParameterCompletion:
    """Completes the parameters of interactions.

    Args:
        interpreter: understands the text.
        context: the hotel's services and calendar.
    """

    def __init__(self, interpreter: Interpreter, context: IntentContext) -> None:
        self._interpreter = interpreter
        self._context = context

    async def complete(self, call: Call, event: CallInteraction) -> CallInteraction:
        """Return the event with the missing parameters that its text contains; parameters that were sent are never replaced.

        Raises:
            DependencyUnavailableError: the text cannot be interpreted now.
        """
        sent = event.parameters.model_fields_set
        missing = [name for name in INTENT_PARAMETERS.get(event.interaction_type, ()) if name not in sent]
        if not missing or not event.guest_input:
            return event
        try:
            # the event's own time: an event that is delivered again after midnight means the same day
            today = self._context.date_at_hotel(event.timestamp)
        except OverflowError:  # the first or last day of the calendar, in another time zone
            return event
        utterance = Utterance(
            text=event.guest_input,
            language=call.language,
            today=today,
            missing_parameters=missing,
            sent_parameters=event.parameters.model_dump(exclude_unset=True),
            services=list(self._context.service_ids),
        )
        understood = await self._interpreter.interpret(utterance)
        return _merge(event, {name: understood[name] for name in missing if name in understood})


def _merge(event: CallInteraction, understood: Mapping[str, object]) -> CallInteraction:
    try:
        parameters = InteractionParameters.model_validate(
            {**event.parameters.model_dump(exclude_unset=True), **understood}
        )
    # an interpreter can return anything; what is not valid was not understood, and is asked for
    except ValidationError:
        return event
    return event.model_copy(update={"parameters": parameters})


def understood_parameters(sent: CallInteraction, completed: CallInteraction) -> dict[str, object]:
    """Return the parameters that were recognized in the text, as JSON, for the agent to send with its next question."""
    names = completed.parameters.model_fields_set - sent.parameters.model_fields_set
    return completed.parameters.model_dump(mode="json", include=names)
