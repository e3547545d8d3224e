"""LiveKit's webhook events, as messages that the orchestrator consumes."""

from __future__ import annotations

from consumer_tests.livekit import contract
from consumer_tests.words import exactly
from orchestrator.vendors.livekit.webhooks import WebhookEvent, parse_event

ROOM = {"sid": "RM_example", "name": "call-1"}
GUEST = {
    "sid": "PA_example",
    "identity": "guest",
    "kind": exactly("SIP"),
    "attributes": {"sip.phoneNumber": "+4930123456"},
}


def add_event(description: str, name: str, **fields: object) -> None:
    """Add an event; its signature is not part of the message."""
    contract.add_message(
        description,
        parse=parse_event,
        model=WebhookEvent,
        example={
            "event": exactly(name),
            "id": "EV_example",
            "createdAt": "1795447149",
            "room": ROOM,
            **fields,
        },
        media_type="application/webhook+json",
    )


add_event("a room was started", "room_started")
add_event("a caller joined", "participant_joined", participant=GUEST)
add_event("a caller left", "participant_left", participant=GUEST)
add_event("a caller's connection was aborted", "participant_connection_aborted", participant=GUEST)
add_event("a room was finished", "room_finished")
