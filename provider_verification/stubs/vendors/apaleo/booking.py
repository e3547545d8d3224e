"""Apaleo's offers, and bookings made from them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok, with_warning
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.hooks import validation_error
from provider_verification.stubs.vendors.apaleo.paging import page_response
from provider_verification.stubs.vendors.apaleo.reservations import cancellation_fee
from provider_verification.stubs.vendors.apaleo.state import (
    CHECK_IN_HOUR,
    CHECK_OUT_HOUR,
    CURRENCY,
    MAX_STAY_YEARS,
    NIGHTLY_RATE,
    PROPERTY,
    RATE_PLAN,
    UNIT_GROUP,
    ApaleoState,
    Reservation,
    local_timestamp,
    money,
    night_bounds,
    nights_between,
    parse_date,
    request_fingerprint,
    stay_rule_broken,
)

MAX_PERSONS = 2
CREATED_AT = "2020-01-01T10:00:00+01:00"


@stub.operation("listOffers")
def list_offers(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Offers for a stay; 204 when nothing can be sold."""
    arrival, departure = parse_date(request.query["arrival"]), parse_date(request.query["departure"])
    if departure <= arrival:
        return validation_error("departure should be after arrival")
    if departure.year - arrival.year > MAX_STAY_YEARS:
        return validation_error(f"departure should be at most {MAX_STAY_YEARS} years after arrival")
    if request.query["propertyId"] != PROPERTY["id"]:
        return StubResponse(404)
    available = state.available_units(arrival, departure)
    # Apaleo's booking spec: no offer is 204, not an empty list.
    if available <= 0 or request.query["adults"] > MAX_PERSONS:
        return no_content()
    return ok({"property": PROPERTY, "offers": [_offer(arrival, departure, available)]})


@stub.operation("createBooking")
def create_booking(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Create a booking; a repeated Idempotency-Key with the same body returns the first response."""
    key = request.headers.get("idempotency-key")
    earlier = state.idempotent_responses.get(key) if key else None
    if earlier:
        # The booking spec forbids to reuse a key for other parameters; the status is UNCONFIRMED.
        if earlier[0] != request_fingerprint(request.body):
            return validation_error("the Idempotency-Key was used for another request")
        return _booking_created(earlier[1])
    broken_rule = _booking_rule_broken(state, request.body)
    if broken_rule:
        return validation_error(broken_rule)
    reservation_ids = state.book(request.body)
    response = _booking_created(reservation_ids)
    if key:
        state.idempotent_responses[key] = (request_fingerprint(request.body), reservation_ids)
        return response
    return _warn_if_repeated(state, request, response)


def _warn_if_repeated(state: ApaleoState, request: StubRequest, response: StubResponse) -> StubResponse:
    """The response, with a warning if an earlier booking without a key had the same content."""
    fingerprint = request_fingerprint(request.body)
    is_repeated = fingerprint in state.bookings_without_key
    state.bookings_without_key.add(fingerprint)
    if not is_repeated:
        return response
    message = "send an Idempotency-Key: without one, a repeated request is another booking"
    return with_warning(response, "repeated_booking", message, ("header", "idempotency-key"))


@stub.operation("getBooking")
def get_booking(state: ApaleoState, request: StubRequest) -> StubResponse:
    """One booking, without its reservations."""
    for reservation in state.reservations.values():
        if reservation.booking_id == request.path_params["id"]:
            return ok(_booking(reservation))
    return StubResponse(404)


@stub.operation("listBookings")
def list_bookings(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Bookings filtered by reservation id and by a text in booking id or last name."""
    text = request.query.get("textSearch", "").lower()
    reservation_id = request.query.get("reservationId")
    bookings = {
        reservation.booking_id: _booking(reservation)
        for reservation in state.reservations.values()
        if reservation_id in {None, reservation.id}
        and text in f"{reservation.booking_id} {reservation.booker['lastName']}".lower()
    }
    return page_response(request, "bookings", list(bookings.values()))


def _booking(reservation: Reservation) -> dict[str, Any]:
    return {
        "id": reservation.booking_id,
        "created": CREATED_AT,
        "modified": CREATED_AT,
        "booker": reservation.booker,
    }


def _booking_created(reservation_ids: list[str]) -> StubResponse:
    """201 with ids only: Apaleo does not return the booking itself."""
    booking_id = reservation_ids[0].rpartition("-")[0]
    body = {
        "id": booking_id,
        "reservationIds": [{"id": reservation_id} for reservation_id in reservation_ids],
    }
    # The booking spec names id, reservationIds and the header Location, nothing else.
    return StubResponse(201, body, {"Location": f"/booking/v1/bookings/{booking_id}"})


def _booking_rule_broken(state: ApaleoState, body: dict[str, Any]) -> str | None:
    for item in body["reservations"]:
        broken_rule = stay_rule_broken(item)
        if broken_rule:
            return broken_rule
    first = body["reservations"][0]
    available = state.available_units(parse_date(first["arrival"]), parse_date(first["departure"]))
    return None if available >= len(body["reservations"]) else "the unit group is sold out"


def _offer(arrival: date, departure: date, available: int) -> dict[str, Any]:
    nights = nights_between(arrival, departure)
    return {
        "arrival": local_timestamp(arrival, CHECK_IN_HOUR),
        "departure": local_timestamp(departure, CHECK_OUT_HOUR),
        "unitGroup": {**UNIT_GROUP, "maxPersons": MAX_PERSONS},
        "ratePlan": RATE_PLAN,
        "minGuaranteeType": "PM6Hold",
        "availableUnits": available,
        "totalGrossAmount": money(NIGHTLY_RATE * len(nights)),
        "prePaymentAmount": money(0.0),
        "cancellationFee": {
            **_fee_without_id("FLEX"),
            "dueDateTime": local_timestamp(arrival - timedelta(days=1), 18),
        },
        "noShowFee": _fee_without_id("NOSHOW"),
        "timeSlices": [_time_slice(night, available) for night in nights],
        "taxDetails": [],
        "isCorporate": False,
    }


def _fee_without_id(code: str) -> dict[str, Any]:
    """Fees of an offer have no id, unlike those of a reservation."""
    return {name: value for name, value in cancellation_fee(code).items() if name != "id"}


def _time_slice(night: date, available: int) -> dict[str, Any]:
    base_amount = {
        "grossAmount": NIGHTLY_RATE,
        "netAmount": 112.15,
        "vatType": "Reduced",
        "vatPercent": 7.0,
        "currency": CURRENCY,
    }
    return {
        **night_bounds(night),
        "availableUnits": available,
        "baseAmount": base_amount,
        "totalGrossAmount": money(NIGHTLY_RATE),
    }
