"""The dates, adults and offer of an interaction, as several intents need them."""

from __future__ import annotations

from datetime import date

from orchestrator.calls.events import CallInteraction
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.reply import Reply, needs_input
from orchestrator.pms import validation
from orchestrator.pms.models import Offer


def requested_dates(context: IntentContext, event: CallInteraction) -> tuple[date, date] | None:
    """Return arrival and departure, or None if one of them is missing.

    Raises:
        InvalidStayRequestError: a stay on these dates is not possible.
    """
    arrival, departure = event.parameters.arrival, event.parameters.departure
    if arrival is None or departure is None:
        return None
    validation.validate_stay_dates(arrival, departure, context.current_date())
    return arrival, departure


def ask_for_dates(event: CallInteraction) -> Reply:
    """Return the reply that asks for the dates that are missing."""
    missing = [name for name in ("arrival", "departure") if getattr(event.parameters, name) is None]
    return needs_input("which_dates", *missing)


def requested_adults(event: CallInteraction) -> int:
    """Return the number of adults, by default one.

    Raises:
        InvalidStayRequestError: the number does not fit a room.
    """
    adults = 1 if event.parameters.adults is None else event.parameters.adults
    validation.validate_adults(adults)
    return adults


def select_offer(
    offers: list[Offer], event: CallInteraction, default_rate_plan_id: str | None = None
) -> Offer | None:
    """Return the first offer, or the first of the requested rate plan, by default `default_rate_plan_id`."""
    rate_plan_id = event.parameters.rate_plan_id or default_rate_plan_id
    return next((offer for offer in offers if rate_plan_id in (None, offer.rate_plan_id)), None)


def offer_phrase_values(offer: Offer) -> dict[str, str]:
    """Return the placeholders of an offer in a phrase."""
    return {
        "room": offer.room_type,
        "arrival": str(offer.arrival),
        "departure": str(offer.departure),
        "price": str(offer.total_amount),
    }


def offer_result(offer: Offer) -> dict[str, str | int]:
    """Return an offer as it is sent to clients."""
    return {
        **offer_phrase_values(offer),
        "rate_plan_id": offer.rate_plan_id,
        "available": offer.available_units,
    }
