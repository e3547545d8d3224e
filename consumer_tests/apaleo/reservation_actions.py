"""Reservation actions: check-in, check-out, amendment, units and services."""

from __future__ import annotations

from datetime import date
from typing import Any

from consumer_tests.apaleo import bearer_credential, contract, validation_error_response
from consumer_tests.contract import error_response, expected_error, no_content, ok, provider_state, put
from consumer_tests.interaction import Request
from orchestrator.vendors.apaleo.models import AssignedUnit, AutoAssignedUnits
from orchestrator.vendors.errors import AccessDenied, RequestRejected

ID = "XPGMSXGF-1"
UNIT = {"unit": {"id": "MUC-101", "name": "101"}}
AMEND_BODY: dict[str, Any] = {
    "arrival": "2027-05-11",
    "departure": "2027-05-13",
    "adults": 1,
    "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}] * 2,
}
READ_ONLY_TOKEN = bearer_credential("reservations.read")
REJECTED_422 = expected_error(RequestRejected, status=422)
CONFIRMED = provider_state("a reservation", id=ID)
ARRIVING = provider_state("a reservation", id=ID, unit="MUC-101", ahead=0)
IN_HOUSE = provider_state("a reservation", id=ID, status="InHouse", unit="MUC-101")
CHECKED_OUT = provider_state("a reservation", id=ID, status="CheckedOut")
DEPARTING_TODAY = provider_state("a guest leaving today", id=ID)


def reservation_action_request(name: str, body: Any = None) -> Request:
    """A request to a reservation action."""
    return put(f"/booking/v1/reservation-actions/{ID}/{name}", body)


def amend(apaleo: Any) -> Any:
    """Amend the reservation."""
    return apaleo.api.reservation_actions.amend(
        ID,
        arrival=date(2027, 5, 11),
        departure=date(2027, 5, 13),
        adults=1,
        rate_plan_id="MUC-FLEX_DBL",
    )


contract.add_interaction(
    "a guest being checked in",
    given=ARRIVING,
    invoke=lambda apaleo: apaleo.api.reservation_actions.check_in(ID),
    request=reservation_action_request("checkin"),
    response=no_content(),
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
    "a stay being moved",
    given=CONFIRMED,
    invoke=amend,
    request=reservation_action_request("amend", AMEND_BODY),
    response=no_content(),
)
contract.add_interaction(
    "a stay that is over being moved",
    given=CHECKED_OUT,
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
    "a service being booked for a stay that is over",
    given=CHECKED_OUT,
    invoke=lambda apaleo: apaleo.api.reservation_actions.book_service(ID, "MUC-LATE_CHECKOUT"),
    request=reservation_action_request("book-service", {"serviceId": "MUC-LATE_CHECKOUT", "count": 1}),
    response=validation_error_response("not in this status"),
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
