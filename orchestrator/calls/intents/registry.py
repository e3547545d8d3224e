"""The handler of each intent."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.calls.events import InteractionType
from orchestrator.calls.intents.booking import handle_booking
from orchestrator.calls.intents.check_in import handle_check_in
from orchestrator.calls.intents.check_out import handle_balance, handle_check_out
from orchestrator.calls.intents.context import IntentContext, IntentHandler, IntentRequest
from orchestrator.calls.intents.information import (
    handle_availability,
    handle_greeting,
    handle_small_talk,
    handle_stay_details,
)
from orchestrator.calls.intents.outbound import handle_call_back, handle_wake_up
from orchestrator.calls.intents.recording import handle_recording_consent
from orchestrator.calls.intents.rooms import handle_room_assignment
from orchestrator.calls.intents.services import handle_late_checkout, handle_room_service
from orchestrator.calls.intents.stay_changes import handle_cancellation, handle_stay_change
from orchestrator.calls.intents.transfer import handle_transfer
from orchestrator.calls.reply import Reply, declined
from orchestrator.errors import FieldError, ValidationFailedError
from orchestrator.pms.errors import (
    CapabilityNotSupportedError,
    InvalidStayRequestError,
    PmsRejectedError,
    ReservationNotFoundError,
)

INTENT_HANDLERS: Mapping[InteractionType, IntentHandler] = {
    InteractionType.GREETING: handle_greeting,
    InteractionType.GUEST_INFO: handle_stay_details,
    InteractionType.ROOM_SERVICE: handle_room_service,
    InteractionType.AVAILABILITY: handle_availability,
    InteractionType.BOOKING: handle_booking,
    InteractionType.CHANGE: handle_stay_change,
    InteractionType.CANCELLATION: handle_cancellation,
    InteractionType.LATE_CHECKOUT: handle_late_checkout,
    InteractionType.TRANSFER: handle_transfer,
    InteractionType.WAKE_UP: handle_wake_up,
    InteractionType.CALL_BACK: handle_call_back,
    InteractionType.SMALL_TALK: handle_small_talk,
    InteractionType.CHECK_IN: handle_check_in,
    InteractionType.CHECK_OUT: handle_check_out,
    InteractionType.ROOM_ASSIGNMENT: handle_room_assignment,
    InteractionType.BALANCE: handle_balance,
    InteractionType.RECORDING_CONSENT: handle_recording_consent,
}


async def run_intent(context: IntentContext, request: IntentRequest) -> Reply:
    """Run the handler of an interaction; what the PMS rejects becomes a reply that declines.

    Raises:
        ValidationFailedError: a parameter is invalid.
        PmsUnavailableError, DependencyUnavailableError: the intent could not be carried out.
    """
    try:
        return await INTENT_HANDLERS[request.event.interaction_type](context, request)
    except ReservationNotFoundError:
        return declined("not_found", "no_reservation")
    except PmsRejectedError:
        return declined()
    except CapabilityNotSupportedError:
        return declined(reason="not_supported")
    except InvalidStayRequestError as error:
        detail = FieldError(f"parameters.{error.field}", error.problem)
        raise ValidationFailedError("The interaction's parameters are invalid.", details=[detail]) from error
