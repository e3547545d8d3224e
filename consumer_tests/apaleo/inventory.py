"""Properties, unit groups, availability, rate plans and folios, and bookings as a whole."""

from __future__ import annotations

from datetime import date

from consumer_tests.apaleo import (
    bearer_credential,
    contract,
    reservation_state,
    validation_error_response,
)
from consumer_tests.contract import error_response, expected_error, get, no_content, ok, provider_state
from consumer_tests.words import by_type
from orchestrator.vendors.apaleo.models import (
    Availability,
    Booking,
    BookingList,
    FolioList,
    Property,
    PropertyList,
    RatePlanList,
    UnitGroupList,
)
from orchestrator.vendors.errors import AccessDenied, NotFound, RequestRejected

RESERVATION_STATE = reservation_state()
BOOKING = {"id": "XPGMSXGF", "booker": {"lastName": "Muster", "firstName": "Ada"}}
PROPERTY = {
    "id": "MUC",
    "name": "Hotel Example",
    "timeZone": "Europe/Berlin",
    "currencyCode": "EUR",
    "location": {"city": "Munich", "countryCode": "DE"},
}
PROPERTY_WITH_NAMES = {"id": "MUC", "name": {"en": "Hotel Example"}, "timeZone": "Europe/Berlin"}
DOUBLE_ROOM = {"id": "MUC-DBL", "name": "Double", "memberCount": 4, "maxPersons": 2}
AVAILABILITY = {
    # each night has its own date
    "from": by_type("2027-05-10T15:00:00+02:00"),
    "unitGroups": [{"unitGroup": {"id": "MUC-DBL"}, "sellableCount": 4}],
}
RATE_PLAN = {"id": "MUC-FLEX_DBL", "name": "Flexible", "minGuaranteeType": "PM6Hold"}
FOLIO = {"id": "XPGMSXGF-1-1", "balance": {"amount": -240.0, "currency": "EUR"}, "isMainFolio": True}
AVAILABILITY_QUERY = {"propertyId": "MUC", "from": "2027-05-10", "to": "2027-05-11"}

contract.add_interaction(
    "a booking by its id",
    given=RESERVATION_STATE,
    invoke=lambda apaleo: apaleo.api.get_booking("XPGMSXGF"),
    request=get("/booking/v1/bookings/XPGMSXGF"),
    response=ok(Booking, BOOKING),
)
contract.add_interaction(
    "a booking that does not exist",
    given=provider_state("no reservation"),
    invoke=lambda apaleo: apaleo.api.get_booking("NOPE"),
    request=get("/booking/v1/bookings/NOPE"),
    response=error_response(404),
    raises=expected_error(NotFound, status=404),
)
contract.add_interaction(
    "the bookings found by a name",
    given=RESERVATION_STATE,
    invoke=lambda apaleo: apaleo.api.list_bookings("Muster"),
    request=get("/booking/v1/bookings", {"textSearch": "Muster"}),
    response=ok(BookingList, {"bookings": [BOOKING], "count": 1}),
)
contract.add_interaction(
    "the bookings found by a name when there are none",
    given=provider_state("no reservation"),
    invoke=lambda apaleo: apaleo.api.list_bookings("Muster"),
    request=get("/booking/v1/bookings", {"textSearch": "Muster"}),
    response=no_content(),
    returns=BookingList(bookings=[], count=0),
)
contract.add_interaction(
    "the hotels",
    invoke=lambda apaleo: apaleo.api.inventory.list_properties(),
    request=get("/inventory/v1/properties"),
    response=ok(PropertyList, {"properties": [PROPERTY], "count": 1}),
)
contract.add_interaction(
    "the hotels with a token that may only read offers",
    credential=bearer_credential("offers.read"),
    invoke=lambda apaleo: apaleo.api.inventory.list_properties(),
    request=get("/inventory/v1/properties"),
    response=error_response(403),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a hotel",
    invoke=lambda apaleo: apaleo.api.inventory.get_property("MUC"),
    request=get("/inventory/v1/properties/MUC"),
    response=ok(Property, PROPERTY_WITH_NAMES),
)
contract.add_interaction(
    "a hotel that does not exist",
    invoke=lambda apaleo: apaleo.api.inventory.get_property("NOPE"),
    request=get("/inventory/v1/properties/NOPE"),
    response=error_response(404),
    raises=expected_error(NotFound, status=404),
)
contract.add_interaction(
    "the kinds of rooms of a hotel",
    invoke=lambda apaleo: apaleo.api.inventory.list_unit_groups("MUC"),
    request=get("/inventory/v1/unit-groups", {"propertyId": "MUC"}),
    response=ok(UnitGroupList, {"unitGroups": [DOUBLE_ROOM], "count": 1}),
)
contract.add_interaction(
    "the kinds of rooms of a hotel without rooms",
    invoke=lambda apaleo: apaleo.api.inventory.list_unit_groups("NEW"),
    request=get("/inventory/v1/unit-groups", {"propertyId": "NEW"}),
    response=no_content(),
    returns=UnitGroupList(unit_groups=[], count=0),
)
contract.add_interaction(
    "what is free",
    given=provider_state("no reservation"),
    invoke=lambda apaleo: apaleo.api.inventory.get_availability(
        "MUC", first=date(2027, 5, 10), last=date(2027, 5, 11)
    ),
    request=get("/availability/v1/unit-groups", AVAILABILITY_QUERY),
    response=ok(Availability, {"timeSlices": [AVAILABILITY], "count": 2}),
)
contract.add_interaction(
    "what is free when the last day is before the first",
    invoke=lambda apaleo: apaleo.api.inventory.get_availability(
        "MUC", first=date(2027, 5, 10), last=date(2027, 5, 9)
    ),
    request=get("/availability/v1/unit-groups", {**AVAILABILITY_QUERY, "to": "2027-05-09"}),
    response=validation_error_response("to should not be before from"),
    raises=expected_error(RequestRejected, status=422),
)
contract.add_interaction(
    "the rate plans of a hotel",
    invoke=lambda apaleo: apaleo.api.inventory.list_rate_plans("MUC"),
    request=get("/rateplan/v1/rate-plans", {"propertyId": "MUC"}),
    response=ok(RatePlanList, {"ratePlans": [RATE_PLAN], "count": 1}),
)
contract.add_interaction(
    "what a guest owes",
    given=RESERVATION_STATE,
    invoke=lambda apaleo: apaleo.api.inventory.list_folios("XPGMSXGF-1"),
    request=get("/finance/v1/folios", {"reservationIds": "XPGMSXGF-1"}),
    response=ok(FolioList, {"folios": [FOLIO], "count": 1}),
)
contract.add_interaction(
    "what a guest owes who does not exist",
    given=provider_state("no reservation"),
    invoke=lambda apaleo: apaleo.api.inventory.list_folios("NOPE-1"),
    request=get("/finance/v1/folios", {"reservationIds": "NOPE-1"}),
    response=no_content(),
    returns=FolioList(folios=[], count=0),
)
