"""Intents that book a service of the hotel."""

from __future__ import annotations

from orchestrator.calls.intents.context import IntentContext, IntentRequest, find_reservation
from orchestrator.calls.intents.refusals import explain_rejection
from orchestrator.calls.journal import step_name
from orchestrator.calls.reply import Reply, declined, needs_input
from orchestrator.pms.errors import PmsRejectedError
from orchestrator.pms.interface import Capability, require_capability

LATE_CHECKOUT_SERVICE = "late_checkout"


async def handle_room_service(context: IntentContext, request: IntentRequest) -> Reply:
    """Book the service that the guest names."""
    event = request.event
    service = event.parameters.service
    if service is None:
        return needs_input("which_service", "service")
    return await _book_service(context, request, service, "ordered")


async def handle_late_checkout(context: IntentContext, request: IntentRequest) -> Reply:
    """Book the late check-out."""
    return await _book_service(context, request, LATE_CHECKOUT_SERVICE, "late_checkout")


async def _book_service(
    context: IntentContext, request: IntentRequest, service: str, phrase_key: str
) -> Reply:
    # before the name is looked up: a PMS without services has no names to compare with
    require_capability(context.pms, Capability.SERVICES)
    if service not in context.service_ids:
        return declined(reason="unknown_service")
    reservation = await find_reservation(context, request.call)
    try:
        await _book_once(context, request, reservation.id, context.service_ids[service])
    except PmsRejectedError:
        return await explain_rejection(context, reservation.id, Capability.SERVICES)
    return Reply(phrase_key, result={"reservation_id": reservation.id, "service": service})


async def _book_once(
    context: IntentContext, request: IntentRequest, reservation_id: str, service_id: str
) -> None:
    """Book a service; after an attempt without a response, only if the PMS does not have one more than before it."""

    async def count() -> int:
        reservation = await context.pms.get_current_reservation(reservation_id)
        return reservation.services.get(service_id, 0)

    step = step_name("add_service", reservation=reservation_id, service=service_id)
    details = request.journal.find_details(step)
    if details is None:
        details = {"count": await count()}

    async def add_service() -> bool:
        await context.pms.add_service(reservation_id, service_id)
        return True

    async def is_added() -> bool | None:
        return await count() > details["count"] or None

    await request.journal.run_step(step, details, add_service, is_added)
