"""Webhook events that LiveKit sends about a call, in protobuf's camelCase JSON."""

from __future__ import annotations

from livekit.protocol.webhook import WebhookEvent

from provider_verification.stubs.sdk import VendorMessage
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.state import FIXED_TIME, LiveKitState


def _event(
    state: LiveKitState, name: str, *, with_caller: bool = False, with_agent: bool = False
) -> VendorMessage:
    """A webhook event about the call `call-1`, as the server would send it."""
    caller = state.join("call-1", "guest", {"sip.phoneNumber": "+4930123456"}, kind="SIP")
    room = state.rooms["call-1"]
    event = WebhookEvent(event=name, id=state.new_id("EV"), created_at=FIXED_TIME, room=room)
    if with_caller:
        event.participant.CopyFrom(caller)
    if with_agent:
        event.participant.CopyFrom(state.join("call-1", "agent", {}, kind="AGENT"))
    # Recorded: the content type is not application/json.
    return VendorMessage(protojson.to_webhook_json(event), "application/webhook+json")


@stub.message("a room was started")
def room_started_event(state: LiveKitState) -> VendorMessage:
    """A room was started: the first event of a call."""
    return _event(state, "room_started")


@stub.message("a caller joined")
def participant_joined_event(state: LiveKitState) -> VendorMessage:
    """Sent when the caller is active, not when signalling begins."""
    return _event(state, "participant_joined", with_caller=True)


@stub.message("a caller left")
def participant_left_event(state: LiveKitState) -> VendorMessage:
    """The caller left the room."""
    return _event(state, "participant_left", with_caller=True)


@stub.message("a caller's connection was aborted")
def participant_connection_aborted_event(state: LiveKitState) -> VendorMessage:
    """Sent instead of participant_left if the caller never became active."""
    return _event(state, "participant_connection_aborted", with_caller=True)


@stub.message("a voice agent left")
def agent_left_event(state: LiveKitState) -> VendorMessage:
    """The voice agent left the room, or its process ended."""
    return _event(state, "participant_left", with_agent=True)


@stub.message("a voice agent's connection was aborted")
def agent_connection_aborted_event(state: LiveKitState) -> VendorMessage:
    """The voice agent never became active."""
    return _event(state, "participant_connection_aborted", with_agent=True)


@stub.message("a room was finished")
def room_finished_event(state: LiveKitState) -> VendorMessage:
    """The room was closed: the last event of a call."""
    return _event(state, "room_finished")
