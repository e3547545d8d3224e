"""Provider states of Apaleo."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

from provider_verification.stubs.apaleo import stub
from provider_verification.stubs.apaleo.hotel import CLIENT, GUEST, SCOPES, Hotel, Reservation, fingerprint
from provider_verification.stubs.stub import Message


@stub.state("an access token")
def an_access_token(hotel: Hotel, scopes: list[str] | None = None) -> dict[str, str]:
    """A token with these scopes, or with all the client has."""
    return {"token": hotel.issue_token(frozenset(scopes) if scopes else SCOPES)}


@stub.state("a client")
def a_client(_hotel: Hotel) -> dict[str, str]:
    """The client's credentials, as HTTP Basic wants them."""
    return {"token": base64.b64encode(":".join(CLIENT).encode()).decode()}


@stub.state("a reservation")
def a_reservation(
    hotel: Hotel,
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


@stub.state("reservations")
def reservations(hotel: Hotel, count: int) -> None:
    """So many reservations, and no others."""
    hotel.reservations.clear()
    for number in range(1, count + 1):
        a_reservation(hotel, f"LIST{number:04}-1")


@stub.state("a guest leaving today")
def leaving(hotel: Hotel, id: str) -> None:  # noqa: A002 - the parameter's name in the state
    """A guest in the house whose stay ends today."""
    arrival = hotel.today - timedelta(days=2)
    hotel.reservations[id] = Reservation(
        id, arrival, hotel.today, status="InHouse", unit="MUC-101", guest=GUEST
    )


@stub.state("no reservation")
def no_reservation(hotel: Hotel) -> None:
    """The hotel has no reservation."""
    hotel.reservations.clear()


@stub.state("units to sell")
def units_to_sell(hotel: Hotel, available: int) -> None:
    """So many units are free on every night."""
    hotel.reservations.clear()
    hotel.units = available


@stub.state("a booking made before")
def a_booking_made_before(hotel: Hotel, key: str, body: dict[str, Any]) -> None:
    """A booking was made with this Idempotency-Key."""
    hotel.answered[key] = (fingerprint(body), hotel.book(body))


@stub.state("the rate limit reached")
def limited(hotel: Hotel, retry_after: int) -> None:
    """Apaleo wants a pause, in seconds."""
    hotel.retry_after = retry_after


@stub.state("Apaleo is down")
def down(hotel: Hotel, status: int) -> None:
    """Every operation answers with this status."""
    hotel.down = status


def event(kind: str, topic: str = "Reservation") -> Message:
    """An event; `timestamp` in milliseconds, as the newer text has it."""
    body: dict[str, Any] = {
        "id": "6f1d3f0e-0000-4000-8000-000000000001",
        "topic": topic,
        "type": kind,
        "accountId": "STUB",
        "timestamp": 1809007200000,
    }
    if topic == "system":
        return Message({**body, "propertyIds": []})
    if topic == "Booking":
        return Message({**body, "data": {"entityId": "XPGMSXGF"}})
    return Message({**body, "propertyId": "MUC", "data": {"entityId": "XPGMSXGF-1"}})


@stub.message("a reservation was created")
def created(_hotel: Hotel) -> Message:
    """A new reservation."""
    return event("created")


@stub.message("a reservation was amended")
def amended(_hotel: Hotel) -> Message:
    """Its stay changed."""
    return event("amended")


@stub.message("a reservation was canceled")
def canceled(_hotel: Hotel) -> Message:
    """With one l, unlike blocks."""
    return event("canceled")


@stub.message("a guest was checked in")
def checked_in(_hotel: Hotel) -> Message:
    """The guest has arrived."""
    return event("checked-in")


@stub.message("a guest was checked out")
def checked_out(_hotel: Hotel) -> Message:
    """The guest has left."""
    return event("checked-out")


@stub.message("a reservation was set to no-show")
def no_show(_hotel: Hotel) -> Message:
    """The guest did not come."""
    return event("set-to-no-show")


@stub.message("a unit was assigned to a reservation")
def unit_assigned(_hotel: Hotel) -> Message:
    """The room is known."""
    return event("unit-assigned")


@stub.message("a booking was changed")
def booking_changed(_hotel: Hotel) -> Message:
    """Events of bookings name no property."""
    return event("changed", "Booking")


@stub.message("Apaleo asks whether the endpoint answers")
def healthcheck(_hotel: Hotel) -> Message:
    """Sent before a subscription is created."""
    return event("healthcheck", "system")
