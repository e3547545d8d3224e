"""What happens to a stay: units assigned, guests checked in and out, changed, given a service, or never seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.hooks import validation_error
from provider_verification.stubs.vendors.apaleo.state import (
    RATE_PLAN,
    ApaleoState,
    Reservation,
    local_timestamp,
    parse_date,
)

AMENDABLE_STATUSES = {"Confirmed", "InHouse"}
PATCHABLE_FIELDS = {
    "add": {"comment", "guestComment", "paymentAccount", "travelPurpose", "additionalGuests", "commission", "company"},
    "replace": {"comment", "guestComment", "paymentAccount", "travelPurpose", "additionalGuests", "commission", "primaryGuest"},
    "remove": {"comment", "guestComment", "paymentAccount", "travelPurpose", "additionalGuests", "commission", "validationMessages"},
}  # fmt: skip
"""What a JSON Patch may change, by its operation; dates, status, unit group and adults it may not."""


@stub.operation("checkIn")
def check_in(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """A confirmed guest, with a unit, on the day of arrival or later."""
    stay = hotel.reservations.get(call.path_params["id"])
    if stay is None:
        return StubResponse(404)
    if stay.status != "Confirmed":
        return validation_error(f"a reservation in status {stay.status} cannot be checked in")
    if stay.unit is None:
        return validation_error("no unit is assigned for the whole stay")
    if stay.arrival > hotel.today:
        return validation_error("the arrival is still to come")
    stay.status = "InHouse"
    return no_content()


@stub.operation("checkOut")
def check_out(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """A guest in the house, whose departure is tomorrow at the latest."""
    stay = hotel.reservations.get(call.path_params["id"])
    if stay is None:
        return StubResponse(404)
    if stay.status != "InHouse":
        return validation_error(f"a reservation in status {stay.status} cannot be checked out")
    if stay.departure > hotel.today + timedelta(days=1):
        return validation_error("the departure is later than tomorrow")
    stay.status = "CheckedOut"
    return no_content()


@stub.operation("noShow")
def no_show(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """A confirmed guest who should have come before today."""
    stay = hotel.reservations.get(call.path_params["id"])
    if stay is None:
        return StubResponse(404)
    if stay.status != "Confirmed":
        return validation_error(f"a reservation in status {stay.status} cannot be set to no-show")
    if stay.arrival >= hotel.today:
        return validation_error("the arrival is not in the past")
    stay.status = "NoShow"
    return no_content()


@stub.operation("amend")
def amend(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """Another stay, if the hotel has a unit for it."""
    stay = hotel.reservations.get(call.path_params["id"])
    if stay is None:
        return StubResponse(404)
    arrival, departure = parse_date(call.body["arrival"]), parse_date(call.body["departure"])
    refusal = _amend_refusal(hotel, stay, call.body)
    if refusal:
        return validation_error(refusal)
    stay.arrival, stay.departure, stay.adults = arrival, departure, call.body["adults"]
    return no_content()


def _amend_refusal(hotel: ApaleoState, stay: Reservation, body: dict[str, Any]) -> str | None:
    arrival, departure = parse_date(body["arrival"]), parse_date(body["departure"])
    if stay.status not in AMENDABLE_STATUSES:
        return f"a reservation in status {stay.status} cannot be amended"
    if departure <= arrival:
        return "departure should be after arrival"
    if stay.status == "InHouse" and arrival != stay.arrival:
        return "the arrival of a guest in the house cannot change"
    if len(body["timeSlices"]) != (departure - arrival).days:
        return "there should be one time slice a night"
    if any(slice_["ratePlanId"] != RATE_PLAN["id"] for slice_ in body["timeSlices"]):
        return "there is no such rate plan"
    return (
        None
        if hotel.available_units(arrival, departure, exclude_id=stay.id) > 0
        else "the unit group is sold out"
    )


@stub.operation("bookService")
def book_service(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """A service of the hotel, for an open stay."""
    stay = hotel.reservations.get(call.path_params["id"])
    if stay is None:
        return StubResponse(404)
    if stay.status not in AMENDABLE_STATUSES:
        return validation_error(f"a reservation in status {stay.status} cannot have services booked")
    if call.body["serviceId"] not in hotel.services:
        return validation_error("there is no such service")
    stay.services.append(call.body["serviceId"])
    return no_content()


@stub.operation("assignAnyUnit")
def assign_any(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """The first unit that is free for the whole stay."""
    stay = hotel.reservations.get(call.path_params["id"])
    if stay is None:
        return StubResponse(404)
    free = hotel.free_units(stay)
    refusal = _assign_refusal(stay) or (None if free else "no unit is free")
    if refusal:
        return validation_error(refusal)
    stay.unit = free[0]
    nights = [stay.arrival + timedelta(days=number) for number in range((stay.departure - stay.arrival).days)]
    slices = [
        {
            "unit": {"id": stay.unit},
            "from": local_timestamp(night, 15),
            "to": local_timestamp(night + timedelta(days=1), 11),
        }
        for night in nights
    ]
    return ok({"timeSlices": slices})


@stub.operation("assignUnit")
def assign(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """This unit, if it is free for the whole stay."""
    stay, unit = hotel.reservations.get(call.path_params["id"]), call.path_params["unitId"]
    if stay is None or unit not in hotel.unit_ids:
        return StubResponse(404)
    refusal = _assign_refusal(stay) or (None if unit in hotel.free_units(stay) else "the unit is not free")
    if refusal:
        return validation_error(refusal)
    stay.unit = unit
    return ok({"unit": {"id": unit}})


def _assign_refusal(stay: Reservation) -> str | None:
    return (
        None
        if stay.status in AMENDABLE_STATUSES
        else f"a reservation in status {stay.status} cannot have a unit assigned"
    )


@stub.operation("patchReservation")
def patch(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """Comments, guests and the like, all changes or none."""
    stay = hotel.reservations.get(call.path_params["id"])
    if stay is None:
        return StubResponse(404)
    for change in call.body:
        name = change.get("path", "").strip("/").partition("/")[0]
        if name not in PATCHABLE_FIELDS.get(change.get("op", ""), ()):
            return validation_error(f"'{change.get('op')}' of '{change.get('path')}' is not possible")
    for change in call.body:
        name = change["path"].strip("/").partition("/")[0]
        if name == "primaryGuest":
            stay.guest = change["value"]
        elif change["op"] == "remove":
            stay.extra_fields.pop(name, None)
        else:
            stay.extra_fields[name] = change["value"]
    return no_content()
