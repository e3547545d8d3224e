"""Intents that change nothing: greeting, small talk, details of the stay, availability."""

from __future__ import annotations

from orchestrator.calls.call import reservation_result
from orchestrator.calls.intents.context import IntentContext, IntentRequest, find_reservation
from orchestrator.calls.intents.stay_parameters import (
    ask_for_dates,
    offer_phrase_values,
    offer_result,
    requested_adults,
    requested_dates,
)
from orchestrator.calls.reply import Reply, declined


async def handle_greeting(_context: IntentContext, _request: IntentRequest) -> Reply:
    """Repeat the greeting."""
    return Reply("welcome")


async def handle_small_talk(_context: IntentContext, _request: IntentRequest) -> Reply:
    """Reply politely to something that is not a request."""
    return Reply("small_talk")


async def handle_stay_details(context: IntentContext, request: IntentRequest) -> Reply:
    """Tell the dates and the room of the guest's own stay."""
    reservation = await find_reservation(context, request.call)
    values = {
        "arrival": str(reservation.arrival),
        "departure": str(reservation.departure),
        "room": reservation.room or "",
    }
    return Reply(
        "details" if reservation.room else "details_no_room",
        values,
        result=reservation_result(reservation),
        reservation_id=reservation.id,
    )


async def handle_availability(context: IntentContext, request: IntentRequest) -> Reply:
    """Offer rooms for the requested dates."""
    event = request.event
    dates = requested_dates(context, event)
    if dates is None:
        return ask_for_dates(event)
    offers = await context.pms.find_offers(request.call.hotel_id, *dates, requested_adults(event))
    if not offers:
        return declined("sold_out", "sold_out")
    return Reply(
        "offer",
        offer_phrase_values(offers[0]),
        result={"offers": [offer_result(offer) for offer in offers]},
    )
