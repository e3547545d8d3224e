"""Apaleo's reservations: reading and listing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.allowed_actions import actions_of
from provider_verification.stubs.vendors.apaleo.paging import page_response
from provider_verification.stubs.vendors.apaleo.state import (
    CHECK_IN_HOUR,
    CHECK_OUT_HOUR,
    CURRENCY,
    NIGHTLY_RATE,
    PROPERTY,
    RATE_PLAN,
    UNIT_GROUP,
    ApaleoState,
    Reservation,
    local_timestamp,
    money,
    unit_ref,
)

CREATED_AT = "2027-04-01T10:00:00+02:00"
VAT_PERCENT = 7.0
SERVICE_PRICE = 15.0


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
    return ok(
        {
            **reservation_list_item(state, reservation, request.query.get("expand", [])),
            # The booking spec: both fields are required here and absent in list items.
            "taxDetails": [tax],
            "payableAmount": {"guest": money(total)},
        }
    )


@stub.operation("listReservations")
def list_reservations(state: ApaleoState, request: StubRequest) -> StubResponse:
    """A page of the reservations that pass every filter."""
    expand = request.query.get("expand", [])
    items = [
        reservation_list_item(state, reservation, expand)
        for reservation in state.reservations.values()
        if _matches(reservation, request.query)
    ]
    return page_response(request, "reservations", items)


def reservation_list_item(state: ApaleoState, reservation: Reservation, expand: list[str]) -> dict[str, Any]:
    """A reservation as a list contains it; `booker`, `services` and `actions` only if `expand` names them."""
    total = total_amount(reservation)
    item: dict[str, Any] = {
        "id": reservation.id,
        "bookingId": reservation.booking_id,
        "status": reservation.status,
        "property": {**PROPERTY, "id": reservation.property_id},
        "unitGroup": UNIT_GROUP,
        "ratePlan": RATE_PLAN,
        "totalGrossAmount": money(total),
        # As on folios, a negative balance is owed by the guest; the spec does not state the sign.
        "balance": money(0.0 - amount_due(reservation)),
        "arrival": local_timestamp(reservation.arrival, CHECK_IN_HOUR),
        "departure": local_timestamp(reservation.departure, CHECK_OUT_HOUR),
        "created": CREATED_AT,
        "modified": CREATED_AT,
        "adults": reservation.adults,
        "channelCode": "Direct",
        "guaranteeType": "PM6Hold",
        "cancellationFee": {
            **cancellation_fee("FLEX"),
            "dueDateTime": local_timestamp(reservation.arrival - timedelta(days=1), 18),
        },
        "noShowFee": cancellation_fee("NOSHOW"),
        "hasCityTax": False,
    }
    if "actions" in expand:
        item["actions"] = actions_of(state, reservation)
    return item | _optional_fields(reservation, expand)


def _optional_fields(reservation: Reservation, expand: list[str]) -> dict[str, Any]:
    """The fields that Apaleo leaves out where it has no value, instead of sending null."""
    unit, cancelled = reservation.unit, reservation.status == "Canceled"
    fields = {
        "primaryGuest": reservation.guest,
        "unit": unit_ref(unit) if unit else None,
        "booker": reservation.booker if "booker" in expand else None,
        "services": _booked_services(reservation) if "services" in expand else None,
        "comment": reservation.extra_fields.get("comment"),
        "cancellationTime": local_timestamp(reservation.arrival - timedelta(days=2), 12)
        if cancelled
        else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


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
            "totalAmount": _amount(SERVICE_PRICE * count),
            "dates": [
                {
                    "serviceDate": reservation.arrival.isoformat(),
                    "count": count,
                    "amount": _amount(SERVICE_PRICE * count),
                    "isMandatory": False,
                }
            ],
        }
        for service_id, count in Counter(reservation.services).items()
    ]
    return items or None


def _amount(gross: float) -> dict[str, Any]:
    return {
        "grossAmount": gross,
        "netAmount": round(gross / (1 + VAT_PERCENT / 100), 2),
        "vatType": "Reduced",
        "vatPercent": VAT_PERCENT,
        "currency": CURRENCY,
    }


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


def amount_due(reservation: Reservation) -> float:
    """What the guest still has to pay, in the hotel's currency."""
    return total_amount(reservation) if reservation.due is None else reservation.due


def _matches(reservation: Reservation, query: Mapping[str, Any]) -> bool:
    values = {
        "propertyIds": reservation.property_id,
        "status": reservation.status,
        "unitIds": reservation.unit,
        "unitGroupIds": UNIT_GROUP["id"],
    }
    if any(name in query and value not in query[name] for name, value in values.items()):
        return False
    if query.get("bookingId", reservation.booking_id) != reservation.booking_id:
        return False
    return _contains_text(reservation, query.get("textSearch", ""))


def _contains_text(reservation: Reservation, text: str) -> bool:
    """Whether `textSearch` finds the reservation. Apaleo searches names, e-mail, id and unit, not phone numbers."""
    people = [reservation.booker, reservation.guest or {}]
    names = [person.get(name, "") for person in people for name in ("firstName", "lastName", "email")]
    return any(text.lower() in value.lower() for value in (reservation.id, reservation.unit or "", *names))
