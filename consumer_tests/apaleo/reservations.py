"""Reservations: by id, by text, and their cancellation."""

from __future__ import annotations

from consumer_tests.apaleo import (
    EXPIRED_TOKEN,
    GUEST,
    bearer_credential,
    contract,
    reservation_state,
    validation_error_response,
)
from consumer_tests.contract import error_response, expected_error, get, no_content, ok, provider_state, put
from consumer_tests.interaction import Json
from consumer_tests.value_markers import containing, exactly
from orchestrator.vendors.apaleo.models import Reservation, ReservationDetails, ReservationPage
from orchestrator.vendors.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    RequestRejected,
    VendorUnavailable,
)

ID = "XPGMSXGF-1"
PATH = f"/booking/v1/reservations/{ID}"
CANCEL_PATH = f"/booking/v1/reservation-actions/{ID}/cancel"
CONFIRMED = reservation_state(status="Confirmed")
ASSIGNED_STATE = reservation_state(status="Confirmed", unit="MUC-101")
EXPAND_BOOKER = {"expand": "booker"}
EXPAND_DETAILS = {"expand": "booker,services,actions"}
RESERVATION = {
    "id": ID,
    "bookingId": "XPGMSXGF",
    "status": "Confirmed",
    "property": {"id": "MUC"},
    "unitGroup": {"id": "MUC-DBL", "name": "Double"},
    "arrival": "2027-05-10T15:00:00+02:00",
    "departure": "2027-05-12T11:00:00+02:00",
    "adults": 2,
    "totalGrossAmount": {"amount": 240.0, "currency": "EUR"},
    "balance": {"amount": -240.0, "currency": "EUR"},
    "primaryGuest": GUEST,
}
ASSIGNED = {**RESERVATION, "unit": {"id": "MUC-101", "name": "101"}}
IN_HOUSE = {**ASSIGNED, "status": "InHouse"}
WITHOUT_GUEST = {key: value for key, value in IN_HOUSE.items() if key != "primaryGuest"}
LIST_QUERY = {"propertyIds": "MUC", "status": "Confirmed,InHouse", "pageNumber": "1", "pageSize": "20"}


def not_allowed(action: str, code: str) -> Json:
    """An action that is not allowed for this reason; Apaleo names all actions, and most are allowed."""
    return {"action": exactly(action), "reasons": containing({"code": exactly(code)})}


contract.add_interaction(
    "a reservation by its id",
    given=ASSIGNED_STATE,
    invoke=lambda apaleo: apaleo.api.get_reservation(ID),
    request=get(PATH, EXPAND_BOOKER),
    response=ok(Reservation, ASSIGNED),
)
contract.add_interaction(
    "a reservation of a guest in the house",
    given=reservation_state(status="InHouse", unit="MUC-101"),
    invoke=lambda apaleo: apaleo.api.get_reservation(ID),
    request=get(PATH, EXPAND_BOOKER),
    response=ok(Reservation, IN_HOUSE),
)
contract.add_interaction(
    "a reservation without a guest",
    given=reservation_state(status="InHouse", unit="MUC-101", guest=None),
    invoke=lambda apaleo: apaleo.api.get_reservation(ID),
    request=get(PATH, EXPAND_BOOKER),
    response=ok(Reservation, {**WITHOUT_GUEST, "booker": GUEST}),
)
contract.add_interaction(
    "a reservation with its services",
    given=reservation_state(status="InHouse", unit="MUC-101", guest=None, services=["MUC-LATE_CHECKOUT"]),
    invoke=lambda apaleo: apaleo.api.get_reservation_details(ID),
    request=get(PATH, EXPAND_DETAILS),
    response=ok(
        ReservationDetails,
        {
            **WITHOUT_GUEST,
            "booker": GUEST,
            "services": [{"service": {"id": "MUC-LATE_CHECKOUT"}, "dates": [{"count": 1}]}],
        },
    ),
)
contract.add_interaction(
    "a reservation of a guest who arrives later",
    given=ASSIGNED_STATE,
    invoke=lambda apaleo: apaleo.api.get_reservation_details(ID),
    request=get(PATH, EXPAND_DETAILS),
    response=ok(
        ReservationDetails,
        {
            **ASSIGNED,
            "actions": containing(not_allowed("CheckIn", "CheckInNotAllowedBeforeArrivalDate")),
        },
    ),
)
contract.add_interaction(
    "a reservation of a guest who arrives today and has no unit",
    given=reservation_state(status="Confirmed", ahead=0),
    invoke=lambda apaleo: apaleo.api.get_reservation_details(ID),
    request=get(PATH, EXPAND_DETAILS),
    response=ok(
        ReservationDetails,
        {
            **RESERVATION,
            "actions": containing(not_allowed("CheckIn", "CheckInNotAllowedWithoutUnitAssignedForWholeStay")),
        },
    ),
)
contract.add_interaction(
    "a reservation of a guest who did not arrive",
    given=reservation_state(status="Confirmed", ahead=-9),
    invoke=lambda apaleo: apaleo.api.get_reservation_details(ID),
    request=get(PATH, EXPAND_DETAILS),
    response=ok(
        ReservationDetails,
        {
            **RESERVATION,
            "actions": containing(
                not_allowed("CheckIn", "CheckInNotAllowedAfterDepartureDateTime"),
                not_allowed("AssignUnit", "AssignUnitNotAllowedForReservationInThePast"),
            ),
        },
    ),
)
contract.add_interaction(
    "a reservation of a guest who stays for some days",
    given=reservation_state(status="InHouse", unit="MUC-101"),
    invoke=lambda apaleo: apaleo.api.get_reservation_details(ID),
    request=get(PATH, EXPAND_DETAILS),
    response=ok(
        ReservationDetails,
        {
            **IN_HOUSE,
            "actions": containing(
                not_allowed("CheckOut", "CheckOutNotAllowedWithDepartureDateMoreThanOneDayInTheFuture"),
                not_allowed("AmendArrival", "AmendArrivalNotAllowedForReservationNotInStatusConfirmed"),
            ),
        },
    ),
)
contract.add_interaction(
    "a reservation that does not exist",
    given=provider_state("no reservation"),
    invoke=lambda apaleo: apaleo.api.get_reservation("NOPE-1"),
    request=get("/booking/v1/reservations/NOPE-1", EXPAND_BOOKER),
    response=error_response(404),
    raises=expected_error(NotFound, code=None),
)
contract.add_interaction(
    "a reservation with an expired token",
    credential=EXPIRED_TOKEN,
    invoke=lambda apaleo: apaleo.api.get_reservation(ID),
    request=get(PATH, EXPAND_BOOKER),
    response=error_response(401),
    raises=expected_error(AccessDenied, status=401),
)
contract.add_interaction(
    "a reservation with a token that may only read offers",
    credential=bearer_credential("offers.read"),
    given=CONFIRMED,
    invoke=lambda apaleo: apaleo.api.get_reservation(ID),
    request=get(PATH, EXPAND_BOOKER),
    response=error_response(403),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a reservation while Apaleo limits the rate",
    given=provider_state("the rate limit reached", retry_after=3),
    invoke=lambda apaleo: apaleo.api.get_reservation(ID),
    request=get(PATH, EXPAND_BOOKER),
    response=error_response(429, headers={"Retry-After": ("3", r"^\d+$")}),
    raises=expected_error(RateLimited, retry_after=3.0),
)
contract.add_interaction(
    "a reservation while Apaleo is down",
    given=provider_state("Apaleo is down", status=503),
    invoke=lambda apaleo: apaleo.api.get_reservation(ID),
    request=get(PATH, EXPAND_BOOKER),
    response=error_response(503),
    raises=expected_error(VendorUnavailable, status=503),
)
contract.add_interaction(
    "a reservation while Apaleo fails",
    given=provider_state("Apaleo is down", status=500),
    invoke=lambda apaleo: apaleo.api.get_reservation(ID),
    request=get(PATH, EXPAND_BOOKER),
    response=error_response(500),
    raises=expected_error(VendorUnavailable, status=500),
)
contract.add_interaction(
    "the reservations of a hotel",
    given=reservation_state(status="InHouse", unit="MUC-101"),
    invoke=lambda apaleo: apaleo.api.list_reservations(property_id="MUC"),
    request=get("/booking/v1/reservations", LIST_QUERY),
    response=ok(ReservationPage, {"reservations": [IN_HOUSE], "count": 1}),
)
contract.add_interaction(
    "the second page of a hotel's reservations",
    given=(provider_state("reservations", count=2), ASSIGNED_STATE),
    invoke=lambda apaleo: apaleo.api.list_reservations(property_id="MUC", page=2, page_size=2),
    request=get("/booking/v1/reservations", {**LIST_QUERY, "pageNumber": "2", "pageSize": "2"}),
    response=ok(ReservationPage, {"reservations": [ASSIGNED], "count": 3}),
)
contract.add_interaction(
    "the reservations when there are none",
    given=provider_state("no reservation"),
    invoke=lambda apaleo: apaleo.api.list_reservations(property_id="MUC"),
    request=get("/booking/v1/reservations", LIST_QUERY),
    response=no_content(),
    returns=ReservationPage(reservations=[], count=0),
)
contract.add_interaction(
    "a confirmed reservation being cancelled",
    given=CONFIRMED,
    invoke=lambda apaleo: apaleo.api.reservation_actions.cancel(ID),
    request=put(CANCEL_PATH),
    response=no_content(),
)
contract.add_interaction(
    "a reservation of a guest in the house being cancelled",
    given=reservation_state(status="InHouse", unit="MUC-101"),
    invoke=lambda apaleo: apaleo.api.reservation_actions.cancel(ID),
    request=put(CANCEL_PATH),
    response=validation_error_response("only a confirmed reservation can be cancelled"),
    raises=expected_error(RequestRejected, status=422, code="validation"),
)
contract.add_interaction(
    "a reservation that does not exist being cancelled",
    given=provider_state("no reservation"),
    invoke=lambda apaleo: apaleo.api.reservation_actions.cancel(ID),
    request=put(CANCEL_PATH),
    response=error_response(404),
    raises=NotFound,
)
