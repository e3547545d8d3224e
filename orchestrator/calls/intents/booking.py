"""The intent to book a stay."""

from __future__ import annotations

from typing import Any

from orchestrator.calls.events import event_id_of
from orchestrator.calls.intents.context import IntentContext, IntentRequest
from orchestrator.calls.intents.stay_parameters import (
    ask_for_dates,
    offer_result,
    requested_adults,
    requested_dates,
    select_offer,
)
from orchestrator.calls.journal import Details, step_name
from orchestrator.calls.reply import Reply, declined, needs_input
from orchestrator.pms.interface import Capability, require_capability
from orchestrator.pms.models import BookingRequest, Guest, Offer


async def handle_booking(context: IntentContext, request: IntentRequest) -> Reply:
    """Book a stay for the caller, once.

    After an attempt without a response, the same request is sent with the same idempotency key, whatever the offers are
    now: the booking may have taken the last room.
    """
    event = request.event
    dates = requested_dates(context, event)
    if dates is None:
        return ask_for_dates(event)
    if event.parameters.last_name is None:
        return needs_input("which_name", "last_name")
    # before the offers are read: an unsupported booking needs no offers
    require_capability(context.pms, Capability.BOOK)
    step = step_name("create_booking", **event.parameters.model_dump())
    details = request.journal.find_details(step)
    if details is None:
        offers = await context.pms.find_offers(request.call.hotel_id, *dates, requested_adults(event))
        offer = select_offer(offers, event)
        if offer is None:
            return declined("sold_out", "sold_out")
        details = _booking_details(request, offer)
    return await _book(context, request, step, details)


async def _book(context: IntentContext, request: IntentRequest, step: str, details: Details) -> Reply:
    async def create_booking() -> dict[str, Any]:
        booked = await context.pms.create_booking(
            _booking_request(request, details), idempotency_key=details["idempotency_key"]
        )
        return {
            "reservation_id": booked.reservation_id,
            "reservation_number": booked.number,
            **details["offer"],
        }

    # with the idempotency key, repeating the request is how the PMS is asked whether the booking exists
    result = await request.journal.run_step(step, details, create_booking, create_booking)
    # a version of the service without numbers may have recorded the outcome
    number = result.get("reservation_number", result["reservation_id"])
    return Reply("booked", {"number": number}, result=result, reservation_id=result["reservation_id"])


def _booking_details(request: IntentRequest, offer: Offer) -> Details:
    """Return what an identical request needs besides the parameters of the event."""
    return {
        "idempotency_key": event_id_of(request.event),
        "offer": offer_result(offer),
        # the call forgets the number when it ends, possibly before the event is delivered again
        "phone": request.call.caller_number,
    }


def _booking_request(request: IntentRequest, details: Details) -> BookingRequest:
    parameters, offer = request.event.parameters, details["offer"]
    guest = Guest(
        # handle_booking has asked for a missing name before
        last_name=parameters.last_name or "",
        first_name=parameters.first_name,
        email=parameters.email,
        phone=details["phone"],
        language=request.call.language,
    )
    return BookingRequest(
        hotel_id=request.call.hotel_id,
        rate_plan_id=offer["rate_plan_id"],
        arrival=offer["arrival"],
        departure=offer["departure"],
        adults=requested_adults(request.event),
        guest=guest,
    )
