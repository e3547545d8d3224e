"""The actions that Apaleo allows on a reservation now; why not, with the reason codes of its booking spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from provider_verification.stubs.vendors.apaleo.state import ApaleoState, Reservation


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason for which an action is not allowed."""

    code: str
    message: str
    is_broken: Callable[[ApaleoState, Reservation], bool]


RULES: Mapping[str, tuple[Rule, ...]] = {
    "CheckIn": (
        Rule(
            "CheckInNotAllowedForReservationNotInStatusConfirmed",
            "only a confirmed reservation can be checked in",
            lambda _, reservation: reservation.status != "Confirmed",
        ),
        Rule(
            "CheckInNotAllowedBeforeArrivalDate",
            "the arrival is in the future",
            lambda state, reservation: reservation.arrival > state.today,
        ),
        Rule(
            "CheckInNotAllowedAfterDepartureDateTime",
            "the departure is in the past",
            lambda state, reservation: reservation.departure < state.today,
        ),
        Rule(
            "CheckInNotAllowedWithoutUnitAssignedForWholeStay",
            "no unit is assigned for the whole stay",
            lambda _, reservation: reservation.unit is None,
        ),
    ),
    "CheckOut": (
        Rule(
            "CheckOutNotAllowedForReservationNotInStatusInHouse",
            "only a guest in the house can be checked out",
            lambda _, reservation: reservation.status != "InHouse",
        ),
        Rule(
            "CheckOutNotAllowedWithDepartureDateMoreThanOneDayInTheFuture",
            "the departure is later than tomorrow",
            lambda state, reservation: reservation.departure > state.today + timedelta(days=1),
        ),
    ),
    "Cancel": (
        Rule(
            "CancelNotAllowedForReservationNotInStatusConfirmed",
            "only a confirmed reservation can be cancelled",
            lambda _, reservation: reservation.status != "Confirmed",
        ),
    ),
    "AmendArrival": (
        Rule(
            "AmendArrivalNotAllowedForReservationNotInStatusConfirmed",
            "the arrival of a guest in the house cannot change",
            lambda _, reservation: reservation.status != "Confirmed",
        ),
    ),
    "AmendDeparture": (
        Rule(
            "AmendDepartureNotAllowedForReservationNotInStatusConfirmedOrInHouse",
            "the stay is over or cancelled",
            lambda _, reservation: not reservation.is_open,
        ),
    ),
    "NoShow": (
        Rule(
            "NoShowNotAllowedForReservationNotInStatusConfirmed",
            "only a confirmed reservation can be set to no-show",
            lambda _, reservation: reservation.status != "Confirmed",
        ),
        Rule(
            "NoShowNotAllowedBeforeArrivalDate",
            "the arrival is not in the past",
            lambda state, reservation: reservation.arrival >= state.today,
        ),
    ),
    "AssignUnit": (
        Rule(
            "AssignUnitNotAllowedForReservationNotInStatusConfirmedOrInHouse",
            "the stay is over or cancelled",
            lambda _, reservation: not reservation.is_open,
        ),
        Rule(
            "AssignUnitNotAllowedForReservationInThePast",
            "the departure is in the past",
            lambda state, reservation: reservation.departure < state.today,
        ),
    ),
}
"""The rules of each action, by its name in the booking spec."""


def broken_rules(state: ApaleoState, reservation: Reservation, action: str) -> list[Rule]:
    """Return the rules that an action on a reservation breaks now."""
    return [rule for rule in RULES[action] if rule.is_broken(state, reservation)]


def actions_of(state: ApaleoState, reservation: Reservation) -> list[dict[str, Any]]:
    """Return all actions, as `expand=actions` adds them to a reservation; one that is allowed has no reasons."""
    return [_action(name, broken_rules(state, reservation, name)) for name in RULES]


def _action(name: str, broken: list[Rule]) -> dict[str, Any]:
    reasons = [{"code": rule.code, "message": rule.message} for rule in broken]
    return {"action": name, "isAllowed": not reasons} | ({"reasons": reasons} if reasons else {})
