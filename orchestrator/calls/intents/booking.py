"""Intents that create, change or cancel a reservation."""

from __future__ import annotations

from orchestrator.calls.call import Call
from orchestrator.calls.events import CallInteraction, event_fingerprint
from orchestrator.calls.intents.context import IntentContext, find_reservation
from orchestrator.calls.intents.stay_parameters import (
    offer_result,
    requested_adults,
    requested_dates,
    select_offer,
)
from orchestrator.calls.reply import Reply, declined, needs_input
from orchestrator.pms.interface import Capability, require_capability
from orchestrator.pms.models import BookingRequest, Guest, Offer, ReservationAmendment


async def handle_booking(context: IntentContext, call: Call, event: CallInteraction) -> Reply:
    """Book a stay for the caller.

    The idempotency key comes from the event, so that an event delivered again after a crash books nothing twice.
    """
    dates = requested_dates(context, event)
    if dates is None:
        return needs_input("which_dates", "arrival", "departure")
    if event.parameters.last_name is None:
        return needs_input("which_name", "last_name")
    # before the offers are read: an unsupported booking needs no offers
    require_capability(context.pms, Capability.BOOK)
    offers = await context.pms.find_offers(call.hotel_id, *dates, requested_adults(event))
    offer = select_offer(offers, event)
    if offer is None:
        return declined("sold_out", "sold_out")
    reservation_id = await context.pms.create_booking(
        _booking_request(call, event, offer), idempotency_key=event_fingerprint(event)
    )
    return Reply(
        "booked",
        {"number": reservation_id},
        result={"reservation_id": reservation_id, **offer_result(offer)},
        reservation_id=reservation_id,
    )


async def handle_stay_change(context: IntentContext, call: Call, event: CallInteraction) -> Reply:
    """Move the caller's stay to other dates."""
    dates = requested_dates(context, event)
    if dates is None:
        return needs_input("which_dates", "arrival", "departure")
    require_capability(context.pms, Capability.CHANGE)
    adults = None if event.parameters.adults is None else requested_adults(event)
    reservation = await find_reservation(context, call)
    adults = reservation.adults if adults is None else adults
    offer = select_offer(await context.pms.find_offers(call.hotel_id, *dates, adults), event)
    if offer is None:
        return declined("sold_out", "sold_out")
    amendment = ReservationAmendment(
        arrival=dates[0], departure=dates[1], adults=adults, rate_plan_id=offer.rate_plan_id
    )
    await context.pms.amend_reservation(reservation.id, amendment)
    values = {"arrival": str(amendment.arrival), "departure": str(amendment.departure)}
    return Reply("changed", values, result={"reservation_id": reservation.id, **values})


async def handle_cancellation(context: IntentContext, call: Call, event: CallInteraction) -> Reply:
    """Cancel the caller's stay after an explicit confirmation."""
    require_capability(context.pms, Capability.CANCEL)
    reservation = await find_reservation(context, call)
    # after the look-up: a guest is not asked to confirm the cancellation of a reservation that does not exist
    if not event.parameters.confirmed:
        return needs_input("confirm_cancel", "confirmed")
    await context.pms.cancel_reservation(reservation.id)
    return Reply("cancelled", result={"reservation_id": reservation.id})


def _booking_request(call: Call, event: CallInteraction, offer: Offer) -> BookingRequest:
    parameters = event.parameters
    guest = Guest(
        # handle_booking has asked for a missing name before
        last_name=parameters.last_name or "",
        first_name=parameters.first_name,
        email=parameters.email,
        phone=call.caller_number,
        language=call.language,
    )
    return BookingRequest(
        hotel_id=call.hotel_id,
        rate_plan_id=offer.rate_plan_id,
        arrival=offer.arrival,
        departure=offer.departure,
        adults=requested_adults(event),
        guest=guest,
    )
