"""Apaleo's actions on a reservation: cancel, check-in, check-out, no-show, amend, units, services, JSON Patch."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from provider_verification.stubs.sdk import (
    NotModelled,
    RequestRejected,
    StubRequest,
    StubResponse,
    no_content,
    ok,
)
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.allowed_actions import broken_rules
from provider_verification.stubs.vendors.apaleo.dates import night_bounds, parse_date
from provider_verification.stubs.vendors.apaleo.hooks import validation_error
from provider_verification.stubs.vendors.apaleo.json_patch import PatchRules, patch_error, patched_field
from provider_verification.stubs.vendors.apaleo.state import (
    ApaleoState,
    Reservation,
    stay_rule_broken,
    unit_ref,
)

Operation = Callable[[ApaleoState, StubRequest], StubResponse]
ReservationAction = Callable[[ApaleoState, Reservation, StubRequest], StubResponse]
COMMON_PATCH_FIELDS = frozenset(
    {"comment", "guestComment", "paymentAccount", "travelPurpose", "additionalGuests", "commission"}
)
PATCHABLE_FIELDS: PatchRules = {
    "add": COMMON_PATCH_FIELDS | {"company"},
    "replace": COMMON_PATCH_FIELDS | {"primaryGuest"},
    "remove": COMMON_PATCH_FIELDS | {"validationMessages"},
}
"""Fields a JSON Patch may change, by its `op`. Apaleo's booking spec excludes dates, status, unit group and adults."""

UNIT_CONDITION = "Clean"
"""The condition of every unit of the stub."""


def reservation_action(
    operation_id: str, action: str | None = None
) -> Callable[[ReservationAction], Operation]:
    """Register an action on the reservation that the path names.

    Args:
        operation_id: the operation in the schemas.
        action: the action whose rules the reservation must not break, if any.
    """

    def register(perform: ReservationAction) -> Operation:
        @wraps(perform)
        def operation(state: ApaleoState, request: StubRequest) -> StubResponse:
            reservation = state.reservations.get(request.path_params["id"])
            if reservation is None:
                return StubResponse(404)
            broken = broken_rules(state, reservation, action) if action else []
            if broken:
                return validation_error(*(rule.message for rule in broken))
            return perform(state, reservation, request)

        return stub.operation(operation_id)(operation)

    return register


@reservation_action("cancelReservation", action="Cancel")
def cancel(state: ApaleoState, reservation: Reservation, _request: StubRequest) -> StubResponse:
    """Cancel a confirmed reservation before the day of arrival."""
    # The booking spec: only a confirmed reservation whose arrival is in the future can be cancelled.
    if reservation.arrival <= state.today:
        return validation_error("the arrival is not in the future")
    reservation.status = "Canceled"
    return no_content()


@reservation_action("checkIn", action="CheckIn")
def check_in(_state: ApaleoState, reservation: Reservation, _request: StubRequest) -> StubResponse:
    """Check a guest in: a unit must be assigned, and the day of arrival must have come."""
    reservation.status = "InHouse"
    return no_content()


@reservation_action("checkOut", action="CheckOut")
def check_out(_state: ApaleoState, reservation: Reservation, _request: StubRequest) -> StubResponse:
    """Check a guest out: the departure must not be later than tomorrow."""
    reservation.status = "CheckedOut"
    return no_content()


@reservation_action("noShow", action="NoShow")
def no_show(_state: ApaleoState, reservation: Reservation, _request: StubRequest) -> StubResponse:
    """Set a reservation to no-show: the day of arrival must have passed."""
    reservation.status = "NoShow"
    return no_content()


@reservation_action("amend", action="AmendDeparture")
def amend(state: ApaleoState, reservation: Reservation, request: StubRequest) -> StubResponse:
    """Change dates and number of adults, if a unit is available."""
    arrival, departure = parse_date(request.body["arrival"]), parse_date(request.body["departure"])
    broken_rule = stay_rule_broken(request.body)
    if broken_rule:
        raise RequestRejected("invalid", broken_rule)
    if reservation.status == "InHouse" and arrival != reservation.arrival:
        return validation_error("the arrival of a guest in the house cannot change")
    if state.available_units(arrival, departure, exclude_id=reservation.id) <= 0:
        return validation_error("the unit group is sold out")
    reservation.arrival, reservation.departure = arrival, departure
    reservation.adults = request.body["adults"]
    return no_content()


@reservation_action("bookService")
def book_service(state: ApaleoState, reservation: Reservation, request: StubRequest) -> StubResponse:
    """Book a service of the hotel."""
    if not reservation.is_open:
        return validation_error(f"no service can be booked in status {reservation.status}")
    if request.body["serviceId"] not in state.services:
        raise RequestRejected("invalid", "the service does not exist")
    reservation.services.append(request.body["serviceId"])
    return no_content()


@reservation_action("assignAnyUnit", action="AssignUnit")
def assign_any_unit(state: ApaleoState, reservation: Reservation, request: StubRequest) -> StubResponse:
    """Assign the first unit that is free for the whole stay, in one of the conditions that the query names."""
    has_condition = UNIT_CONDITION in request.query.get("unitConditions", [UNIT_CONDITION])
    free_unit = next(state.free_units(reservation), None) if has_condition else None
    if free_unit is None:
        return validation_error("no unit is free")
    reservation.unit = free_unit
    # Apaleo's booking spec: unlike the other actions this one is 200 with a body.
    unit = unit_ref(free_unit)
    slices = [{"unit": unit, **night_bounds(night)} for night in reservation.nights]
    return ok({"timeSlices": slices})


@reservation_action("assignUnit")
def assign_unit(state: ApaleoState, reservation: Reservation, request: StubRequest) -> StubResponse:
    """Assign the unit that the path names, if it exists and is free for the whole stay."""
    unit = request.path_params["unitId"]
    if unit not in state.unit_ids:
        return StubResponse(404)
    _require_whole_stay(reservation, request)
    broken = broken_rules(state, reservation, "AssignUnit")
    if broken:
        return validation_error(*(rule.message for rule in broken))
    if unit not in state.free_units(reservation):
        return validation_error("the unit is not free")
    reservation.unit = unit
    reservation.is_unit_locked = request.query.get("lockUnit", False)
    return ok({"unit": unit_ref(unit)})


def _require_whole_stay(reservation: Reservation, request: StubRequest) -> None:
    """Raise NotModelled if the query asks for a unit in some nights of the stay only."""
    first = parse_date(request.query["from"]) if "from" in request.query else reservation.arrival
    last = parse_date(request.query["to"]) if "to" in request.query else reservation.departure
    if first > reservation.arrival or last < reservation.departure:
        raise NotModelled("the assignment of a unit for a part of a stay", ("query", "from"))


@reservation_action("patchReservation")
def patch(_state: ApaleoState, reservation: Reservation, request: StubRequest) -> StubResponse:
    """Apply a JSON Patch: all changes, or none if one is not allowed."""
    problem = patch_error(request.body, PATCHABLE_FIELDS)
    if problem is None and any(patched_field(change) == "company" for change in request.body):
        # The stub has no companies.
        problem = "the company does not exist"
    if problem:
        raise RequestRejected("invalid", problem)
    for change in request.body:
        name = patched_field(change)
        if name == "primaryGuest":
            reservation.guest = change["value"]
        elif change["op"] == "remove":
            reservation.details.pop(name, None)
        else:
            reservation.details[name] = change["value"]
    return no_content()
