"""Provider states of the Apaleo stub. State and parameter names are those of the pacts."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

from provider_verification.stubs.sdk import Count
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.booking import booking_created
from provider_verification.stubs.vendors.apaleo.state import (
    CLIENT_ID,
    CLIENT_SECRET,
    GUEST,
    PROPERTY,
    RATE_PLAN,
    SCOPES,
    UNIT_GROUP,
    ApaleoState,
    Reservation,
    request_fingerprint,
)


@stub.provider_state("an access token")
def an_access_token(state: ApaleoState, scopes: list[str] | None = None) -> dict[str, str]:
    """An access token with these scopes, or with all scopes."""
    return {"token": state.issue_token(frozenset(scopes) if scopes else SCOPES)}


@stub.provider_state("a client")
def a_client(
    state: ApaleoState, secret: str = CLIENT_SECRET, scopes: list[str] | None = None
) -> dict[str, str]:
    """A client with this secret, whose tokens have these scopes; returns its credentials, encoded for HTTP Basic."""
    state.client_secret = secret
    state.client_scopes = frozenset(scopes) if scopes else SCOPES
    return {"token": base64.b64encode(f"{CLIENT_ID}:{secret}".encode()).decode()}


@stub.provider_state("a reservation")
def a_reservation(
    state: ApaleoState,
    id: str,  # noqa: A002 - the parameter's name in the state
    status: str = "Confirmed",
    unit: str | None = None,
    guest: Any = GUEST,
    ahead: int | None = None,
    services: list[str] | None = None,
    due: float | None = None,
) -> dict[str, str]:
    """One reservation of two nights, `ahead` days from today: 9 if confirmed and 0 otherwise by default.

    The guest has to pay `due`, by default the price of the stay.
    """
    if ahead is None:
        ahead = 9 if status == "Confirmed" else 0
    arrival = state.today + timedelta(days=ahead)
    state.reservations[id] = Reservation(
        id,
        arrival,
        arrival + timedelta(days=2),
        status=status,
        unit=unit,
        guest=guest,
        services=list(services or ()),
        due=due,
    )
    booking_id = state.reservations[id].booking_id
    return {"id": id, "bookingId": booking_id, "propertyId": PROPERTY["id"], "unitGroupId": UNIT_GROUP["id"]}


@stub.provider_state("reservations")
def reservations(state: ApaleoState, count: Count) -> None:
    """Exactly `count` reservations."""
    state.reservations.clear()
    for number in range(1, count + 1):
        a_reservation(state, f"LIST{number:04}-1")


@stub.provider_state("a guest leaving today")
def guest_leaving_today(state: ApaleoState, id: str) -> dict[str, str]:  # noqa: A002 - the parameter's name in the state
    """A checked-in guest whose departure is today."""
    arrival = state.today - timedelta(days=2)
    state.reservations[id] = Reservation(
        id, arrival, state.today, status="InHouse", unit="MUC-101", guest=GUEST
    )
    return {"id": id}


@stub.provider_state("no reservation")
def no_reservation(state: ApaleoState) -> None:
    """The hotel has no reservation."""
    state.reservations.clear()


@stub.provider_state("units to sell")
def available_units(state: ApaleoState, available: int) -> dict[str, Any]:
    """Exactly `available` units are free in every night; returns what is sold."""
    state.reservations.clear()
    state.units = available
    return {"propertyId": PROPERTY["id"], "unitGroupId": UNIT_GROUP["id"], "ratePlanId": RATE_PLAN["id"]}


@stub.provider_state("a booking made before")
def booking_with_idempotency_key(state: ApaleoState, key: str, body: dict[str, Any]) -> dict[str, str]:
    """A booking was created with this Idempotency-Key; returns the ids of it and of its first reservation."""
    reservation_ids = state.book(body)
    fingerprint = request_fingerprint("createBooking", {}, body)
    state.idempotent_responses[key] = (fingerprint, booking_created(reservation_ids))
    booking_id = state.reservations[reservation_ids[0]].booking_id
    return {"bookingId": booking_id, "reservationId": reservation_ids[0]}


@stub.provider_state("the rate limit reached")
def rate_limited(state: ApaleoState, retry_after: int) -> None:
    """Every operation responds with 429 and Retry-After in seconds."""
    state.retry_after = retry_after


@stub.provider_state("Apaleo is down")
def outage(state: ApaleoState, status: int) -> None:
    """Every operation responds with this status."""
    state.outage_status = status


@stub.provider_state("the identity server is down")
def identity_outage(state: ApaleoState, status: int) -> None:
    """The token endpoint, which is a server of its own, responds with this status."""
    state.identity_outage_status = status
