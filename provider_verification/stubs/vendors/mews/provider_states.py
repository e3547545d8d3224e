"""Provider states of the Mews stub. State and parameter names are those of the pacts."""

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
    stub_state: MewsState,
    id: str,  # noqa: A002 - the parameter's name in the state
    state: str,
    reason: str | None = None,
    guest: dict[str, Any] | None = None,
    room: str = "101",
) -> dict[str, str]:
    """A reservation of a customer, with an assigned room."""
    customer_id, resource_id = fake_guid(2), fake_guid(3)
    stub_state.reservations[id] = reservation(id, state, reason, customer_id, resource_id)
    stub_state.customers[customer_id] = customer(customer_id, guest or GUEST)
    stub_state.resources[resource_id] = resource(resource_id, room)
    group_id = stub_state.reservations[id]["GroupId"]
    return {"id": id, "customerId": customer_id, "resourceId": resource_id, "groupId": group_id}


@stub.provider_state("credentials that are not valid")
def credentials_rejected(state: MewsState) -> None:
    """Mews rejects the credentials, for instance after the integration was disabled."""
    state.rejects_credentials = True


@stub.provider_state("the rate limit reached")
def rate_limited(state: MewsState, retry_after: int) -> None:
    """Every operation responds with 429 and Retry-After in seconds."""
    state.retry_after = retry_after


@stub.provider_state("Mews is down")
def outage(state: MewsState, status: int) -> None:
    """Every operation responds with this status."""
    state.outage_status = status
