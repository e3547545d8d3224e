"""The hotel, and bookings as a whole."""

from __future__ import annotations

from datetime import date

from consumer_tests.apaleo import bearer, contract, unprocessable
from consumer_tests.contract import failure, get, no_content, ok, refused, state
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
from orchestrator.vendors.errors import NotFound, Rejected, Unauthorised

RESERVED = state("a reservation", id="XPGMSXGF-1")
BOOKED = {"id": "XPGMSXGF", "booker": {"lastName": "Muster", "firstName": "Ada"}}
HOTEL = {
    "id": "MUC",
    "name": "Hotel Example",
    "timeZone": "Europe/Berlin",
    "currencyCode": "EUR",
    "location": {"city": "Munich", "countryCode": "DE"},
}
NAMED = {"id": "MUC", "name": {"en": "Hotel Example"}, "timeZone": "Europe/Berlin"}
DOUBLE = {"id": "MUC-DBL", "name": "Double", "memberCount": 4, "maxPersons": 2}
FREE = {
    "from": "2027-05-10T15:00:00+02:00",
    "unitGroups": [{"unitGroup": {"id": "MUC-DBL"}, "sellableCount": 4}],
}
FLEXIBLE = {"id": "MUC-FLEX_DBL", "name": "Flexible", "minGuaranteeType": "PM6Hold"}
OWED = {"id": "XPGMSXGF-1-1", "balance": {"amount": -240.0, "currency": "EUR"}, "isMainFolio": True}
NIGHTS = {"propertyId": "MUC", "from": "2027-05-10", "to": "2027-05-11"}

contract.expect(
    "a booking by its id",
    given=RESERVED,
    call=lambda apaleo: apaleo.api.booking("XPGMSXGF"),
    request=get("/booking/v1/bookings/XPGMSXGF"),
    response=ok(Booking, BOOKED),
)
contract.expect(
    "a booking that does not exist",
    given=state("no reservation"),
    call=lambda apaleo: apaleo.api.booking("NOPE"),
    request=get("/booking/v1/bookings/NOPE"),
    response=refused(404),
    raises=failure(NotFound, status=404),
)
contract.expect(
    "the bookings found by a name",
    given=RESERVED,
    call=lambda apaleo: apaleo.api.bookings("Muster"),
    request=get("/booking/v1/bookings", {"textSearch": "Muster"}),
    response=ok(BookingList, {"bookings": [BOOKED], "count": 1}),
)
contract.expect(
    "the bookings found by a name when there are none",
    given=state("no reservation"),
    call=lambda apaleo: apaleo.api.bookings("Muster"),
    request=get("/booking/v1/bookings", {"textSearch": "Muster"}),
    response=no_content(),
    returns=BookingList(bookings=[], count=0),
)
contract.expect(
    "the hotels",
    call=lambda apaleo: apaleo.api.inventory.properties(),
    request=get("/inventory/v1/properties"),
    response=ok(PropertyList, {"properties": [HOTEL], "count": 1}),
)
contract.expect(
    "the hotels with a token that may only read offers",
    credential=bearer("offers.read"),
    call=lambda apaleo: apaleo.api.inventory.properties(),
    request=get("/inventory/v1/properties"),
    response=refused(403),
    raises=failure(Unauthorised, status=403),
)
contract.expect(
    "a hotel",
    call=lambda apaleo: apaleo.api.inventory.property("MUC"),
    request=get("/inventory/v1/properties/MUC"),
    response=ok(Property, NAMED),
)
contract.expect(
    "a hotel that does not exist",
    call=lambda apaleo: apaleo.api.inventory.property("NOPE"),
    request=get("/inventory/v1/properties/NOPE"),
    response=refused(404),
    raises=failure(NotFound, status=404),
)
contract.expect(
    "the kinds of rooms of a hotel",
    call=lambda apaleo: apaleo.api.inventory.unit_groups("MUC"),
    request=get("/inventory/v1/unit-groups", {"propertyId": "MUC"}),
    response=ok(UnitGroupList, {"unitGroups": [DOUBLE], "count": 1}),
)
contract.expect(
    "the kinds of rooms of a hotel without rooms",
    call=lambda apaleo: apaleo.api.inventory.unit_groups("NEW"),
    request=get("/inventory/v1/unit-groups", {"propertyId": "NEW"}),
    response=no_content(),
    returns=UnitGroupList(unit_groups=[], count=0),
)
contract.expect(
    "what is free",
    given=state("no reservation"),
    call=lambda apaleo: apaleo.api.inventory.availability(
        "MUC", first=date(2027, 5, 10), last=date(2027, 5, 11)
    ),
    request=get("/availability/v1/unit-groups", NIGHTS),
    response=ok(Availability, {"timeSlices": [FREE], "count": 2}),
)
contract.expect(
    "what is free when the last day is before the first",
    call=lambda apaleo: apaleo.api.inventory.availability(
        "MUC", first=date(2027, 5, 10), last=date(2027, 5, 9)
    ),
    request=get("/availability/v1/unit-groups", {**NIGHTS, "to": "2027-05-09"}),
    response=unprocessable("to should not be before from"),
    raises=failure(Rejected, status=422),
)
contract.expect(
    "the rate plans of a hotel",
    call=lambda apaleo: apaleo.api.inventory.rate_plans("MUC"),
    request=get("/rateplan/v1/rate-plans", {"propertyId": "MUC"}),
    response=ok(RatePlanList, {"ratePlans": [FLEXIBLE], "count": 1}),
)
contract.expect(
    "what a guest owes",
    given=RESERVED,
    call=lambda apaleo: apaleo.api.inventory.folios("XPGMSXGF-1"),
    request=get("/finance/v1/folios", {"reservationIds": "XPGMSXGF-1"}),
    response=ok(FolioList, {"folios": [OWED], "count": 1}),
)
contract.expect(
    "what a guest owes who does not exist",
    given=state("no reservation"),
    call=lambda apaleo: apaleo.api.inventory.folios("NOPE-1"),
    request=get("/finance/v1/folios", {"reservationIds": "NOPE-1"}),
    response=no_content(),
    returns=FolioList(folios=[], count=0),
)
