"""Provider states of Mews."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.vendors.mews import stub
from provider_verification.stubs.vendors.mews.state import (
    MewsState,
    customer,
    fake_guid,
    reservation,
    resource,
)

GUEST = {
    "LastName": "Muster",
    "FirstName": "Ada",
    "Email": "ada.muster@example.org",
    "Phone": "030 123456",
    "LanguageCode": "de-DE",
}


@stub.provider_state("a reservation")
def a_reservation(
    enterprise: MewsState,
    id: str,  # noqa: A002 - the parameter's name in the state
    state: str,
    reason: str | None = None,
    guest: dict[str, Any] | None = None,
    room: str = "101",
) -> None:
    """A reservation of a guest, with a room."""
    person, place = fake_guid(2), fake_guid(3)
    enterprise.reservations[id] = reservation(id, state, reason, person, place)
    enterprise.customers[person] = customer(person, guest or GUEST)
    enterprise.resources[place] = resource(place, room)


@stub.provider_state("credentials that are not valid")
def credentials_refused(enterprise: MewsState) -> None:
    """The integration was disabled, say."""
    enterprise.refuses_credentials = True


@stub.provider_state("the rate limit reached")
def rate_limited(enterprise: MewsState, retry_after: int) -> None:
    """Mews wants a pause, in seconds."""
    enterprise.retry_after = retry_after


@stub.provider_state("Mews is down")
def outage(enterprise: MewsState, status: int) -> None:
    """Every operation answers with this status."""
    enterprise.down = status
