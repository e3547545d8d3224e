"""The intent to get a room, and the assignment of a room before the check-in."""

from __future__ import annotations

from orchestrator.calls.intents.context import IntentContext, IntentRequest, find_reservation
from orchestrator.calls.intents.refusals import explain_rejection, find_refusal
from orchestrator.calls.journal import Details, step_name
from orchestrator.calls.reply import Reply, declined, needs_input
from orchestrator.pms.errors import PmsRejectedError
from orchestrator.pms.interface import Capability, require_capability
from orchestrator.pms.models import Refusal, Reservation


async def handle_room_assignment(context: IntentContext, request: IntentRequest) -> Reply:
    """Assign a free room of the booked type, or the room that the guest names; a guest who has a room confirms another one."""
    require_capability(context.pms, Capability.ASSIGN_ROOM)
    reservation_id = (await find_reservation(context, request.call)).id
    current = await context.pms.get_current_reservation(reservation_id)
    parameters = request.event.parameters
    if request.journal.find_details(_step(current, parameters.room)) is None:
        refusal = find_refusal(current, Capability.ASSIGN_ROOM)
        if refusal:
            return refusal
        if current.room and _is_requested(current, parameters.room):
            return declined("room_already_assigned", "room_already_assigned", room=current.room)
        if current.room and not parameters.confirmed:
            values = {"room": current.room, "new_room": parameters.room or ""}
            return needs_input("confirm_room_change", "confirmed", **values)
    room = await ensure_room(context, request, current)
    if isinstance(room, Reply):
        return room
    return Reply("room_assigned", {"room": room}, result={"reservation_id": current.id, "room": room})


async def ensure_room(
    context: IntentContext, request: IntentRequest, reservation: Reservation
) -> str | Reply:
    """Return the name of the guest's room, which is assigned if there is none for the whole stay, or not the one named.

    Args:
        context: the PMS.
        request: its parameter `room` names a room.
        reservation: the reservation as it is now.

    Returns:
        The name of the room, or the reply that declines the room.
    """
    name = request.event.parameters.room
    step = _step(reservation, name)
    details = request.journal.find_details(step)
    if details is None:
        is_partial = reservation.refusals.get(Capability.CHECK_IN) == Refusal.NO_ROOM
        if reservation.room and _is_requested(reservation, name) and not is_partial:
            return reservation.room
        require_capability(context.pms, Capability.ASSIGN_ROOM)
        room_id = await context.pms.find_room(reservation, name) if name else None
        if name and room_id is None:
            return declined("room_unknown", "room_unknown", room=name)
        details = {"room_id": room_id, "previous_room": reservation.room}
    try:
        return await _assign(context, request, reservation.id, step, details)
    except PmsRejectedError:
        reply = declined("room_taken", "room_taken", room=name) if name else declined("no_room", "no_room")
        return await explain_rejection(context, reservation.id, Capability.ASSIGN_ROOM, reply)


async def _assign(
    context: IntentContext, request: IntentRequest, reservation_id: str, step: str, details: Details
) -> str:
    async def assign() -> str:
        return await context.pms.assign_room(reservation_id, details["room_id"])

    async def find_assigned() -> str | None:
        room = (await context.pms.get_current_reservation(reservation_id)).room
        return room if room != details["previous_room"] else None

    room: str = await request.journal.run_step(step, details, assign, find_assigned)
    return room


def _step(reservation: Reservation, name: str | None) -> str:
    return step_name("assign_room", reservation=reservation.id, room=name)


def _is_requested(reservation: Reservation, name: str | None) -> bool:
    """Return whether the room of a reservation is the one that the guest names, or the guest names none."""
    return name is None or (reservation.room or "").casefold() == name.casefold()
