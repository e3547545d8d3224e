"""LiveKit's webhook events, as messages that the orchestrator consumes."""

from __future__ import annotations

from consumer_tests.livekit import contract
from consumer_tests.value_markers import exactly
from orchestrator.vendors.livekit.webhooks import WebhookEvent, parse_event

AGENT = {"sid": "PA_example", "kind": exactly("AGENT")}


def add_event(description: str, name: str, **fields: object) -> None:
    """Add an event; its signature is not part of the message."""
    contract.add_message(
        description,
        parse=parse_event,
        model=WebhookEvent,
        example={"event": exactly(name), "id": "EV_example", "room": {"name": "call-1"}, **fields},
        media_type="application/webhook+json",
    )


add_event("a voice agent left", "participant_left", participant=AGENT)
add_event("a voice agent's connection was aborted", "participant_connection_aborted", participant=AGENT)
add_event("a room was finished", "room_finished", createdAt="1795447149")
