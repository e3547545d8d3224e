"""Intents that order a call to the guest: wake-up calls and call-backs."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from orchestrator.calls.events import event_id_of
from orchestrator.calls.intents.context import IntentContext, IntentRequest
from orchestrator.calls.journal import Details, step_name
from orchestrator.calls.outbound_order import OrderRejectedError, OutboundCallKind, OutboundCallOrder
from orchestrator.calls.reply import Reply, declined, needs_input

ORDERED_BY_GUEST = "guest"
ORDER_ID_CHARACTERS = 32


async def handle_wake_up(context: IntentContext, request: IntentRequest) -> Reply:
    """Order a wake-up call to the caller's number."""
    return await _order(context, request, OutboundCallKind.WAKE_UP)


async def handle_call_back(context: IntentContext, request: IntentRequest) -> Reply:
    """Order a call-back to the caller's number."""
    return await _order(context, request, OutboundCallKind.CALL_BACK)


async def _order(context: IntentContext, request: IntentRequest, kind: OutboundCallKind) -> Reply:
    parameters = request.event.parameters
    if parameters.time is None:
        return needs_input("which_time", "time")
    step = step_name("order_outbound_call", kind=kind, time=parameters.time, day=parameters.date)
    try:
        details = request.journal.find_details(step)
        if details is None:
            # the call has ended, or the caller's data was erased
            if request.call.caller_number is None:
                return declined(reason="no_number")
            due_at = context.outbound_calls.resolve_time(time.fromisoformat(parameters.time), parameters.date)
            details = _order_details(request, due_at)
        result = await _order_once(context, request, kind, step, details)
    except OrderRejectedError as error:
        phrase_key = "which_time" if error.reason in {"in_the_past", "too_far_ahead"} else "refused"
        return declined(phrase_key, error.reason)
    due_at = datetime.fromisoformat(result["due_at"])
    return Reply(
        f"{kind}_ordered",
        {"date": str(due_at.date()), "time": f"{due_at:%H:%M}"},
        result={"kind": kind, **result},
    )


async def _order_once(
    context: IntentContext, request: IntentRequest, kind: OutboundCallKind, step: str, details: Details
) -> dict[str, Any]:
    async def order_call() -> dict[str, Any]:
        order = OutboundCallOrder(
            order_id=details["order_id"],
            kind=kind,
            hotel_id=request.call.hotel_id,
            number=details["number"],
            language=request.call.language,
            reservation_id=request.call.reservation_id,
            due_at=datetime.fromisoformat(details["due_at"]),
            ordered_by=ORDERED_BY_GUEST,
        )
        return {
            "outbound_call_id": await context.outbound_calls.order_for_guest(order),
            "due_at": details["due_at"],
        }

    # an order is stored once, so repeating it is how one finds out whether it was stored
    result: dict[str, Any] = await request.journal.run_step(step, details, order_call, order_call)
    return result


def _order_details(request: IntentRequest, due_at: datetime) -> Details:
    return {
        "order_id": event_id_of(request.event)[:ORDER_ID_CHARACTERS],
        "due_at": due_at.isoformat(),
        # the call forgets the number when it ends, possibly before the event is delivered again
        "number": request.call.caller_number,
    }
