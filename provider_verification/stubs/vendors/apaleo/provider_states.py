"""Provider states of Apaleo."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

from provider_verification.stubs.sdk import VendorMessage
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.state import (
    CLIENT_CREDENTIALS,
    GUEST,
    SCOPES,
    ApaleoState,
    Reservation,
    request_fingerprint,
)


@stub.provider_state("an access token")
def an_access_token(hotel: ApaleoState, scopes: list[str] | None = None) -> dict[str, str]:
    """A token with these scopes, or with all the client has."""
    return {"token": hotel.issue_token(frozenset(scopes) if scopes else SCOPES)}


@stub.provider_state("a client")
def a_client(_hotel: ApaleoState) -> dict[str, str]:
    """The client's credentials, as HTTP Basic wants them."""
    return {"token": base64.b64encode(":".join(CLIENT_CREDENTIALS).encode()).decode()}


@stub.provider_state("a reservation")
def a_reservation(
    hotel: ApaleoState,
    id: str,  # noqa: A002 - the parameter's name in the state
    status: str = "Confirmed",
    unit: str | None = None,
    guest: Any = GUEST,
    ahead: int | None = None,
) -> None:
    """One reservation, so many days ahead: nine, or none if the guest is in the house."""
    if ahead is None:
        ahead = 9 if status == "Confirmed" else 0
    arrival = hotel.today + timedelta(days=ahead)
    stay = Reservation(id, arrival, arrival + timedelta(days=2), status=status, unit=unit, guest=guest)
    hotel.reservations[id] = stay


@stub.provider_state("reservations")
def reservations(hotel: ApaleoState, count: int) -> None:
    """So many reservations, and no others."""
    hotel.reservations.clear()
    for number in range(1, count + 1):
        a_reservation(hotel, f"LIST{number:04}-1")


@stub.provider_state("a guest leaving today")
def guest_leaving_today(hotel: ApaleoState, id: str) -> None:  # noqa: A002 - the parameter's name in the state
    """A guest in the house whose stay ends today."""
    arrival = hotel.today - timedelta(days=2)
    hotel.reservations[id] = Reservation(
        id, arrival, hotel.today, status="InHouse", unit="MUC-101", guest=GUEST
    )


@stub.provider_state("no reservation")
def no_reservation(hotel: ApaleoState) -> None:
    """The hotel has no reservation."""
    hotel.reservations.clear()


@stub.provider_state("units to sell")
def available_units(hotel: ApaleoState, available: int) -> None:
    """So many units are free on every night."""
    hotel.reservations.clear()
    hotel.units = available


@stub.provider_state("a booking made before")
def booking_with_idempotency_key(hotel: ApaleoState, key: str, body: dict[str, Any]) -> None:
    """A booking was made with this Idempotency-Key."""
    hotel.idempotent_responses[key] = (request_fingerprint(body), hotel.book(body))


@stub.provider_state("the rate limit reached")
def rate_limited(hotel: ApaleoState, retry_after: int) -> None:
    """Apaleo wants a pause, in seconds."""
    hotel.retry_after = retry_after


@stub.provider_state("Apaleo is down")
def outage(hotel: ApaleoState, status: int) -> None:
    """Every operation answers with this status."""
    hotel.outage_status = status


def event(kind: str, topic: str = "Reservation") -> VendorMessage:
    """An event; `timestamp` in milliseconds, as the newer text has it."""
    body: dict[str, Any] = {
        "id": "6f1d3f0e-0000-4000-8000-000000000001",
        "topic": topic,
        "type": kind,
        "accountId": "STUB",
        "timestamp": 1809007200000,
    }
    if topic == "system":
        return VendorMessage({**body, "propertyIds": []})
    if topic == "Booking":
        return VendorMessage({**body, "data": {"entityId": "XPGMSXGF"}})
    return VendorMessage({**body, "propertyId": "MUC", "data": {"entityId": "XPGMSXGF-1"}})


@stub.message("a reservation was created")
def reservation_created_event(_hotel: ApaleoState) -> VendorMessage:
    """A new reservation."""
    return event("created")


@stub.message("a reservation was amended")
def reservation_amended_event(_hotel: ApaleoState) -> VendorMessage:
    """Its stay changed."""
    return event("amended")


@stub.message("a reservation was canceled")
def reservation_canceled_event(_hotel: ApaleoState) -> VendorMessage:
    """With one l, unlike blocks."""
    return event("canceled")


@stub.message("a guest was checked in")
def reservation_checked_in_event(_hotel: ApaleoState) -> VendorMessage:
    """The guest has arrived."""
    return event("checked-in")


@stub.message("a guest was checked out")
def reservation_checked_out_event(_hotel: ApaleoState) -> VendorMessage:
    """The guest has left."""
    return event("checked-out")


@stub.message("a reservation was set to no-show")
def reservation_no_show_event(_hotel: ApaleoState) -> VendorMessage:
    """The guest did not come."""
    return event("set-to-no-show")


@stub.message("a unit was assigned to a reservation")
def unit_assigned_event(_hotel: ApaleoState) -> VendorMessage:
    """The room is known."""
    return event("unit-assigned")


@stub.message("a booking was changed")
def booking_changed_event(_hotel: ApaleoState) -> VendorMessage:
    """Events of bookings name no property."""
    return event("changed", "Booking")


@stub.message("Apaleo asks whether the endpoint answers")
def healthcheck_event(_hotel: ApaleoState) -> VendorMessage:
    """Sent before a subscription is created."""
    return event("healthcheck", "system")
