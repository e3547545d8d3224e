"""Reservations: read, listed, cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.hooks import validation_error
from provider_verification.stubs.vendors.apaleo.state import (
    NIGHTLY_RATE,
    PROPERTY,
    RATE_PLAN,
    UNIT_GROUP,
    ApaleoState,
    Reservation,
    local_timestamp,
    money,
)

DEFAULT_PAGE = 100


@stub.operation("getReservation")
def get_reservation(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """One reservation, with the taxes that a list leaves out."""
    stay = hotel.reservations.get(call.path_params["id"])
    if stay is None:
        return StubResponse(404)
    total = total_amount(stay)
    net = round(total / 1.07, 2)
    tax = {"vatType": "Reduced", "vatPercent": 7.0, "net": money(net), "tax": money(round(total - net, 2))}
    return ok(
        {
            **reservation_list_item(stay, call.query.get("expand", [])),
            "taxDetails": [tax],
            "payableAmount": {"guest": money(total)},
        }
    )


@stub.operation("listReservations")
def list_reservations(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """A page of those that match; 204 when the page is empty."""
    found = [stay for stay in hotel.reservations.values() if _matches(stay, call.query)]
    size = call.query.get("pageSize", DEFAULT_PAGE)
    start = (call.query.get("pageNumber", 1) - 1) * size
    page = found[start : start + size]
    if not page:
        return no_content()
    expand = call.query.get("expand", [])
    return ok({"reservations": [reservation_list_item(stay, expand) for stay in page], "count": len(found)})


@stub.operation("cancelReservation")
def cancel(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """Only a confirmed reservation whose stay has not begun."""
    stay = hotel.reservations.get(call.path_params["id"])
    if stay is None:
        return StubResponse(404)
    if stay.status != "Confirmed":
        return validation_error(f"a reservation in status {stay.status} cannot be cancelled")
    if stay.arrival <= hotel.today:
        return validation_error("the arrival is not in the future")
    stay.status = "Canceled"
    return no_content()


def reservation_list_item(stay: Reservation, expand: list[str]) -> dict[str, Any]:
    """A reservation as it stands in a list."""
    total = total_amount(stay)
    shown: dict[str, Any] = {
        "id": stay.id,
        "bookingId": stay.booking_id,
        "status": stay.status,
        "property": {**PROPERTY, "id": stay.property_id},
        "unitGroup": UNIT_GROUP,
        "ratePlan": RATE_PLAN,
        "totalGrossAmount": money(total),
        "balance": money(-total),
        "arrival": local_timestamp(stay.arrival, 15),
        "departure": local_timestamp(stay.departure, 11),
        "created": "2027-04-01T10:00:00+02:00",
        "modified": "2027-04-01T10:00:00+02:00",
        "adults": stay.adults,
        "channelCode": "Direct",
        "guaranteeType": "PM6Hold",
        "cancellationFee": {
            **cancellation_fee("FLEX"),
            "dueDateTime": local_timestamp(stay.arrival - timedelta(days=1), 18),
        },
        "noShowFee": cancellation_fee("NOSHOW"),
        "hasCityTax": False,
    }
    optional = {
        "primaryGuest": stay.guest,
        "unit": {"id": stay.unit, "name": stay.unit.rpartition("-")[2]} if stay.unit else None,
        "booker": stay.booker if "booker" in expand else None,
        "comment": stay.extra_fields.get("comment"),
        "cancellationTime": local_timestamp(stay.arrival - timedelta(days=2), 12)
        if stay.status == "Canceled"
        else None,
    }
    return shown | {name: value for name, value in optional.items() if value is not None}


def cancellation_fee(code: str) -> dict[str, Any]:
    """A fee: one night."""
    return {
        "id": f"MUC-{code}",
        "code": code,
        "name": code.title(),
        "description": "One night",
        "fee": money(NIGHTLY_RATE),
    }


def total_amount(stay: Reservation) -> float:
    """What the stay costs."""
    return NIGHTLY_RATE * (stay.departure - stay.arrival).days


def _matches(stay: Reservation, query: Any) -> bool:
    """Whether a reservation passes every filter that is given."""
    equal = {
        "propertyIds": stay.property_id,
        "status": stay.status,
        "unitIds": stay.unit,
        "unitGroupIds": UNIT_GROUP["id"],
    }
    if any(name in query and value not in query[name] for name, value in equal.items()):
        return False
    if query.get("bookingId", stay.booking_id) != stay.booking_id:
        return False
    return _mentions(stay, query.get("textSearch", ""))


def _mentions(stay: Reservation, text: str) -> bool:
    """Names, e-mail, id and unit are searched; phone numbers are not."""
    people = [stay.booker, stay.guest or {}]
    fields = [person.get(name, "") for person in people for name in ("firstName", "lastName", "email")]
    words = [stay.id, stay.unit or "", *fields]
    return any(text.lower() in word.lower() for word in words)
