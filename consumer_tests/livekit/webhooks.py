"""LiveKit's webhooks, as messages the orchestrator consumes."""

from __future__ import annotations

from consumer_tests.livekit import contract
from orchestrator.vendors.livekit.webhooks import WebhookEvent, parse_event

ROOM = {"sid": "RM_example", "name": "call-1"}
GUEST = {
    "sid": "PA_example",
    "identity": "guest",
    "kind": "SIP",
    "attributes": {"sip.phoneNumber": "+4930123456"},
}


def event(description: str, name: str, **parts: object) -> None:
    """An event the orchestrator reads, after its signature was verified."""
    contract.add_message(
        description,
        parse=parse_event,
        model=WebhookEvent,
        example={"event": name, "id": "EV_example", "createdAt": "1795447149", "room": ROOM, **parts},
        media_type="application/webhook+json",
    )


event("a room was started", "room_started")
event("a caller joined", "participant_joined", participant=GUEST)
event("a caller left", "participant_left", participant=GUEST)
event("a caller's connection was aborted", "participant_connection_aborted", participant=GUEST)
event("a room was finished", "room_finished")
