"""Reservation actions: check-in, check-out, amendment, units and services."""

from __future__ import annotations

from datetime import date
from typing import Any

from consumer_tests.apaleo import bearer_credential, contract, validation_error_response
from consumer_tests.contract import error_response, expected_error, no_content, ok, patch, provider_state, put
from consumer_tests.interaction import Request
from orchestrator.vendors.apaleo.models import AssignedUnit, AutoAssignedUnits
from orchestrator.vendors.errors import AccessDenied, NotFound, RequestRejected

ID = "XPGMSXGF-1"
UNIT = {"unit": {"id": "MUC-101"}}
COMMENT = [{"op": "add", "path": "/comment", "value": "Late arrival"}]
AMEND_BODY: dict[str, Any] = {
    "arrival": "2027-05-11",
    "departure": "2027-05-13",
    "adults": 1,
    "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}] * 2,
}
READ_ONLY_TOKEN = bearer_credential("reservations.read")
REJECTED_422 = expected_error(RequestRejected, status=422)
NOT_FOUND_404 = expected_error(NotFound, status=404)
NO_RESERVATION = provider_state("no reservation")
CONFIRMED = provider_state("a reservation", id=ID)
ARRIVING = provider_state("a reservation", id=ID, unit="MUC-101", ahead=0)
IN_HOUSE = provider_state("a reservation", id=ID, status="InHouse", unit="MUC-101")
ARRIVAL_YESTERDAY = provider_state("a reservation", id=ID, ahead=-1)
DEPARTING_TODAY = provider_state("a guest leaving today", id=ID)


def reservation_action_request(name: str, body: Any = None) -> Request:
    """A request to a reservation action."""
    return put(f"/booking/v1/reservation-actions/{ID}/{name}", body)


def amend(apaleo: Any, *, departure: date = date(2027, 5, 13)) -> Any:
    """Amend the reservation."""
    return apaleo.api.reservation_actions.amend(
        ID, arrival=date(2027, 5, 11), departure=departure, adults=1, rate_plan_id="MUC-FLEX_DBL"
    )


contract.add_interaction(
    "a guest being checked in",
    given=ARRIVING,
    invoke=lambda apaleo: apaleo.api.reservation_actions.check_in(ID),
    request=reservation_action_request("checkin"),
    response=no_content(),
)
contract.add_interaction(
    "a guest without a unit being checked in",
    given=provider_state("a reservation", id=ID, ahead=0),
    invoke=lambda apaleo: apaleo.api.reservation_actions.check_in(ID),
    request=reservation_action_request("checkin"),
    response=validation_error_response("no unit is assigned"),
    raises=REJECTED_422,
)
contract.add_interaction(
    "a guest who cancelled being checked in",
    given=provider_state("a reservation", id=ID, status="Canceled", unit="MUC-101"),
    invoke=lambda apaleo: apaleo.api.reservation_actions.check_in(ID),
    request=reservation_action_request("checkin"),
    response=validation_error_response("not in this status"),
    raises=REJECTED_422,
)
contract.add_interaction(
    "a guest who does not exist being checked in",
    given=NO_RESERVATION,
    invoke=lambda apaleo: apaleo.api.reservation_actions.check_in(ID),
    request=reservation_action_request("checkin"),
    response=error_response(404),
    raises=NOT_FOUND_404,
)
contract.add_interaction(
    "a guest being checked in with a token that may only read",
    credential=READ_ONLY_TOKEN,
    given=ARRIVING,
    invoke=lambda apaleo: apaleo.api.reservation_actions.check_in(ID),
    request=reservation_action_request("checkin"),
    response=error_response(403),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a guest being checked out",
    given=DEPARTING_TODAY,
    invoke=lambda apaleo: apaleo.api.reservation_actions.check_out(ID),
    request=reservation_action_request("checkout"),
    response=no_content(),
)
contract.add_interaction(
    "a guest who has not arrived being checked out",
    given=CONFIRMED,
    invoke=lambda apaleo: apaleo.api.reservation_actions.check_out(ID),
    request=reservation_action_request("checkout"),
    response=validation_error_response("not in this status"),
    raises=REJECTED_422,
)
contract.add_interaction(
    "a guest who did not come being noted",
    given=ARRIVAL_YESTERDAY,
    invoke=lambda apaleo: apaleo.api.reservation_actions.no_show(ID),
    request=reservation_action_request("noshow"),
    response=no_content(),
)
contract.add_interaction(
    "a guest who may still come being noted as a no-show",
    given=CONFIRMED,
    invoke=lambda apaleo: apaleo.api.reservation_actions.no_show(ID),
    request=reservation_action_request("noshow"),
    response=validation_error_response("not in the past"),
    raises=REJECTED_422,
)
contract.add_interaction(
    "a stay being moved",
    given=CONFIRMED,
    invoke=amend,
    request=reservation_action_request("amend", AMEND_BODY),
    response=no_content(),
)
contract.add_interaction(
    "a stay being moved to end before it begins",
    given=CONFIRMED,
    invoke=lambda apaleo: amend(apaleo, departure=date(2027, 5, 10)),
    request=reservation_action_request("amend", {**AMEND_BODY, "departure": "2027-05-10", "timeSlices": []}),
    response=validation_error_response("departure should be after arrival"),
    raises=REJECTED_422,
)
contract.add_interaction(
    "a stay that is over being moved",
    given=provider_state("a reservation", id=ID, status="CheckedOut"),
    invoke=amend,
    request=reservation_action_request("amend", AMEND_BODY),
    response=validation_error_response("not in this status"),
    raises=REJECTED_422,
)
contract.add_interaction(
    "a service being booked",
    given=IN_HOUSE,
    invoke=lambda apaleo: apaleo.api.reservation_actions.book_service(ID, "MUC-LATE_CHECKOUT"),
    request=reservation_action_request("book-service", {"serviceId": "MUC-LATE_CHECKOUT", "count": 1}),
    response=no_content(),
)
contract.add_interaction(
    "a service that the hotel does not have being booked",
    given=IN_HOUSE,
    invoke=lambda apaleo: apaleo.api.reservation_actions.book_service(ID, "MUC-YACHT"),
    request=reservation_action_request("book-service", {"serviceId": "MUC-YACHT", "count": 1}),
    response=validation_error_response("there is no such service"),
    raises=REJECTED_422,
)
contract.add_interaction(
    "any unit being assigned",
    given=CONFIRMED,
    invoke=lambda apaleo: apaleo.api.reservation_actions.assign_any_unit(ID),
    request=reservation_action_request("assign-unit"),
    response=ok(AutoAssignedUnits, {"timeSlices": [UNIT]}),
)
contract.add_interaction(
    "any unit being assigned when none is free",
    given=(provider_state("units to sell", available=0), CONFIRMED),
    invoke=lambda apaleo: apaleo.api.reservation_actions.assign_any_unit(ID),
    request=reservation_action_request("assign-unit"),
    response=validation_error_response("no unit is free"),
    raises=REJECTED_422,
)
contract.add_interaction(
    "a unit being assigned",
    given=CONFIRMED,
    invoke=lambda apaleo: apaleo.api.reservation_actions.assign_unit(ID, "MUC-101"),
    request=reservation_action_request("assign-unit/MUC-101"),
    response=ok(AssignedUnit, UNIT),
)
contract.add_interaction(
    "a unit that another guest has being assigned",
    given=(provider_state("a reservation", id="OTHER-1", unit="MUC-101"), CONFIRMED),
    invoke=lambda apaleo: apaleo.api.reservation_actions.assign_unit(ID, "MUC-101"),
    request=reservation_action_request("assign-unit/MUC-101"),
    response=validation_error_response("the unit is not free"),
    raises=REJECTED_422,
)
contract.add_interaction(
    "a comment being added",
    given=CONFIRMED,
    invoke=lambda apaleo: apaleo.api.reservation_actions.set_comment(ID, "Late arrival"),
    request=patch(f"/booking/v1/reservations/{ID}", COMMENT),
    response=no_content(),
)
contract.add_interaction(
    "a comment being added to a reservation that does not exist",
    given=NO_RESERVATION,
    invoke=lambda apaleo: apaleo.api.reservation_actions.set_comment(ID, "Late arrival"),
    request=patch(f"/booking/v1/reservations/{ID}", COMMENT),
    response=error_response(404),
    raises=NOT_FOUND_404,
)
