"""What happens to a stay: units assigned, guests checked in and out, changed, given a service, or never seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from provider_verification.stubs.apaleo import stub
from provider_verification.stubs.apaleo.hotel import RATE_PLAN, Hotel, Reservation, day, moment
from provider_verification.stubs.apaleo.rules import unprocessable
from provider_verification.stubs.stub import Answer, Call, no_content, ok

OPEN = {"Confirmed", "InHouse"}
PATCHED = {
    "add": {"comment", "guestComment", "paymentAccount", "travelPurpose", "additionalGuests", "commission", "company"},
    "replace": {"comment", "guestComment", "paymentAccount", "travelPurpose", "additionalGuests", "commission", "primaryGuest"},
    "remove": {"comment", "guestComment", "paymentAccount", "travelPurpose", "additionalGuests", "commission", "validationMessages"},
}  # fmt: skip
"""What a JSON Patch may change, by its operation; dates, status, unit group and adults it may not."""


@stub.operation("checkIn")
def check_in(hotel: Hotel, call: Call) -> Answer:
    """A confirmed guest, with a unit, on the day of arrival or later."""
    stay = hotel.reservations.get(call.path["id"])
    if stay is None:
        return Answer(404)
    if stay.status != "Confirmed":
        return unprocessable(f"a reservation in status {stay.status} cannot be checked in")
    if stay.unit is None:
        return unprocessable("no unit is assigned for the whole stay")
    if stay.arrival > hotel.today:
        return unprocessable("the arrival is still to come")
    stay.status = "InHouse"
    return no_content()


@stub.operation("checkOut")
def check_out(hotel: Hotel, call: Call) -> Answer:
    """A guest in the house, whose departure is tomorrow at the latest."""
    stay = hotel.reservations.get(call.path["id"])
    if stay is None:
        return Answer(404)
    if stay.status != "InHouse":
        return unprocessable(f"a reservation in status {stay.status} cannot be checked out")
    if stay.departure > hotel.today + timedelta(days=1):
        return unprocessable("the departure is later than tomorrow")
    stay.status = "CheckedOut"
    return no_content()


@stub.operation("noShow")
def no_show(hotel: Hotel, call: Call) -> Answer:
    """A confirmed guest who should have come before today."""
    stay = hotel.reservations.get(call.path["id"])
    if stay is None:
        return Answer(404)
    if stay.status != "Confirmed":
        return unprocessable(f"a reservation in status {stay.status} cannot be set to no-show")
    if stay.arrival >= hotel.today:
        return unprocessable("the arrival is not in the past")
    stay.status = "NoShow"
    return no_content()


@stub.operation("amend")
def amend(hotel: Hotel, call: Call) -> Answer:
    """Another stay, if the hotel has a unit for it."""
    stay = hotel.reservations.get(call.path["id"])
    if stay is None:
        return Answer(404)
    arrival, departure = day(call.body["arrival"]), day(call.body["departure"])
    refusal = _amend_refusal(hotel, stay, call.body)
    if refusal:
        return unprocessable(refusal)
    stay.arrival, stay.departure, stay.adults = arrival, departure, call.body["adults"]
    return no_content()


def _amend_refusal(hotel: Hotel, stay: Reservation, body: dict[str, Any]) -> str | None:
    arrival, departure = day(body["arrival"]), day(body["departure"])
    if stay.status not in OPEN:
        return f"a reservation in status {stay.status} cannot be amended"
    if departure <= arrival:
        return "departure should be after arrival"
    if stay.status == "InHouse" and arrival != stay.arrival:
        return "the arrival of a guest in the house cannot change"
    if len(body["timeSlices"]) != (departure - arrival).days:
        return "there should be one time slice a night"
    if any(slice_["ratePlanId"] != RATE_PLAN["id"] for slice_ in body["timeSlices"]):
        return "there is no such rate plan"
    return None if hotel.available(arrival, departure, but=stay.id) > 0 else "the unit group is sold out"


@stub.operation("bookService")
def book_service(hotel: Hotel, call: Call) -> Answer:
    """A service of the hotel, for an open stay."""
    stay = hotel.reservations.get(call.path["id"])
    if stay is None:
        return Answer(404)
    if stay.status not in OPEN:
        return unprocessable(f"a reservation in status {stay.status} cannot have services booked")
    if call.body["serviceId"] not in hotel.services:
        return unprocessable("there is no such service")
    stay.services.append(call.body["serviceId"])
    return no_content()


@stub.operation("assignAnyUnit")
def assign_any(hotel: Hotel, call: Call) -> Answer:
    """The first unit that is free for the whole stay."""
    stay = hotel.reservations.get(call.path["id"])
    if stay is None:
        return Answer(404)
    free = hotel.free_units(stay)
    refusal = _assign_refusal(stay) or (None if free else "no unit is free")
    if refusal:
        return unprocessable(refusal)
    stay.unit = free[0]
    nights = [stay.arrival + timedelta(days=number) for number in range((stay.departure - stay.arrival).days)]
    slices = [
        {"unit": {"id": stay.unit}, "from": moment(night, 15), "to": moment(night + timedelta(days=1), 11)}
        for night in nights
    ]
    return ok({"timeSlices": slices})


@stub.operation("assignUnit")
def assign(hotel: Hotel, call: Call) -> Answer:
    """This unit, if it is free for the whole stay."""
    stay, unit = hotel.reservations.get(call.path["id"]), call.path["unitId"]
    if stay is None or unit not in hotel.unit_ids:
        return Answer(404)
    refusal = _assign_refusal(stay) or (None if unit in hotel.free_units(stay) else "the unit is not free")
    if refusal:
        return unprocessable(refusal)
    stay.unit = unit
    return ok({"unit": {"id": unit}})


def _assign_refusal(stay: Reservation) -> str | None:
    return (
        None if stay.status in OPEN else f"a reservation in status {stay.status} cannot have a unit assigned"
    )


@stub.operation("patchReservation")
def patch(hotel: Hotel, call: Call) -> Answer:
    """Comments, guests and the like, all changes or none."""
    stay = hotel.reservations.get(call.path["id"])
    if stay is None:
        return Answer(404)
    for change in call.body:
        name = change.get("path", "").strip("/").partition("/")[0]
        if name not in PATCHED.get(change.get("op", ""), ()):
            return unprocessable(f"'{change.get('op')}' of '{change.get('path')}' is not possible")
    for change in call.body:
        name = change["path"].strip("/").partition("/")[0]
        if name == "primaryGuest":
            stay.guest = change["value"]
        elif change["op"] == "remove":
            stay.more.pop(name, None)
        else:
            stay.more[name] = change["value"]
    return no_content()
