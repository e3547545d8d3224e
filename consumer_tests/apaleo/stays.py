"""Stays: checked in and out, changed, given units and services."""

from __future__ import annotations

from datetime import date
from typing import Any

from consumer_tests.apaleo import bearer, contract, unprocessable
from consumer_tests.contract import failure, no_content, ok, patch, put, refused, state
from consumer_tests.expectation import Request
from orchestrator.vendors.apaleo.models import AssignedUnit, AssignedUnits
from orchestrator.vendors.errors import NotFound, Rejected, Unauthorised

ID = "XPGMSXGF-1"
UNIT = {"unit": {"id": "MUC-101"}}
COMMENT = [{"op": "add", "path": "/comment", "value": "Late arrival"}]
AMENDED: dict[str, Any] = {
    "arrival": "2027-05-11",
    "departure": "2027-05-13",
    "adults": 1,
    "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}] * 2,
}
READER = bearer("reservations.read")
REFUSED = failure(Rejected, status=422)
GONE = failure(NotFound, status=404)
NOBODY = state("no reservation")
CONFIRMED = state("a reservation", id=ID)
ARRIVING = state("a reservation", id=ID, unit="MUC-101", ahead=0)
IN_HOUSE = state("a reservation", id=ID, status="InHouse", unit="MUC-101")
LATE = state("a reservation", id=ID, ahead=-1)
LEAVING = state("a guest leaving today", id=ID)


def action(name: str, body: Any = None) -> Request:
    """A request to a reservation action."""
    return put(f"/booking/v1/reservation-actions/{ID}/{name}", body)


def amend(apaleo: Any, *, departure: date = date(2027, 5, 13)) -> Any:
    """Move the stay."""
    return apaleo.api.stays.amend(
        ID, arrival=date(2027, 5, 11), departure=departure, adults=1, rate_plan_id="MUC-FLEX_DBL"
    )


contract.expect(
    "a guest being checked in",
    given=ARRIVING,
    call=lambda apaleo: apaleo.api.stays.check_in(ID),
    request=action("checkin"),
    response=no_content(),
)
contract.expect(
    "a guest without a unit being checked in",
    given=state("a reservation", id=ID, ahead=0),
    call=lambda apaleo: apaleo.api.stays.check_in(ID),
    request=action("checkin"),
    response=unprocessable("no unit is assigned"),
    raises=REFUSED,
)
contract.expect(
    "a guest who cancelled being checked in",
    given=state("a reservation", id=ID, status="Canceled", unit="MUC-101"),
    call=lambda apaleo: apaleo.api.stays.check_in(ID),
    request=action("checkin"),
    response=unprocessable("not in this status"),
    raises=REFUSED,
)
contract.expect(
    "a guest who does not exist being checked in",
    given=NOBODY,
    call=lambda apaleo: apaleo.api.stays.check_in(ID),
    request=action("checkin"),
    response=refused(404),
    raises=GONE,
)
contract.expect(
    "a guest being checked in with a token that may only read",
    credential=READER,
    given=ARRIVING,
    call=lambda apaleo: apaleo.api.stays.check_in(ID),
    request=action("checkin"),
    response=refused(403),
    raises=failure(Unauthorised, status=403),
)
contract.expect(
    "a guest being checked out",
    given=LEAVING,
    call=lambda apaleo: apaleo.api.stays.check_out(ID),
    request=action("checkout"),
    response=no_content(),
)
contract.expect(
    "a guest who has not arrived being checked out",
    given=CONFIRMED,
    call=lambda apaleo: apaleo.api.stays.check_out(ID),
    request=action("checkout"),
    response=unprocessable("not in this status"),
    raises=REFUSED,
)
contract.expect(
    "a guest who did not come being noted",
    given=LATE,
    call=lambda apaleo: apaleo.api.stays.no_show(ID),
    request=action("noshow"),
    response=no_content(),
)
contract.expect(
    "a guest who may still come being noted as a no-show",
    given=CONFIRMED,
    call=lambda apaleo: apaleo.api.stays.no_show(ID),
    request=action("noshow"),
    response=unprocessable("not in the past"),
    raises=REFUSED,
)
contract.expect(
    "a stay being moved",
    given=CONFIRMED,
    call=amend,
    request=action("amend", AMENDED),
    response=no_content(),
)
contract.expect(
    "a stay being moved to end before it begins",
    given=CONFIRMED,
    call=lambda apaleo: amend(apaleo, departure=date(2027, 5, 10)),
    request=action("amend", {**AMENDED, "departure": "2027-05-10", "timeSlices": []}),
    response=unprocessable("departure should be after arrival"),
    raises=REFUSED,
)
contract.expect(
    "a stay that is over being moved",
    given=state("a reservation", id=ID, status="CheckedOut"),
    call=amend,
    request=action("amend", AMENDED),
    response=unprocessable("not in this status"),
    raises=REFUSED,
)
contract.expect(
    "a service being booked",
    given=IN_HOUSE,
    call=lambda apaleo: apaleo.api.stays.book_service(ID, "MUC-LATE_CHECKOUT"),
    request=action("book-service", {"serviceId": "MUC-LATE_CHECKOUT", "count": 1}),
    response=no_content(),
)
contract.expect(
    "a service that the hotel does not have being booked",
    given=IN_HOUSE,
    call=lambda apaleo: apaleo.api.stays.book_service(ID, "MUC-YACHT"),
    request=action("book-service", {"serviceId": "MUC-YACHT", "count": 1}),
    response=unprocessable("there is no such service"),
    raises=REFUSED,
)
contract.expect(
    "any unit being assigned",
    given=CONFIRMED,
    call=lambda apaleo: apaleo.api.stays.assign_any_unit(ID),
    request=action("assign-unit"),
    response=ok(AssignedUnits, {"timeSlices": [UNIT]}),
)
contract.expect(
    "any unit being assigned when none is free",
    given=(state("units to sell", available=0), CONFIRMED),
    call=lambda apaleo: apaleo.api.stays.assign_any_unit(ID),
    request=action("assign-unit"),
    response=unprocessable("no unit is free"),
    raises=REFUSED,
)
contract.expect(
    "a unit being assigned",
    given=CONFIRMED,
    call=lambda apaleo: apaleo.api.stays.assign_unit(ID, "MUC-101"),
    request=action("assign-unit/MUC-101"),
    response=ok(AssignedUnit, UNIT),
)
contract.expect(
    "a unit that another guest has being assigned",
    given=(state("a reservation", id="OTHER-1", unit="MUC-101"), CONFIRMED),
    call=lambda apaleo: apaleo.api.stays.assign_unit(ID, "MUC-101"),
    request=action("assign-unit/MUC-101"),
    response=unprocessable("the unit is not free"),
    raises=REFUSED,
)
contract.expect(
    "a comment being added",
    given=CONFIRMED,
    call=lambda apaleo: apaleo.api.stays.set_comment(ID, "Late arrival"),
    request=patch(f"/booking/v1/reservations/{ID}", COMMENT),
    response=no_content(),
)
contract.expect(
    "a comment being added to a reservation that does not exist",
    given=NOBODY,
    call=lambda apaleo: apaleo.api.stays.set_comment(ID, "Late arrival"),
    request=patch(f"/booking/v1/reservations/{ID}", COMMENT),
    response=refused(404),
    raises=GONE,
)
