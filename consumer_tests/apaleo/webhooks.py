"""Apaleo's webhook events, as messages that the orchestrator consumes."""

from __future__ import annotations

from consumer_tests.apaleo import contract
from consumer_tests.words import exactly
from orchestrator.vendors.apaleo.webhooks import ApaleoEvent, parse_event

EVENT = {
    "id": "6f1d3f0e-0000-4000-8000-000000000001",
    "topic": "Reservation",
    "type": "created",
    "timestamp": 1809007200000,
    "propertyId": "MUC",
    "data": {"entityId": "XPGMSXGF-1"},
}


def add_event(description: str, **changes: object) -> None:
    """Add an event of this topic and type; a field that is None is left out."""
    event = {key: value for key, value in {**EVENT, **changes}.items() if value is not None}
    kind = {"topic": exactly(str(event["topic"])), "type": exactly(str(event["type"]))}
    contract.add_message(
        description,
        parse=parse_event,
        model=ApaleoEvent,
        example={**event, **kind},
        media_type="application/json",
    )


add_event("a reservation was created")
add_event("a reservation was amended", type="amended")
add_event("a reservation was canceled", type="canceled")
add_event("a guest was checked in", type="checked-in")
add_event("a guest was checked out", type="checked-out")
add_event("a reservation was set to no-show", type="set-to-no-show")
add_event("a unit was assigned to a reservation", type="unit-assigned")
add_event(
    "a booking was changed", topic="Booking", type="changed", propertyId=None, data={"entityId": "XPGMSXGF"}
)
add_event(
    "Apaleo asks whether the endpoint answers", topic="system", type="healthcheck", propertyId=None, data=None
)
