"""Provider states of Mews."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.mews import stub
from provider_verification.stubs.mews.enterprise import Enterprise, customer, guid, reservation, resource

GUEST = {
    "LastName": "Muster",
    "FirstName": "Ada",
    "Email": "ada.muster@example.org",
    "Phone": "030 123456",
    "LanguageCode": "de-DE",
}


@stub.state("a reservation")
def a_reservation(
    enterprise: Enterprise,
    id: str,  # noqa: A002 - the parameter's name in the state
    state: str,
    reason: str | None = None,
    guest: dict[str, Any] | None = None,
    room: str = "101",
) -> None:
    """A reservation of a guest, with a room."""
    person, place = guid(2), guid(3)
    enterprise.reservations[id] = reservation(id, state, reason, person, place)
    enterprise.customers[person] = customer(person, guest or GUEST)
    enterprise.resources[place] = resource(place, room)


@stub.state("credentials that are not valid")
def refusing(enterprise: Enterprise) -> None:
    """The integration was disabled, say."""
    enterprise.refuses_credentials = True


@stub.state("the rate limit reached")
def limited(enterprise: Enterprise, retry_after: int) -> None:
    """Mews wants a pause, in seconds."""
    enterprise.retry_after = retry_after


@stub.state("Mews is down")
def down(enterprise: Enterprise, status: int) -> None:
    """Every operation answers with this status."""
    enterprise.down = status
