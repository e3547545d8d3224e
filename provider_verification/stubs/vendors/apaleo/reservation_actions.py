"""Apaleo's actions on a reservation: cancel, check-in, check-out, no-show, amend, units, services, JSON Patch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.hooks import validation_error
from provider_verification.stubs.vendors.apaleo.state import (
    GUEST,
    OPEN_STATUSES,
    ApaleoState,
    Reservation,
    night_bounds,
    parse_date,
    stay_rule_broken,
)

Operation = Callable[[ApaleoState, StubRequest], StubResponse]
ReservationAction = Callable[[ApaleoState, Reservation, StubRequest], StubResponse]
COMMON_PATCH_FIELDS = {
    "comment",
    "guestComment",
    "paymentAccount",
    "travelPurpose",
    "additionalGuests",
    "commission",
}
CONFIRMED = frozenset({"Confirmed"})
IN_HOUSE = frozenset({"InHouse"})
PATCHABLE_FIELDS = {
    "add": COMMON_PATCH_FIELDS | {"company"},
    "replace": COMMON_PATCH_FIELDS | {"primaryGuest"},
    "remove": COMMON_PATCH_FIELDS | {"validationMessages"},
}
"""Fields a JSON Patch may change, by its `op`. Apaleo's booking spec excludes dates, status, unit group and adults."""


def reservation_action(
    operation_id: str, action_name: str = "", statuses: frozenset[str] = frozenset()
) -> Callable[[ReservationAction], Operation]:
    """Register an action on the reservation that the path names.

    Args:
        operation_id: the operation in the schemas.
        action_name: what "cannot" happen in another status, such as `be checked in`.
        statuses: the statuses in which Apaleo accepts the action; any status if empty.
    """

    def register(action: ReservationAction) -> Operation:
        @wraps(action)
        def operation(state: ApaleoState, request: StubRequest) -> StubResponse:
            reservation = state.reservations.get(request.path_params["id"])
            if reservation is None:
                return StubResponse(404)
            if statuses and reservation.status not in statuses:
                return _status_error(reservation, action_name)
            return action(state, reservation, request)

        return stub.operation(operation_id)(operation)

    return register


def _status_error(reservation: Reservation, action_name: str) -> StubResponse:
    return validation_error(f"a reservation in status {reservation.status} cannot {action_name}")


@reservation_action("cancelReservation", "be cancelled", CONFIRMED)
def cancel(state: ApaleoState, reservation: Reservation, _request: StubRequest) -> StubResponse:
    """Cancel a confirmed reservation before the day of arrival."""
    # The booking spec: only a confirmed reservation whose arrival is in the future can be cancelled.
    if reservation.arrival <= state.today:
        return validation_error("the arrival is not in the future")
    reservation.status = "Canceled"
    return no_content()


@reservation_action("checkIn", "be checked in", CONFIRMED)
def check_in(state: ApaleoState, reservation: Reservation, _request: StubRequest) -> StubResponse:
    """Check a guest in: a unit must be assigned, and the day of arrival must have come."""
    # The booking spec: reason CheckInNotAllowedWithoutUnitAssignedForWholeStay.
    if reservation.unit is None:
        return validation_error("no unit is assigned for the whole stay")
    if reservation.arrival > state.today:
        return validation_error("the arrival is in the future")
    reservation.status = "InHouse"
    return no_content()


@reservation_action("checkOut", "be checked out", IN_HOUSE)
def check_out(state: ApaleoState, reservation: Reservation, _request: StubRequest) -> StubResponse:
    """Check a guest out: the departure must not be later than tomorrow."""
    if reservation.departure > state.today + timedelta(days=1):
        return validation_error("the departure is later than tomorrow")
    reservation.status = "CheckedOut"
    return no_content()


@reservation_action("noShow", "be set to no-show", CONFIRMED)
def no_show(state: ApaleoState, reservation: Reservation, _request: StubRequest) -> StubResponse:
    """Set a reservation to no-show: the day of arrival must have passed."""
    if reservation.arrival >= state.today:
        return validation_error("the arrival is not in the past")
    reservation.status = "NoShow"
    return no_content()


@reservation_action("amend", "be amended", OPEN_STATUSES)
def amend(state: ApaleoState, reservation: Reservation, request: StubRequest) -> StubResponse:
    """Change dates and number of adults, if a unit is available."""
    arrival, departure = parse_date(request.body["arrival"]), parse_date(request.body["departure"])
    broken_rule = _amend_rule_broken(state, reservation, request.body)
    if broken_rule:
        return validation_error(broken_rule)
    reservation.arrival, reservation.departure = arrival, departure
    reservation.adults = request.body["adults"]
    return no_content()


def _amend_rule_broken(state: ApaleoState, reservation: Reservation, body: dict[str, Any]) -> str | None:
    arrival, departure = parse_date(body["arrival"]), parse_date(body["departure"])
    if departure > arrival and reservation.status == "InHouse" and arrival != reservation.arrival:
        return "the arrival of a guest in the house cannot change"
    broken_rule = stay_rule_broken(body)
    if broken_rule:
        return broken_rule
    available = state.available_units(arrival, departure, exclude_id=reservation.id)
    return None if available > 0 else "the unit group is sold out"


@reservation_action("bookService", "have services booked", OPEN_STATUSES)
def book_service(state: ApaleoState, reservation: Reservation, request: StubRequest) -> StubResponse:
    """Book a service of the hotel."""
    if request.body["serviceId"] not in state.services:
        return validation_error("the service does not exist")
    reservation.services.append(request.body["serviceId"])
    return no_content()


@reservation_action("assignAnyUnit", "have a unit assigned", OPEN_STATUSES)
def assign_any_unit(state: ApaleoState, reservation: Reservation, _request: StubRequest) -> StubResponse:
    """Assign the first unit that is free for the whole stay."""
    free_units = state.free_units(reservation)
    if not free_units:
        return validation_error("no unit is free")
    reservation.unit = free_units[0]
    # Apaleo's booking spec: unlike the other actions this one is 200 with a body.
    slices = [{"unit": {"id": reservation.unit}, **night_bounds(night)} for night in reservation.nights]
    return ok({"timeSlices": slices})


@reservation_action("assignUnit")
def assign_unit(state: ApaleoState, reservation: Reservation, request: StubRequest) -> StubResponse:
    """Assign the unit that the path names, if it exists and is free for the whole stay."""
    unit = request.path_params["unitId"]
    if unit not in state.unit_ids:
        return StubResponse(404)
    if not reservation.is_open:
        return _status_error(reservation, "have a unit assigned")
    if unit not in state.free_units(reservation):
        return validation_error("the unit is not free")
    reservation.unit = unit
    return ok({"unit": {"id": unit}})


@reservation_action("patchReservation")
def patch(_state: ApaleoState, reservation: Reservation, request: StubRequest) -> StubResponse:
    """Apply a JSON Patch: all changes, or none if one is not allowed."""
    # All changes are checked before the first is applied, so that a rejected patch changes nothing.
    for change in request.body:
        if _patched_field(change) not in PATCHABLE_FIELDS.get(change.get("op", ""), ()):
            return validation_error(f"'{change.get('op')}' of '{change.get('path')}' is not possible")
        if not _is_valid_value(change):
            return validation_error(f"the value of '{change['path']}' is missing or has the wrong type")
    for change in request.body:
        name = _patched_field(change)
        if name == "primaryGuest":
            reservation.guest = change["value"]
        elif change["op"] == "remove":
            reservation.extra_fields.pop(name, None)
        else:
            reservation.extra_fields[name] = change["value"]
    return no_content()


def _is_valid_value(change: dict[str, Any]) -> bool:
    """Whether the value can be read back: a guest has a last name and texts only, a comment is a text."""
    value, field = change.get("value"), _patched_field(change)
    if change["op"] == "remove":
        return True
    if field == "primaryGuest":
        return isinstance(value, dict) and "lastName" in value and _has_only_texts(value)
    return isinstance(value, str) if field == "comment" else "value" in change


def _has_only_texts(guest: dict[str, Any]) -> bool:
    return all(isinstance(guest.get(name, ""), str) for name in GUEST)


def _patched_field(change: dict[str, Any]) -> str:
    return str(change.get("path", "")).strip("/").partition("/")[0]
