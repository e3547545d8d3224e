"""Intents that book a service of the hotel."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.calls.call import Call
from orchestrator.calls.events import CallInteraction
from orchestrator.calls.intents.context import IntentContext, find_reservation
from orchestrator.calls.reply import Reply, declined, needs_input
from orchestrator.pms.interface import Capability, require_capability

LATE_CHECKOUT_SERVICE = "late_checkout"


async def handle_room_service(context: IntentContext, call: Call, event: CallInteraction) -> Reply:
    """Book the service that the guest names."""
    service = event.parameters.service or _match_service_name(event.guest_input, context.service_ids)
    if service is None:
        return needs_input("which_service", "service")
    return await _book_service(context, call, service, "ordered")


async def handle_late_checkout(context: IntentContext, call: Call, _event: CallInteraction) -> Reply:
    """Book the late check-out."""
    return await _book_service(context, call, LATE_CHECKOUT_SERVICE, "late_checkout")


async def _book_service(context: IntentContext, call: Call, service: str, phrase_key: str) -> Reply:
    # before the name is looked up: a PMS without services has no names to compare with
    require_capability(context.pms, Capability.SERVICES)
    if service not in context.service_ids:
        return declined(reason="unknown_service")
    reservation = await find_reservation(context, call)
    await context.pms.add_service(reservation.id, context.service_ids[service])
    return Reply(phrase_key, result={"reservation_id": reservation.id, "service": service})


def _match_service_name(text: str, service_ids: Mapping[str, str]) -> str | None:
    text = text.lower()
    return next((name for name in service_ids if name.replace("_", " ") in text), None)
