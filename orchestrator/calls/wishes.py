"""What a guest may want, each as an operation of the PMS or of the telephone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from orchestrator.calls.events import CallInteraction, InteractionType, fingerprint
from orchestrator.calls.reply import Reply, asked, refused
from orchestrator.calls.state import Call, shown
from orchestrator.pms import validation
from orchestrator.pms.connector import Capability, Pms, require
from orchestrator.pms.errors import StayNotFound
from orchestrator.pms.models import Guest, NewStay, Offer, Reservation, StayChange
from orchestrator.vendors.errors import NotFound, Rejected, VendorError
from orchestrator.vendors.livekit.client import LiveKitClient

LATE_CHECKOUT = "late_checkout"


@dataclass(frozen=True, slots=True)
class House:
    """What wishes are made true with.

    Args:
        pms: of the hotel.
        livekit: the telephone.
        services: the PMS's id by a service's name.
        colleague: the number of a human.
        today: the date.
    """

    pms: Pms
    livekit: LiveKitClient
    services: Mapping[str, str]
    colleague: str
    today: Callable[[], date]


Wish: TypeAlias = Callable[[House, Call, CallInteraction], Awaitable[Reply]]


async def greeting(_house: House, _call: Call, _event: CallInteraction) -> Reply:
    """Say good day again."""
    return Reply("welcome")


async def small_talk(_house: House, _call: Call, _event: CallInteraction) -> Reply:
    """Be friendly."""
    return Reply("small_talk")


async def details(house: House, call: Call, _event: CallInteraction) -> Reply:
    """Tell callers of their stay."""
    stay = await _stay(house, call)
    known = {"arrival": str(stay.arrival), "departure": str(stay.departure), "room": stay.room or ""}
    return Reply("details" if stay.room else "details_no_room", known, result=shown(stay), stay=stay.id)


async def room_service(house: House, call: Call, event: CallInteraction) -> Reply:
    """Book a service of the hotel for the stay."""
    wanted = event.parameters.service or _named_in(event.guest_input, house.services)
    if wanted is None:
        return asked("which_service", "service")
    return await _service(house, call, wanted, "ordered")


async def late_checkout(house: House, call: Call, _event: CallInteraction) -> Reply:
    """Let the guest leave later."""
    return await _service(house, call, LATE_CHECKOUT, "late_checkout")


async def availability(house: House, call: Call, event: CallInteraction) -> Reply:
    """Say what can be had."""
    dates = _dates(house, event)
    if dates is None:
        return asked("which_dates", "arrival", "departure")
    offers = await house.pms.offers(call.hotel_id, *dates, _adults(event))
    if not offers:
        return refused("sold_out", "sold_out")
    return Reply("offer", _said(offers[0]), result={"offers": [_shown(offer) for offer in offers]})


async def booking(house: House, call: Call, event: CallInteraction) -> Reply:
    """Book a stay for the caller."""
    dates = _dates(house, event)
    if dates is None:
        return asked("which_dates", "arrival", "departure")
    if event.parameters.last_name is None:
        return asked("which_name", "last_name")
    require(house.pms, Capability.BOOK)
    offer = _chosen(await house.pms.offers(call.hotel_id, *dates, _adults(event)), event)
    if offer is None:
        return refused("sold_out", "sold_out")
    made = await house.pms.book(_new_stay(call, event, offer), key=fingerprint(event))
    return Reply("booked", {"number": made}, result={"reservation_id": made, **_shown(offer)}, stay=made)


async def change(house: House, call: Call, event: CallInteraction) -> Reply:
    """Move the caller's stay."""
    dates = _dates(house, event)
    if dates is None:
        return asked("which_dates", "arrival", "departure")
    require(house.pms, Capability.CHANGE)
    stay = await _stay(house, call)
    adults = event.parameters.adults or stay.adults
    offer = _chosen(await house.pms.offers(call.hotel_id, *dates, adults), event)
    if offer is None:
        return refused("sold_out", "sold_out")
    moved = StayChange(arrival=dates[0], departure=dates[1], adults=adults, rate_plan_id=offer.rate_plan_id)
    await house.pms.change(stay.id, moved)
    said = {"arrival": str(moved.arrival), "departure": str(moved.departure)}
    return Reply("changed", said, result={"reservation_id": stay.id, **said})


async def cancellation(house: House, call: Call, event: CallInteraction) -> Reply:
    """Cancel the caller's stay, once they said twice that they want it."""
    require(house.pms, Capability.CANCEL)
    stay = await _stay(house, call)
    if not event.parameters.confirmed:
        return asked("confirm_cancel", "confirmed")
    await house.pms.cancel(stay.id)
    return Reply("cancelled", result={"reservation_id": stay.id})


async def transfer(house: House, call: Call, _event: CallInteraction) -> Reply:
    """Hand the caller to a human."""
    if call.room is None:
        return refused("nobody", "no_room")
    there = (await house.livekit.participants(call.room)).participants
    on_the_line = next((one.identity for one in there if one.kind == "SIP"), None)
    if on_the_line is None:
        return refused("nobody", "nobody_on_the_line")
    try:
        await house.livekit.sip.transfer(call.room, on_the_line, house.colleague)
    except VendorError as error:
        if isinstance(error, NotFound | Rejected) or (error.code or "").startswith("sip"):
            return refused("nobody", error.code or "refused")
        raise
    return Reply("transferring", result={"transferred": True})


WISHES: Mapping[InteractionType, Wish] = {
    InteractionType.GREETING: greeting,
    InteractionType.GUEST_INFO: details,
    InteractionType.ROOM_SERVICE: room_service,
    InteractionType.AVAILABILITY: availability,
    InteractionType.BOOKING: booking,
    InteractionType.CHANGE: change,
    InteractionType.CANCELLATION: cancellation,
    InteractionType.LATE_CHECKOUT: late_checkout,
    InteractionType.TRANSFER: transfer,
    InteractionType.SMALL_TALK: small_talk,
}


async def _stay(house: House, call: Call) -> Reservation:
    """The stay that the call is about: known since its start, or looked for now, when the PMS was away then.

    Raises:
        StayNotFound: there is none of this caller in this hotel.
    """
    if call.reservation_id is None:
        found = await house.pms.stays_of_phone(call.hotel_id, call.caller or "")
        stay = found[0] if found else None
    else:
        stay = await house.pms.stay(call.reservation_id)
    if stay is None or stay.hotel_id != call.hotel_id:
        raise StayNotFound
    return stay


async def _service(house: House, call: Call, name: str, phrase: str) -> Reply:
    require(house.pms, Capability.SERVICES)
    if name not in house.services:
        return refused(reason="unknown_service")
    stay = await _stay(house, call)
    await house.pms.add_service(stay.id, house.services[name])
    return Reply(phrase, result={"reservation_id": stay.id, "service": name})


def _named_in(text: str, services: Mapping[str, str]) -> str | None:
    words = text.lower()
    return next((name for name in services if name.replace("_", " ") in words), None)


def _dates(house: House, event: CallInteraction) -> tuple[date, date] | None:
    """The dates that are wished for, if both are known.

    Raises:
        InvalidInput: nobody can stay then.
    """
    arrival, departure = event.parameters.arrival, event.parameters.departure
    if arrival is None or departure is None:
        return None
    validation.stay_dates(arrival, departure, house.today())
    return arrival, departure


def _adults(event: CallInteraction) -> int:
    adults = 1 if event.parameters.adults is None else event.parameters.adults
    validation.occupancy(adults)
    return adults


def _chosen(offers: list[Offer], event: CallInteraction) -> Offer | None:
    wanted = event.parameters.rate_plan_id
    return next((offer for offer in offers if wanted in (None, offer.rate_plan_id)), None)


def _new_stay(call: Call, event: CallInteraction, offer: Offer) -> NewStay:
    said = event.parameters
    guest = Guest(
        last_name=said.last_name or "",
        first_name=said.first_name,
        email=said.email,
        phone=call.caller,
        language=call.language,
    )
    return NewStay(
        hotel_id=call.hotel_id,
        rate_plan_id=offer.rate_plan_id,
        arrival=offer.arrival,
        departure=offer.departure,
        adults=_adults(event),
        guest=guest,
    )


def _said(offer: Offer) -> dict[str, str]:
    return {
        "room": offer.room_type,
        "arrival": str(offer.arrival),
        "departure": str(offer.departure),
        "price": str(offer.total),
    }


def _shown(offer: Offer) -> dict[str, str | int]:
    return {**_said(offer), "rate_plan_id": offer.rate_plan_id, "available": offer.available}
