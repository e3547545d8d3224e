"""Reservations: found by id and by text, and cancelled."""

from __future__ import annotations

from consumer_tests.apaleo import EXPIRED, bearer, contract, unprocessable
from consumer_tests.contract import failure, get, no_content, ok, put, refused, state
from orchestrator.vendors.apaleo.models import Reservation, ReservationPage
from orchestrator.vendors.errors import NotFound, RateLimited, Rejected, Unauthorised, VendorUnavailable

ID = "XPGMSXGF-1"
PATH = f"/booking/v1/reservations/{ID}"
CANCEL = f"/booking/v1/reservation-actions/{ID}/cancel"
BOOKER = {"expand": "booker"}
GUEST = {
    "lastName": "Muster",
    "firstName": "Ada",
    "email": "ada.muster@example.org",
    "phone": "+4930123456",
    "preferredLanguage": "de",
}
RESERVATION = {
    "id": ID,
    "bookingId": "XPGMSXGF",
    "status": "Confirmed",
    "property": {"id": "MUC", "name": "Hotel Example"},
    "unitGroup": {"id": "MUC-DBL", "name": "Double"},
    "arrival": "2027-05-10T15:00:00+02:00",
    "departure": "2027-05-12T11:00:00+02:00",
    "adults": 2,
    "totalGrossAmount": {"amount": 240.0, "currency": "EUR"},
    "balance": {"amount": -240.0, "currency": "EUR"},
    "primaryGuest": GUEST,
}
LISTED = {key: value for key, value in RESERVATION.items() if key != "primaryGuest"}
A_LIST = {"propertyIds": "MUC", "status": "Confirmed,InHouse", "pageNumber": "1", "pageSize": "20"}

contract.expect(
    "a reservation by its id",
    given=state("a reservation", id=ID),
    call=lambda apaleo: apaleo.api.reservation(ID),
    request=get(PATH, BOOKER),
    response=ok(Reservation, {**RESERVATION, "booker": GUEST}),
)
contract.expect(
    "a reservation of a guest in the house",
    given=state("a reservation", id=ID, status="InHouse", unit="MUC-101"),
    call=lambda apaleo: apaleo.api.reservation(ID),
    request=get(PATH, BOOKER),
    response=ok(Reservation, {**RESERVATION, "status": "InHouse", "unit": {"id": "MUC-101", "name": "101"}}),
)
contract.expect(
    "a reservation without a guest",
    given=state("a reservation", id=ID, guest=None),
    call=lambda apaleo: apaleo.api.reservation(ID),
    request=get(PATH, BOOKER),
    response=ok(Reservation, LISTED),
)
contract.expect(
    "a reservation that does not exist",
    given=state("no reservation"),
    call=lambda apaleo: apaleo.api.reservation("NOPE-1"),
    request=get("/booking/v1/reservations/NOPE-1", BOOKER),
    response=refused(404),
    raises=failure(NotFound, code=None),
)
contract.expect(
    "a reservation with an expired token",
    credential=EXPIRED,
    call=lambda apaleo: apaleo.api.reservation(ID),
    request=get(PATH, BOOKER),
    response=refused(401),
    raises=failure(Unauthorised, status=401),
)
contract.expect(
    "a reservation with a token that may only read offers",
    credential=bearer("offers.read"),
    given=state("a reservation", id=ID),
    call=lambda apaleo: apaleo.api.reservation(ID),
    request=get(PATH, BOOKER),
    response=refused(403),
    raises=failure(Unauthorised, status=403),
)
contract.expect(
    "a reservation while Apaleo limits the rate",
    given=state("the rate limit reached", retry_after=3),
    call=lambda apaleo: apaleo.api.reservation(ID),
    request=get(PATH, BOOKER),
    response=refused(429, headers={"Retry-After": ("3", r"^\d+$")}),
    raises=failure(RateLimited, retry_after=3.0),
)
contract.expect(
    "a reservation while Apaleo is down",
    given=state("Apaleo is down", status=503),
    call=lambda apaleo: apaleo.api.reservation(ID),
    request=get(PATH, BOOKER),
    response=refused(503),
    raises=failure(VendorUnavailable, status=503),
)
contract.expect(
    "a reservation while Apaleo fails",
    given=state("Apaleo is down", status=500),
    call=lambda apaleo: apaleo.api.reservation(ID),
    request=get(PATH, BOOKER),
    response=refused(500),
    raises=failure(VendorUnavailable, status=500),
)
contract.expect(
    "the reservations of a hotel",
    given=state("a reservation", id=ID),
    call=lambda apaleo: apaleo.api.reservations(property_id="MUC"),
    request=get("/booking/v1/reservations", A_LIST),
    response=ok(ReservationPage, {"reservations": [RESERVATION], "count": 1}),
)
contract.expect(
    "the reservations found by a guest's name",
    given=state("a reservation", id=ID),
    call=lambda apaleo: apaleo.api.reservations(property_id="MUC", text="Muster"),
    request=get("/booking/v1/reservations", {**A_LIST, "textSearch": "Muster"}),
    response=ok(ReservationPage, {"reservations": [RESERVATION], "count": 1}),
)
contract.expect(
    "the second page of a hotel's reservations",
    given=state("reservations", count=3),
    call=lambda apaleo: apaleo.api.reservations(property_id="MUC", page=2, page_size=2),
    request=get("/booking/v1/reservations", {**A_LIST, "pageNumber": "2", "pageSize": "2"}),
    response=ok(ReservationPage, {"reservations": [LISTED], "count": 3}),
)
contract.expect(
    "the reservations when there are none",
    given=state("no reservation"),
    call=lambda apaleo: apaleo.api.reservations(property_id="MUC"),
    request=get("/booking/v1/reservations", A_LIST),
    response=no_content(),
    returns=ReservationPage(reservations=[], count=0),
)
contract.expect(
    "the reservations with a page size beyond the limit",
    given=state("no reservation"),
    call=lambda apaleo: apaleo.api.reservations(property_id="MUC", page_size=500),
    request=get("/booking/v1/reservations", {**A_LIST, "pageSize": "500"}),
    response=unprocessable("pageSize should be at most 200"),
    raises=failure(Rejected, status=422, code="validation"),
)
contract.expect(
    "a confirmed reservation being cancelled",
    given=state("a reservation", id=ID),
    call=lambda apaleo: apaleo.api.stays.cancel(ID),
    request=put(CANCEL),
    response=no_content(),
)
contract.expect(
    "a reservation of a guest in the house being cancelled",
    given=state("a reservation", id=ID, status="InHouse", unit="MUC-101"),
    call=lambda apaleo: apaleo.api.stays.cancel(ID),
    request=put(CANCEL),
    response=unprocessable("only a confirmed reservation can be cancelled"),
    raises=failure(Rejected, status=422, code="validation"),
)
contract.expect(
    "a reservation that does not exist being cancelled",
    given=state("no reservation"),
    call=lambda apaleo: apaleo.api.stays.cancel(ID),
    request=put(CANCEL),
    response=refused(404),
    raises=NotFound,
)
