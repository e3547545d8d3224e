"""The intent to check in."""

from __future__ import annotations

from orchestrator.calls.intents.context import IntentContext, IntentRequest, find_reservation
from orchestrator.calls.intents.refusals import explain_rejection, find_refusal
from orchestrator.calls.intents.rooms import ensure_room
from orchestrator.calls.journal import step_name
from orchestrator.calls.reply import Reply, needs_input
from orchestrator.pms.errors import PmsRejectedError
from orchestrator.pms.interface import Capability, require_capability
from orchestrator.pms.models import Refusal, Reservation


async def handle_check_in(context: IntentContext, request: IntentRequest) -> Reply:
    """Check the caller in after an explicit confirmation; a room is assigned if there is none yet.

    After an attempt without a response nothing is checked or asked again: the guest may be in the house already.
    """
    require_capability(context.pms, Capability.CHECK_IN)
    reservation_id = (await find_reservation(context, request.call)).id
    current = await context.pms.get_current_reservation(reservation_id)
    step = step_name("check_in", reservation=reservation_id)
    if request.journal.find_details(step) is None:
        refusal = _find_refusal(current)
        if refusal:
            return refusal
        if not request.event.parameters.confirmed:
            return needs_input("confirm_check_in", "confirmed", departure=str(current.departure))
    room = await ensure_room(context, request, current)
    if isinstance(room, Reply):
        return room
    try:
        await _check_in(context, request, step, current)
    except PmsRejectedError:
        return await explain_rejection(context, reservation_id, Capability.CHECK_IN)
    return Reply("checked_in", {"room": room}, result={"reservation_id": reservation_id, "room": room})


def _find_refusal(reservation: Reservation) -> Reply | None:
    refusal = find_refusal(reservation, Capability.CHECK_IN)
    # a missing room is assigned
    return None if refusal and refusal.result["reason"] == Refusal.NO_ROOM else refusal


async def _check_in(
    context: IntentContext, request: IntentRequest, step: str, reservation: Reservation
) -> None:
    async def check_in() -> bool:
        await context.pms.check_in(reservation.id)
        return True

    async def is_checked_in() -> bool | None:
        return (await context.pms.get_current_reservation(reservation.id)).status == "in_house" or None

    await request.journal.run_step(step, {}, check_in, is_checked_in)
