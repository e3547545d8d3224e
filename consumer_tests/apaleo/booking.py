"""Offers, and the creation of bookings."""

from __future__ import annotations

from datetime import date

from consumer_tests.apaleo import bearer_credential, contract, validation_error_response
from consumer_tests.contract import error_response, expected_error, get, no_content, ok, post, provider_state
from consumer_tests.interaction import Request
from consumer_tests.value_markers import exactly
from orchestrator.vendors.apaleo.booking import CreateBookingRequest
from orchestrator.vendors.apaleo.models import BookingCreated, OfferList
from orchestrator.vendors.errors import AccessDenied, RequestRejected

OFFER_QUERY = {
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
    "ratePlan": {"id": "MUC-FLEX_DBL"},
    "availableUnits": exactly(2),
    "totalGrossAmount": {"amount": 240.0, "currency": "EUR"},
}
BOOKING = CreateBookingRequest(
    rate_plan_id="MUC-FLEX_DBL",
    arrival=date(2027, 5, 10),
    departure=date(2027, 5, 12),
    adults=2,
    last_name="Muster",
    first_name="Ada",
    email="ada.muster@example.org",
    phone="+4930123456",
)
CREATED_BOOKING = {"reservationIds": [{"id": "XPGMSXGF-1"}]}
BOOKED_BEFORE = {"reservationIds": [{"id": "BOOK0001-1"}]}
BOOKED_BEFORE_STATE = provider_state("a booking made before", key="call-1", body=BOOKING.to_json()).providing(
    bookingId="BOOK0001", reservationId="BOOK0001-1"
)


UNITS_TO_SELL = provider_state("units to sell", available=2).providing(
    propertyId="MUC", unitGroupId="MUC-DBL", ratePlanId="MUC-FLEX_DBL"
)


def create_booking_request(key: str = "call-1") -> Request:
    """The request that creates a booking with an idempotency key."""
    return post("/booking/v1/bookings", BOOKING.to_json(), headers={"Idempotency-Key": key})


contract.add_interaction(
    "the offers for a stay",
    given=UNITS_TO_SELL,
    invoke=lambda apaleo: apaleo.api.list_offers(
        property_id="MUC", arrival=date(2027, 5, 10), departure=date(2027, 5, 12), adults=2
    ),
    request=get("/booking/v1/offers", OFFER_QUERY),
    response=ok(OfferList, {"offers": [OFFER]}),
)
contract.add_interaction(
    "the offers for a stay when the hotel is full",
    given=provider_state("units to sell", available=0),
    invoke=lambda apaleo: apaleo.api.list_offers(
        property_id="MUC", arrival=date(2027, 5, 10), departure=date(2027, 5, 12), adults=2
    ),
    request=get("/booking/v1/offers", OFFER_QUERY),
    response=no_content(),
    returns=OfferList(offers=[]),
)
contract.add_interaction(
    "a stay being booked",
    given=UNITS_TO_SELL,
    invoke=lambda apaleo: apaleo.api.create_booking(BOOKING, idempotency_key="call-1"),
    request=create_booking_request(),
    response=ok(BookingCreated, CREATED_BOOKING, status=201),
)
contract.add_interaction(
    "a stay being booked again under the same key",
    given=(
        provider_state("units to sell", available=1),
        BOOKED_BEFORE_STATE,
    ),
    invoke=lambda apaleo: apaleo.api.create_booking(BOOKING, idempotency_key="call-1"),
    request=create_booking_request(),
    response=ok(BookingCreated, BOOKED_BEFORE, status=201),
)
contract.add_interaction(
    "a stay being booked when the hotel is full",
    given=provider_state("units to sell", available=0),
    invoke=lambda apaleo: apaleo.api.create_booking(BOOKING, idempotency_key="call-2"),
    request=create_booking_request(key="call-2"),
    response=validation_error_response("the unit group is sold out"),
    raises=expected_error(RequestRejected, status=422, code="validation"),
)
contract.add_interaction(
    "a stay being booked with a token that may only read",
    credential=bearer_credential("reservations.read"),
    given=UNITS_TO_SELL,
    invoke=lambda apaleo: apaleo.api.create_booking(BOOKING, idempotency_key="call-3"),
    request=create_booking_request(key="call-3"),
    response=error_response(403),
    raises=expected_error(AccessDenied, status=403),
)
