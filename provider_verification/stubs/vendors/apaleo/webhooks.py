"""Webhook events that Apaleo sends. An event names the entity and carries none of its data."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import VendorMessage
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.state import CLIENT_ID, ApaleoState


def event(kind: str, topic: str = "Reservation") -> VendorMessage:
    """An event of a reservation, of a booking, or of Apaleo's own health check (topic `system`).

    apaleo.dev lists `clientId` and `subjectId`, the application and the user that caused the event, as optional. When
    Apaleo leaves them out is UNCONFIRMED; the recorded health check has neither.
    """
    body: dict[str, Any] = {
        "id": "6f1d3f0e-0000-4000-8000-000000000001",
        "topic": topic,
        "type": kind,
        "accountId": "STUB",
        # apaleo.dev: milliseconds in the newer guide, seconds in the older one.
        "timestamp": 1809007200000,
    }
    if topic == "system":
        return VendorMessage({**body, "propertyIds": []})
    body |= {"clientId": CLIENT_ID, "subjectId": "stub-user"}
    # Apaleo's n8n node: events of bookings belong to the account and name no property.
    if topic == "Booking":
        return VendorMessage({**body, "data": {"entityId": "XPGMSXGF"}})
    return VendorMessage({**body, "propertyId": "MUC", "data": {"entityId": "XPGMSXGF-1"}})


@stub.message("a reservation was created")
def reservation_created_event(_state: ApaleoState) -> VendorMessage:
    """A reservation was created."""
    return event("created")


@stub.message("a reservation was amended")
def reservation_amended_event(_state: ApaleoState) -> VendorMessage:
    """The stay of a reservation changed."""
    return event("amended")


@stub.message("a reservation was canceled")
def reservation_canceled_event(_state: ApaleoState) -> VendorMessage:
    """Spelled with one l; Apaleo spells the event of a block with two."""
    return event("canceled")


@stub.message("a guest was checked in")
def reservation_checked_in_event(_state: ApaleoState) -> VendorMessage:
    """A guest was checked in."""
    return event("checked-in")


@stub.message("a guest was checked out")
def reservation_checked_out_event(_state: ApaleoState) -> VendorMessage:
    """A guest was checked out."""
    return event("checked-out")


@stub.message("a reservation was set to no-show")
def reservation_no_show_event(_state: ApaleoState) -> VendorMessage:
    """A reservation was set to no-show."""
    return event("set-to-no-show")


@stub.message("a unit was assigned to a reservation")
def unit_assigned_event(_state: ApaleoState) -> VendorMessage:
    """A unit was assigned."""
    return event("unit-assigned")


@stub.message("a booking was changed")
def booking_changed_event(_state: ApaleoState) -> VendorMessage:
    """Events of a booking are sent for the account and name no property."""
    return event("changed", "Booking")


@stub.message("Apaleo asks whether the endpoint answers")
def healthcheck_event(_state: ApaleoState) -> VendorMessage:
    """Sent before a subscription is created; Apaleo requires a 2xx response."""
    return event("healthcheck", "system")
