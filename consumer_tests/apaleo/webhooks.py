"""Apaleo's webhook events, as messages that the orchestrator consumes."""

from __future__ import annotations

from consumer_tests.apaleo import contract
from consumer_tests.value_markers import exactly
from orchestrator.vendors.apaleo.webhooks import ApaleoEvent, parse_event

ENTITY_IDS = {"Reservation": "XPGMSXGF-1", "Booking": "XPGMSXGF", "system": None}
"""The entity of an event, by its topic."""


def add_event(description: str, topic: str = "Reservation") -> None:
    """Add an event of a topic."""
    entity_id = ENTITY_IDS[topic]
    contract.add_message(
        description,
        parse=parse_event,
        model=ApaleoEvent,
        example={"topic": exactly(topic), **({"data": {"entityId": entity_id}} if entity_id else {})},
        media_type="application/json",
    )


# events of other types differ in nothing that is read
add_event("a reservation was amended")
add_event("a booking was changed", "Booking")
add_event("Apaleo asks whether the endpoint answers", "system")
