"""Apaleo's webhooks, as messages the orchestrator consumes."""

from __future__ import annotations

from consumer_tests.apaleo import contract
from orchestrator.vendors.apaleo.webhooks import ApaleoEvent, parse_event

EVENT = {
    "id": "6f1d3f0e-0000-4000-8000-000000000001",
    "topic": "Reservation",
    "type": "created",
    "timestamp": 1809007200000,
    "propertyId": "MUC",
    "data": {"entityId": "XPGMSXGF-1"},
}


def event(description: str, **different: object) -> None:
    """An event the orchestrator reads; it fetches the entity itself."""
    contract.add_message(
        description,
        parse=parse_event,
        model=ApaleoEvent,
        example={key: value for key, value in {**EVENT, **different}.items() if value is not None},
        media_type="application/json",
    )


event("a reservation was created")
event("a reservation was amended", type="amended")
event("a reservation was canceled", type="canceled")
event("a guest was checked in", type="checked-in")
event("a guest was checked out", type="checked-out")
event("a reservation was set to no-show", type="set-to-no-show")
event("a unit was assigned to a reservation", type="unit-assigned")
event(
    "a booking was changed", topic="Booking", type="changed", propertyId=None, data={"entityId": "XPGMSXGF"}
)
event(
    "Apaleo asks whether the endpoint answers", topic="system", type="healthcheck", propertyId=None, data=None
)
