"""Intents that change or cancel the caller's stay."""

from __future__ import annotations

from datetime import date

from orchestrator.calls.intents.context import IntentContext, IntentRequest, find_reservation
from orchestrator.calls.intents.refusals import explain_rejection
from orchestrator.calls.intents.stay_parameters import (
    ask_for_dates,
    requested_adults,
    requested_dates,
    select_offer,
)
from orchestrator.calls.journal import Details, step_name
from orchestrator.calls.reply import Reply, declined, needs_input
from orchestrator.pms import validation
from orchestrator.pms.errors import PmsRejectedError
from orchestrator.pms.interface import Capability, require_capability
from orchestrator.pms.models import ReservationAmendment


async def handle_stay_change(context: IntentContext, request: IntentRequest) -> Reply:
    """Move the caller's stay to other dates, or to another departure.

    After an attempt without a response, offers are not read again: the change may have taken the last room.
    """
    event = request.event
    dates = requested_dates(context, event)
    departure = event.parameters.departure
    if departure is None:
        return ask_for_dates(event)
    require_capability(context.pms, Capability.CHANGE)
    adults = None if event.parameters.adults is None else requested_adults(event)
    reservation = await find_reservation(context, request.call)
    offer_dates = dates or nights_to_sell(reservation.arrival, departure, context.current_date())
    dates = dates or (reservation.arrival, departure)
    step = step_name("amend", reservation=reservation.id, **event.parameters.model_dump())
    details = request.journal.find_details(step)
    if details is None:
        adults = reservation.adults if adults is None else adults
        offers = await context.pms.find_offers(request.call.hotel_id, *offer_dates, adults)
        # a guest who stays longer keeps the kind of room
        offer = select_offer(offers, event, reservation.rate_plan_id)
        if offer is None:
            return declined("sold_out", "sold_out")
        details = {"adults": adults, "rate_plan_id": offer.rate_plan_id}
    values = {"arrival": str(dates[0]), "departure": str(dates[1])}
    try:
        await _amend(context, request, reservation.id, step, {**details, **values})
    except PmsRejectedError:
        return await explain_rejection(context, reservation.id, Capability.CHANGE)
    return Reply("changed", values, result={"reservation_id": reservation.id, **values})


def nights_to_sell(arrival: date, departure: date, today: date) -> tuple[date, date]:
    """Return the dates of the nights of a stay that are still to come.

    Raises:
        InvalidStayRequestError: a stay on these dates is not possible.
    """
    # a guest in the house has arrived before today
    first_night = max(arrival, today)
    validation.validate_stay_dates(first_night, departure, today)
    return first_night, departure


async def _amend(
    context: IntentContext, request: IntentRequest, reservation_id: str, step: str, details: Details
) -> None:
    async def amend() -> bool:
        await context.pms.amend_reservation(reservation_id, ReservationAmendment.model_validate(details))
        return True

    async def is_amended() -> bool | None:
        change = ReservationAmendment.model_validate(details)
        reservation = await context.pms.get_current_reservation(reservation_id)
        current = (reservation.arrival, reservation.departure, reservation.adults)
        return current == (change.arrival, change.departure, change.adults) or None

    await request.journal.run_step(step, details, amend, is_amended)


async def handle_cancellation(context: IntentContext, request: IntentRequest) -> Reply:
    """Cancel the caller's stay after an explicit confirmation."""
    require_capability(context.pms, Capability.CANCEL)
    reservation_id = (await find_reservation(context, request.call)).id
    # after the look-up: a guest is not asked to confirm the cancellation of a reservation that does not exist
    if not request.event.parameters.confirmed:
        return needs_input("confirm_cancel", "confirmed")

    async def cancel() -> bool:
        await context.pms.cancel_reservation(reservation_id)
        return True

    async def is_cancelled() -> bool | None:
        return (await context.pms.get_current_reservation(reservation_id)).status == "canceled" or None

    step = step_name("cancel", reservation=reservation_id)
    try:
        await request.journal.run_step(step, {}, cancel, is_cancelled)
    except PmsRejectedError:
        return await explain_rejection(context, reservation_id, Capability.CANCEL)
    return Reply("cancelled", result={"reservation_id": reservation_id})
