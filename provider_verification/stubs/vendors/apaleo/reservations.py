"""Apaleo's reservations: reading one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.allowed_actions import actions_of
from provider_verification.stubs.vendors.apaleo.dates import (
    CHECK_IN_HOUR,
    CHECK_OUT_HOUR,
    local_timestamp,
    night_bounds,
)
from provider_verification.stubs.vendors.apaleo.filters import warn_of_unknown_values
from provider_verification.stubs.vendors.apaleo.state import (
    NIGHTLY_RATE,
    PROPERTY,
    RATE_PLAN,
    UNIT_GROUP,
    VAT_PERCENT,
    ApaleoState,
    Reservation,
    money,
    price_with_tax,
    unit_ref,
)

CREATED_AT = "2027-04-01T10:00:00+02:00"
SERVICE_PRICE = 15.0
EXPANDABLE = ("booker", "actions", "timeSlices", "services", "assignedUnits", "company")


@stub.operation("getReservation")
def get_reservation(state: ApaleoState, request: StubRequest) -> StubResponse:
    """One reservation, with the taxes and the payable amount that a list leaves out."""
    reservation = state.reservations.get(request.path_params["id"])
    if reservation is None:
        return StubResponse(404)
    total = total_amount(reservation)
    net = round(total / (1 + VAT_PERCENT / 100), 2)
    tax = {
        "vatType": "Reduced",
        "vatPercent": VAT_PERCENT,
        "net": money(net),
        "tax": money(round(total - net, 2)),
    }
    body = {
        **reservation_list_item(state, reservation, request.query.get("expand", [])),
        # The booking spec: both fields are required here and absent in list items.
        "taxDetails": [tax],
        "payableAmount": {"guest": money(total)},
    }
    return warn_of_unknown_values(ok(body), request, "expand", EXPANDABLE)


def reservation_list_item(state: ApaleoState, reservation: Reservation, expand: list[str]) -> dict[str, Any]:
    """A reservation as a list contains it; the fields of `EXPANDABLE` only if `expand` names them."""
    item: dict[str, Any] = {
        **_common_fields(reservation),
        "bookingId": reservation.booking_id,
        # As on folios, a negative balance is owed by the guest; the spec does not state the sign.
        "balance": money(0.0 - amount_due(state, reservation)),
        "created": CREATED_AT,
        "modified": CREATED_AT,
        "guaranteeType": "PM6Hold",
        "hasCityTax": False,
        **reservation.details,
    }
    if "actions" in expand:
        item["actions"] = actions_of(state, reservation)
    return item | _optional_fields(reservation, expand)


def booking_reservation(reservation: Reservation, expand: list[str]) -> dict[str, Any]:
    """A reservation inside of its booking, which has fewer fields; property, unit group and rate plan are references."""
    item = _common_fields(reservation)
    for name in ("property", "unitGroup", "ratePlan"):
        if name not in expand:
            item[name] = {
                key: value for key, value in item[name].items() if key in {"id", "isSubjectToCityTax"}
            }
    services = _booked_services(reservation) if "services" in expand else None
    return item | ({"services": services} if services else {})


def _common_fields(reservation: Reservation) -> dict[str, Any]:
    """The fields of a reservation in a list and inside of its booking."""
    return {
        "id": reservation.id,
        "status": reservation.status,
        "property": {**PROPERTY, "id": reservation.property_id},
        "unitGroup": UNIT_GROUP,
        "ratePlan": RATE_PLAN,
        "totalGrossAmount": money(total_amount(reservation)),
        "arrival": local_timestamp(reservation.arrival, CHECK_IN_HOUR),
        "departure": local_timestamp(reservation.departure, CHECK_OUT_HOUR),
        "adults": reservation.adults,
        "channelCode": reservation.channel,
        "cancellationFee": {
            **cancellation_fee("FLEX"),
            "dueDateTime": local_timestamp(reservation.arrival - timedelta(days=1), 18),
        },
        "noShowFee": cancellation_fee("NOSHOW"),
    }


def _optional_fields(reservation: Reservation, expand: list[str]) -> dict[str, Any]:
    """The fields that Apaleo leaves out where it has no value, instead of sending null."""
    unit = reservation.unit
    expanded: dict[str, Callable[[], Any]] = {
        "booker": lambda: reservation.booker,
        "services": lambda: _booked_services(reservation),
        "timeSlices": lambda: [_time_slice(reservation, night) for night in reservation.nights],
        "assignedUnits": lambda: _assigned_units(reservation),
    }
    fields = {
        "primaryGuest": reservation.guest,
        "unit": unit_ref(unit) if unit else None,
        "isUnitAssignmentLocked": reservation.is_unit_locked or None,
        "cancellationTime": reservation.cancelled_at,
        **{name: render() for name, render in expanded.items() if name in expand},
    }
    return {name: value for name, value in fields.items() if value is not None}


def _time_slice(reservation: Reservation, night: date) -> dict[str, Any]:
    time_slice = {
        **night_bounds(night),
        "serviceDate": night.isoformat(),
        "ratePlan": RATE_PLAN,
        "unitGroup": UNIT_GROUP,
        "baseAmount": price_with_tax(NIGHTLY_RATE),
        "totalGrossAmount": money(NIGHTLY_RATE),
    }
    return time_slice | ({"unit": unit_ref(reservation.unit)} if reservation.unit else {})


def _assigned_units(reservation: Reservation) -> list[dict[str, Any]] | None:
    """The unit of the stay with the time ranges in which it is assigned: here the whole stay."""
    if reservation.unit is None:
        return None
    whole_stay = {
        "from": local_timestamp(reservation.arrival, CHECK_IN_HOUR),
        "to": local_timestamp(reservation.departure, CHECK_OUT_HOUR),
    }
    return [{"unit": unit_ref(reservation.unit), "timeRanges": [whole_stay]}]


def _booked_services(reservation: Reservation) -> list[dict[str, Any]] | None:
    """The services of a reservation, each delivered on the day of arrival as often as it was booked."""
    items = [
        {
            "service": {
                "id": service_id,
                "code": service_id.removeprefix("MUC-"),
                "name": service_id.removeprefix("MUC-").replace("_", " ").title(),
                "description": "A service of the hotel",
                "pricingUnit": "Room",
                "defaultGrossPrice": money(SERVICE_PRICE),
            },
            "totalAmount": price_with_tax(SERVICE_PRICE * count),
            "dates": [
                {
                    "serviceDate": reservation.arrival.isoformat(),
                    "count": count,
                    "amount": price_with_tax(SERVICE_PRICE * count),
                    "isMandatory": False,
                }
            ],
        }
        for service_id, count in Counter(reservation.services).items()
    ]
    return items or None


def cancellation_fee(code: str) -> dict[str, Any]:
    """A cancellation or no-show fee of one night."""
    return {
        "id": f"MUC-{code}",
        "code": code,
        "name": code.title(),
        "description": "One night",
        "fee": money(NIGHTLY_RATE),
    }


def total_amount(reservation: Reservation) -> float:
    """Gross price of the stay, in the hotel's currency."""
    return NIGHTLY_RATE * len(reservation.nights)


def amount_due(state: ApaleoState, reservation: Reservation) -> float:
    """What the guest still has to pay, in the hotel's currency."""
    due = total_amount(reservation) if reservation.due is None else reservation.due
    return round(due - state.amount_paid(f"{reservation.id}-1"), 2)
