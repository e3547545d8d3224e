"""Offers, and booking one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from consumer_tests.apaleo import bearer, contract, unprocessable
from consumer_tests.contract import failure, get, no_content, ok, post, refused, state
from consumer_tests.expectation import Request
from orchestrator.vendors.apaleo.booking import NewBooking
from orchestrator.vendors.apaleo.models import BookingCreated, OfferList
from orchestrator.vendors.errors import Rejected, Unauthorised

STAY = {
    "propertyId": "MUC",
    "arrival": "2027-05-10",
    "departure": "2027-05-12",
    "adults": "2",
    "channelCode": "Direct",
}
OFFER = {
    "arrival": "2027-05-10T15:00:00+02:00",
    "departure": "2027-05-12T11:00:00+02:00",
    "unitGroup": {"id": "MUC-DBL", "name": "Double"},
    "ratePlan": {"id": "MUC-FLEX_DBL", "name": "Flexible"},
    "availableUnits": 2,
    "totalGrossAmount": {"amount": 240.0, "currency": "EUR"},
    "cancellationFee": {
        "dueDateTime": "2027-05-09T18:00:00+02:00",
        "fee": {"amount": 120.0, "currency": "EUR"},
    },
}
BOOKING = NewBooking(
    rate_plan_id="MUC-FLEX_DBL",
    arrival=date(2027, 5, 10),
    departure=date(2027, 5, 12),
    adults=2,
    last_name="Muster",
    first_name="Ada",
    email="ada.muster@example.org",
    phone="+4930123456",
)
BOOKED = {"id": "XPGMSXGF", "reservationIds": [{"id": "XPGMSXGF-1"}]}


def booking(new: NewBooking = BOOKING, key: str = "call-1") -> Request:
    """The request that books a stay under an idempotency key."""
    return post("/booking/v1/bookings", new.body(), headers={"Idempotency-Key": key})


contract.expect(
    "the offers for a stay",
    given=state("units to sell", available=2),
    call=lambda apaleo: apaleo.api.offers(
        property_id="MUC", arrival=date(2027, 5, 10), departure=date(2027, 5, 12), adults=2
    ),
    request=get("/booking/v1/offers", STAY),
    response=ok(OfferList, {"offers": [OFFER]}),
)
contract.expect(
    "the offers for a stay when the hotel is full",
    given=state("units to sell", available=0),
    call=lambda apaleo: apaleo.api.offers(
        property_id="MUC", arrival=date(2027, 5, 10), departure=date(2027, 5, 12), adults=2
    ),
    request=get("/booking/v1/offers", STAY),
    response=no_content(),
    returns=OfferList(offers=[]),
)
contract.expect(
    "the offers for a stay that ends before it begins",
    given=state("units to sell", available=2),
    call=lambda apaleo: apaleo.api.offers(
        property_id="MUC", arrival=date(2027, 5, 12), departure=date(2027, 5, 10), adults=2
    ),
    request=get("/booking/v1/offers", {**STAY, "arrival": "2027-05-12", "departure": "2027-05-10"}),
    response=unprocessable("departure should be after arrival"),
    raises=failure(Rejected, status=422, code="validation"),
)
contract.expect(
    "a stay being booked",
    given=state("units to sell", available=2),
    call=lambda apaleo: apaleo.api.create_booking(BOOKING, idempotency_key="call-1"),
    request=booking(),
    response=ok(BookingCreated, BOOKED, status=201),
)
contract.expect(
    "a stay being booked again under the same key",
    given=(
        state("units to sell", available=1),
        state("a booking made before", key="call-1", body=BOOKING.body()),
    ),
    call=lambda apaleo: apaleo.api.create_booking(BOOKING, idempotency_key="call-1"),
    request=booking(),
    response=ok(BookingCreated, BOOKED, status=201),
)
contract.expect(
    "another stay being booked under a used key",
    given=(
        state("units to sell", available=2),
        state("a booking made before", key="call-1", body=BOOKING.body()),
    ),
    call=lambda apaleo: apaleo.api.create_booking(replace(BOOKING, adults=1), idempotency_key="call-1"),
    request=booking(replace(BOOKING, adults=1)),
    response=unprocessable("the key was used for another request"),
    raises=failure(Rejected, status=422, code="validation"),
)
contract.expect(
    "a stay being booked when the hotel is full",
    given=state("units to sell", available=0),
    call=lambda apaleo: apaleo.api.create_booking(BOOKING, idempotency_key="call-2"),
    request=booking(key="call-2"),
    response=unprocessable("the unit group is sold out"),
    raises=failure(Rejected, status=422, code="validation"),
)
contract.expect(
    "a stay being booked with a token that may only read",
    credential=bearer("reservations.read"),
    given=state("units to sell", available=2),
    call=lambda apaleo: apaleo.api.create_booking(BOOKING, idempotency_key="call-3"),
    request=booking(key="call-3"),
    response=refused(403),
    raises=failure(Unauthorised, status=403),
)
