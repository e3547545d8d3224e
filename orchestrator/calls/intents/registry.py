"""What a guest may want, each as an operation of the PMS or of the telephone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from orchestrator.calls.call import Call, stay_result
from orchestrator.calls.events import CallInteraction, InteractionType, event_fingerprint
from orchestrator.calls.reply import Reply, declined, needs_input
from orchestrator.pms import validation
from orchestrator.pms.errors import ReservationNotFoundError
from orchestrator.pms.interface import Capability, PmsConnector, require_capability
from orchestrator.pms.models import BookingRequest, Guest, Offer, Reservation, ReservationAmendment
from orchestrator.vendors.errors import NotFound, RequestRejected, VendorError
from orchestrator.vendors.livekit.client import LiveKitClient

LATE_CHECKOUT_SERVICE = "late_checkout"


@dataclass(frozen=True, slots=True)
class IntentContext:
    """What wishes are made true with.

    Args:
        pms: of the hotel.
        livekit: the telephone.
        services: the PMS's id by a service's name.
        colleague: the number of a human.
        today: the date.
    """

    pms: PmsConnector
    livekit: LiveKitClient
    service_ids: Mapping[str, str]
    transfer_number: str
    current_date: Callable[[], date]


IntentHandler: TypeAlias = Callable[[IntentContext, Call, CallInteraction], Awaitable[Reply]]


async def handle_greeting(_house: IntentContext, _call: Call, _event: CallInteraction) -> Reply:
    """Say good day again."""
    return Reply("welcome")


async def handle_small_talk(_house: IntentContext, _call: Call, _event: CallInteraction) -> Reply:
    """Be friendly."""
    return Reply("small_talk")


async def handle_stay_details(house: IntentContext, call: Call, _event: CallInteraction) -> Reply:
    """Tell callers of their stay."""
    stay = await _find_reservation(house, call)
    known = {"arrival": str(stay.arrival), "departure": str(stay.departure), "room": stay.room or ""}
    return Reply(
        "details" if stay.room else "details_no_room", known, result=stay_result(stay), reservation_id=stay.id
    )


async def handle_room_service(house: IntentContext, call: Call, event: CallInteraction) -> Reply:
    """Book a service of the hotel for the stay."""
    wanted = event.parameters.service or _match_service_name(event.guest_input, house.service_ids)
    if wanted is None:
        return needs_input("which_service", "service")
    return await _book_service(house, call, wanted, "ordered")


async def handle_late_checkout(house: IntentContext, call: Call, _event: CallInteraction) -> Reply:
    """Let the guest leave later."""
    return await _book_service(house, call, LATE_CHECKOUT_SERVICE, "late_checkout")


async def handle_availability(house: IntentContext, call: Call, event: CallInteraction) -> Reply:
    """Say what can be had."""
    dates = _requested_dates(house, event)
    if dates is None:
        return needs_input("which_dates", "arrival", "departure")
    offers = await house.pms.find_offers(call.hotel_id, *dates, _requested_adults(event))
    if not offers:
        return declined("sold_out", "sold_out")
    return Reply(
        "offer",
        _offer_phrase_values(offers[0]),
        result={"offers": [_offer_result(offer) for offer in offers]},
    )


async def handle_booking(house: IntentContext, call: Call, event: CallInteraction) -> Reply:
    """Book a stay for the caller."""
    dates = _requested_dates(house, event)
    if dates is None:
        return needs_input("which_dates", "arrival", "departure")
    if event.parameters.last_name is None:
        return needs_input("which_name", "last_name")
    require_capability(house.pms, Capability.BOOK)
    offer = _select_offer(await house.pms.find_offers(call.hotel_id, *dates, _requested_adults(event)), event)
    if offer is None:
        return declined("sold_out", "sold_out")
    made = await house.pms.create_booking(
        _booking_request(call, event, offer), idempotency_key=event_fingerprint(event)
    )
    return Reply(
        "booked",
        {"number": made},
        result={"reservation_id": made, **_offer_result(offer)},
        reservation_id=made,
    )


async def handle_stay_change(house: IntentContext, call: Call, event: CallInteraction) -> Reply:
    """Move the caller's stay."""
    dates = _requested_dates(house, event)
    if dates is None:
        return needs_input("which_dates", "arrival", "departure")
    require_capability(house.pms, Capability.CHANGE)
    stay = await _find_reservation(house, call)
    adults = event.parameters.adults or stay.adults
    offer = _select_offer(await house.pms.find_offers(call.hotel_id, *dates, adults), event)
    if offer is None:
        return declined("sold_out", "sold_out")
    moved = ReservationAmendment(
        arrival=dates[0], departure=dates[1], adults=adults, rate_plan_id=offer.rate_plan_id
    )
    await house.pms.amend_reservation(stay.id, moved)
    said = {"arrival": str(moved.arrival), "departure": str(moved.departure)}
    return Reply("changed", said, result={"reservation_id": stay.id, **said})


async def handle_cancellation(house: IntentContext, call: Call, event: CallInteraction) -> Reply:
    """Cancel the caller's stay, once they said twice that they want it."""
    require_capability(house.pms, Capability.CANCEL)
    stay = await _find_reservation(house, call)
    if not event.parameters.confirmed:
        return needs_input("confirm_cancel", "confirmed")
    await house.pms.cancel_reservation(stay.id)
    return Reply("cancelled", result={"reservation_id": stay.id})


async def handle_transfer(house: IntentContext, call: Call, _event: CallInteraction) -> Reply:
    """Hand the caller to a human."""
    if call.room_name is None:
        return declined("nobody", "no_room")
    there = (await house.livekit.list_participants(call.room_name)).participants
    on_the_line = next((one.identity for one in there if one.kind == "SIP"), None)
    if on_the_line is None:
        return declined("nobody", "nobody_on_the_line")
    try:
        await house.livekit.sip.transfer_sip_participant(call.room_name, on_the_line, house.transfer_number)
    except VendorError as error:
        if isinstance(error, NotFound | RequestRejected) or (error.code or "").startswith("sip"):
            return declined("nobody", error.code or "refused")
        raise
    return Reply("transferring", result={"transferred": True})


INTENT_HANDLERS: Mapping[InteractionType, IntentHandler] = {
    InteractionType.GREETING: handle_greeting,
    InteractionType.GUEST_INFO: handle_stay_details,
    InteractionType.ROOM_SERVICE: handle_room_service,
    InteractionType.AVAILABILITY: handle_availability,
    InteractionType.BOOKING: handle_booking,
    InteractionType.CHANGE: handle_stay_change,
    InteractionType.CANCELLATION: handle_cancellation,
    InteractionType.LATE_CHECKOUT: handle_late_checkout,
    InteractionType.TRANSFER: handle_transfer,
    InteractionType.SMALL_TALK: handle_small_talk,
}


async def _find_reservation(house: IntentContext, call: Call) -> Reservation:
    """The stay that the call is about: known since its start, or looked for now, when the PMS was away then.

    Raises:
        ReservationNotFoundError: there is none of this caller in this hotel.
    """
    if call.reservation_id is None:
        found = await house.pms.find_reservations_by_phone(call.hotel_id, call.caller_number or "")
        stay = found[0] if found else None
    else:
        stay = await house.pms.get_reservation(call.reservation_id)
    if stay is None or stay.hotel_id != call.hotel_id:
        raise ReservationNotFoundError
    return stay


async def _book_service(house: IntentContext, call: Call, name: str, phrase: str) -> Reply:
    require_capability(house.pms, Capability.SERVICES)
    if name not in house.service_ids:
        return declined(reason="unknown_service")
    stay = await _find_reservation(house, call)
    await house.pms.add_service(stay.id, house.service_ids[name])
    return Reply(phrase, result={"reservation_id": stay.id, "service": name})


def _match_service_name(text: str, services: Mapping[str, str]) -> str | None:
    words = text.lower()
    return next((name for name in services if name.replace("_", " ") in words), None)


def _requested_dates(house: IntentContext, event: CallInteraction) -> tuple[date, date] | None:
    """The dates that are wished for, if both are known.

    Raises:
        InvalidStayRequestError: nobody can stay then.
    """
    arrival, departure = event.parameters.arrival, event.parameters.departure
    if arrival is None or departure is None:
        return None
    validation.validate_stay_dates(arrival, departure, house.current_date())
    return arrival, departure


def _requested_adults(event: CallInteraction) -> int:
    adults = 1 if event.parameters.adults is None else event.parameters.adults
    validation.validate_adults(adults)
    return adults


def _select_offer(offers: list[Offer], event: CallInteraction) -> Offer | None:
    wanted = event.parameters.rate_plan_id
    return next((offer for offer in offers if wanted in (None, offer.rate_plan_id)), None)


def _booking_request(call: Call, event: CallInteraction, offer: Offer) -> BookingRequest:
    said = event.parameters
    guest = Guest(
        last_name=said.last_name or "",
        first_name=said.first_name,
        email=said.email,
        phone=call.caller_number,
        language=call.language,
    )
    return BookingRequest(
        hotel_id=call.hotel_id,
        rate_plan_id=offer.rate_plan_id,
        arrival=offer.arrival,
        departure=offer.departure,
        adults=_requested_adults(event),
        guest=guest,
    )


def _offer_phrase_values(offer: Offer) -> dict[str, str]:
    return {
        "room": offer.room_type,
        "arrival": str(offer.arrival),
        "departure": str(offer.departure),
        "price": str(offer.total_amount),
    }


def _offer_result(offer: Offer) -> dict[str, str | int]:
    return {
        **_offer_phrase_values(offer),
        "rate_plan_id": offer.rate_plan_id,
        "available": offer.available_units,
    }
