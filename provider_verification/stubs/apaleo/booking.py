"""Offers, and bookings made of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from provider_verification.stubs.apaleo import stub
from provider_verification.stubs.apaleo.hotel import (
    CURRENCY,
    NIGHT,
    PROPERTY,
    RATE_PLAN,
    UNIT_GROUP,
    Hotel,
    day,
    fingerprint,
    moment,
    money,
)
from provider_verification.stubs.apaleo.reservations import policy
from provider_verification.stubs.apaleo.rules import unprocessable
from provider_verification.stubs.stub import Answer, Call, no_content, ok

MAX_PERSONS = 2


@stub.operation("listOffers")
def list_offers(hotel: Hotel, call: Call) -> Answer:
    """What can be sold for a stay; 204 when nothing can."""
    arrival, departure = day(call.query["arrival"]), day(call.query["departure"])
    if departure <= arrival:
        return unprocessable("departure should be after arrival")
    if call.query["propertyId"] != PROPERTY["id"]:
        return Answer(404)
    free = hotel.available(arrival, departure)
    if free <= 0 or call.query["adults"] > MAX_PERSONS:
        return no_content()
    return ok({"property": PROPERTY, "offers": [_offer(arrival, departure, free)]})


@stub.operation("createBooking")
def create_booking(hotel: Hotel, call: Call) -> Answer:
    """Book; the same key with the same request gives the same answer again."""
    key = call.headers.get("idempotency-key")
    before = hotel.answered.get(key) if key else None
    if before:
        same = before[0] == fingerprint(call.body)
        return (
            _created(before[1]) if same else unprocessable("the Idempotency-Key was used for another request")
        )
    refusal = _refusal(hotel, call.body)
    if refusal:
        return unprocessable(refusal)
    ids = hotel.book(call.body)
    if key:
        hotel.answered[key] = (fingerprint(call.body), ids)
    return _created(ids)


def _created(ids: list[str]) -> Answer:
    booking = ids[0].rpartition("-")[0]
    body = {"id": booking, "reservationIds": [{"id": reservation} for reservation in ids]}
    return Answer(201, body, {"Location": f"/booking/v1/bookings/{booking}"})


def _refusal(hotel: Hotel, body: dict[str, Any]) -> str | None:
    """The first rule the booking breaks."""
    for new in body["reservations"]:
        arrival, departure = day(new["arrival"]), day(new["departure"])
        if departure <= arrival:
            return "departure should be after arrival"
        if len(new["timeSlices"]) != (departure - arrival).days:
            return "there should be one time slice a night"
        if any(slice_["ratePlanId"] != RATE_PLAN["id"] for slice_ in new["timeSlices"]):
            return "there is no such rate plan"
    first = body["reservations"][0]
    free = hotel.available(day(first["arrival"]), day(first["departure"]))
    return None if free >= len(body["reservations"]) else "the unit group is sold out"


def _offer(arrival: date, departure: date, free: int) -> dict[str, Any]:
    nights = [arrival + timedelta(days=number) for number in range((departure - arrival).days)]
    total = NIGHT * len(nights)
    fee = {name: value for name, value in policy("FLEX").items() if name != "id"}
    no_show = {name: value for name, value in policy("NOSHOW").items() if name != "id"}
    return {
        "arrival": moment(arrival, 15),
        "departure": moment(departure, 11),
        "unitGroup": {**UNIT_GROUP, "maxPersons": MAX_PERSONS},
        "ratePlan": RATE_PLAN,
        "minGuaranteeType": "PM6Hold",
        "availableUnits": free,
        "totalGrossAmount": money(total),
        "prePaymentAmount": money(0.0),
        "cancellationFee": {**fee, "dueDateTime": moment(arrival - timedelta(days=1), 18)},
        "noShowFee": no_show,
        "timeSlices": [_time_slice(night, free) for night in nights],
        "taxDetails": [],
        "isCorporate": False,
    }


def _time_slice(night: date, free: int) -> dict[str, Any]:
    base = {
        "grossAmount": NIGHT,
        "netAmount": 112.15,
        "vatType": "Reduced",
        "vatPercent": 7.0,
        "currency": CURRENCY,
    }
    return {
        "from": moment(night, 15),
        "to": moment(night + timedelta(days=1), 11),
        "availableUnits": free,
        "baseAmount": base,
        "totalGrossAmount": money(NIGHT),
    }
