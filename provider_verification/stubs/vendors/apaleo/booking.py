"""Offers, and bookings made of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.hooks import validation_error
from provider_verification.stubs.vendors.apaleo.reservations import cancellation_fee
from provider_verification.stubs.vendors.apaleo.state import (
    CURRENCY,
    NIGHTLY_RATE,
    PROPERTY,
    RATE_PLAN,
    UNIT_GROUP,
    ApaleoState,
    local_timestamp,
    money,
    parse_date,
    request_fingerprint,
)

MAX_PERSONS = 2


@stub.operation("listOffers")
def list_offers(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """What can be sold for a stay; 204 when nothing can."""
    arrival, departure = parse_date(call.query["arrival"]), parse_date(call.query["departure"])
    if departure <= arrival:
        return validation_error("departure should be after arrival")
    if call.query["propertyId"] != PROPERTY["id"]:
        return StubResponse(404)
    free = hotel.available_units(arrival, departure)
    if free <= 0 or call.query["adults"] > MAX_PERSONS:
        return no_content()
    return ok({"property": PROPERTY, "offers": [_offer(arrival, departure, free)]})


@stub.operation("createBooking")
def create_booking(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """Book; the same key with the same request gives the same answer again."""
    key = call.headers.get("idempotency-key")
    before = hotel.idempotent_responses.get(key) if key else None
    if before:
        same = before[0] == request_fingerprint(call.body)
        return (
            _created(before[1])
            if same
            else validation_error("the Idempotency-Key was used for another request")
        )
    refusal = _refusal(hotel, call.body)
    if refusal:
        return validation_error(refusal)
    ids = hotel.book(call.body)
    if key:
        hotel.idempotent_responses[key] = (request_fingerprint(call.body), ids)
    return _created(ids)


def _created(ids: list[str]) -> StubResponse:
    booking = ids[0].rpartition("-")[0]
    body = {"id": booking, "reservationIds": [{"id": reservation} for reservation in ids]}
    return StubResponse(201, body, {"Location": f"/booking/v1/bookings/{booking}"})


def _refusal(hotel: ApaleoState, body: dict[str, Any]) -> str | None:
    """The first rule the booking breaks."""
    for new in body["reservations"]:
        arrival, departure = parse_date(new["arrival"]), parse_date(new["departure"])
        if departure <= arrival:
            return "departure should be after arrival"
        if len(new["timeSlices"]) != (departure - arrival).days:
            return "there should be one time slice a night"
        if any(slice_["ratePlanId"] != RATE_PLAN["id"] for slice_ in new["timeSlices"]):
            return "there is no such rate plan"
    first = body["reservations"][0]
    free = hotel.available_units(parse_date(first["arrival"]), parse_date(first["departure"]))
    return None if free >= len(body["reservations"]) else "the unit group is sold out"


def _offer(arrival: date, departure: date, free: int) -> dict[str, Any]:
    nights = [arrival + timedelta(days=number) for number in range((departure - arrival).days)]
    total = NIGHTLY_RATE * len(nights)
    fee = {name: value for name, value in cancellation_fee("FLEX").items() if name != "id"}
    no_show = {name: value for name, value in cancellation_fee("NOSHOW").items() if name != "id"}
    return {
        "arrival": local_timestamp(arrival, 15),
        "departure": local_timestamp(departure, 11),
        "unitGroup": {**UNIT_GROUP, "maxPersons": MAX_PERSONS},
        "ratePlan": RATE_PLAN,
        "minGuaranteeType": "PM6Hold",
        "availableUnits": free,
        "totalGrossAmount": money(total),
        "prePaymentAmount": money(0.0),
        "cancellationFee": {**fee, "dueDateTime": local_timestamp(arrival - timedelta(days=1), 18)},
        "noShowFee": no_show,
        "timeSlices": [_time_slice(night, free) for night in nights],
        "taxDetails": [],
        "isCorporate": False,
    }


def _time_slice(night: date, free: int) -> dict[str, Any]:
    base = {
        "grossAmount": NIGHTLY_RATE,
        "netAmount": 112.15,
        "vatType": "Reduced",
        "vatPercent": 7.0,
        "currency": CURRENCY,
    }
    return {
        "from": local_timestamp(night, 15),
        "to": local_timestamp(night + timedelta(days=1), 11),
        "availableUnits": free,
        "baseAmount": base,
        "totalGrossAmount": money(NIGHTLY_RATE),
    }
