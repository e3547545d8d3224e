"""Provider states of LiveKit, and the webhooks it sends."""

from __future__ import annotations

import time
from typing import Any

import jwt
from livekit.protocol.egress import EgressInfo, EgressStatus
from livekit.protocol.models import Room
from livekit.protocol.sip import (
    SIPDispatchRule,
    SIPDispatchRuleInfo,
    SIPInboundTrunkInfo,
    SIPOutboundTrunkInfo,
)
from livekit.protocol.webhook import WebhookEvent

from provider_verification.stubs.sdk import VendorMessage
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET, FIXED_TIME, LiveKitState


@stub.provider_state("an access token")
def an_access_token(
    _server: LiveKitState, video: dict[str, Any] | None = None, sip: dict[str, Any] | None = None
) -> dict[str, str]:
    """A token with exactly these grants."""
    grants = {name: grant for name, grant in (("video", video), ("sip", sip)) if grant is not None}
    claims = {"iss": API_KEY, "sub": "orchestrator", "exp": int(time.time()) + 300, **grants}
    return {"token": jwt.encode(claims, API_SECRET, algorithm="HS256")}


@stub.provider_state("no room")
def no_room(server: LiveKitState) -> None:
    """The server has no room."""
    server.rooms.clear()
    server.participants.clear()


@stub.provider_state("a room")
def a_room(server: LiveKitState, name: str, metadata: str = "") -> None:
    """A room that nobody is in."""
    server.open_room(Room(name=name, metadata=metadata))


@stub.provider_state("a caller in a room")
def a_caller(server: LiveKitState, room: str, identity: str, phone: str) -> None:
    """Somebody who called over SIP."""
    server.join(room, identity, {"sip.phoneNumber": phone, "sip.callStatus": "active"}, kind="SIP")


@stub.provider_state("a participant in a room")
def a_participant(
    server: LiveKitState,
    room: str,
    identity: str,
    kind: str = "STANDARD",
    name: str = "",
    metadata: str = "",
    attributes: dict[str, str] | None = None,
) -> dict[str, str]:
    """Somebody who joined; who is there already stays as they are."""
    inside = server.participants.get(room, {}).get(identity)
    if inside:
        return {"sid": inside.sid}
    joined = server.join(room, identity, attributes or {}, kind=kind)
    joined.name, joined.metadata = name, metadata
    if "sip.callID" in joined.attributes:
        del joined.capabilities[:]
    return {"sid": joined.sid}


@stub.provider_state("a published track")
def a_track(server: LiveKitState, room: str, identity: str, name: str = "mic", sid: str = "") -> None:
    """An audio track that a participant publishes."""
    track = server.publish(room, identity, name)
    track.sid = sid or track.sid


@stub.provider_state("an egress worker")
def an_egress_worker(server: LiveKitState) -> None:
    """Recordings can be started."""
    server.egress_worker = True


@stub.provider_state("a registered method")
def rpc_method(server: LiveKitState, identity: str, method: str, payload: str) -> None:
    """What a participant's method answers."""
    server.rpc_methods[identity, method] = payload


@stub.provider_state("an inbound trunk")
def an_inbound_trunk(server: LiveKitState, id: str, number: str) -> None:  # noqa: A002 - as the pacts name it
    """A trunk that takes calls to a number."""
    server.trunks[id] = SIPInboundTrunkInfo(sip_trunk_id=id, name="hotel", numbers=[number])


@stub.provider_state("an outbound trunk")
def an_outbound_trunk(server: LiveKitState, id: str, number: str) -> None:  # noqa: A002 - as the pacts name it
    """A trunk that calls from a number."""
    server.trunks[id] = SIPOutboundTrunkInfo(
        sip_trunk_id=id, name="hotel", address="sip.example.org", numbers=[number]
    )


@stub.provider_state("a dispatch rule")
def a_dispatch_rule(server: LiveKitState, id: str, trunk: str) -> None:  # noqa: A002 - as the pacts name it
    """Every call on a trunk gets a room of its own."""
    rule = SIPDispatchRule(dispatch_rule_individual={"room_prefix": "call-"})
    server.sip_dispatch_rules[id] = SIPDispatchRuleInfo(
        sip_dispatch_rule_id=id, name="calls", trunk_ids=[trunk], rule=rule
    )


@stub.provider_state("an agent in a room")
def an_agent(server: LiveKitState, room: str, id: str, agent: str) -> None:  # noqa: A002 - as the pacts name it
    """An agent that was sent into a room."""
    server.open_room(Room(name=room))
    made = server.dispatch(room, agent, "")
    del server.dispatches[made.id]
    made.id = id
    server.dispatches[id] = made


@stub.provider_state("a recording")
def a_recording(server: LiveKitState, room: str, id: str) -> None:  # noqa: A002 - as the pacts name it
    """A room being recorded."""
    made = EgressInfo(
        egress_id=id, room_name=room, status=EgressStatus.EGRESS_ACTIVE, started_at=FIXED_TIME * 10**9
    )
    server.egresses[id] = made


@stub.provider_state("a SIP peer")
def remote_party(server: LiveKitState, status: int = 0, *, answers: bool = True, worker: bool = True) -> None:
    """What the other end of calls does: refuse with a SIP status, not answer; or there is no SIP worker at all."""
    server.remote_sip_status, server.remote_answers, server.sip_service_running = status, answers, worker


@stub.provider_state("Redis")
def redis_state(server: LiveKitState, *, connected: bool) -> None:
    """Whether the server has one: SIP needs it."""
    server.redis_connected = connected


@stub.provider_state("LiveKit is down")
def outage(server: LiveKitState, status: int, code: str) -> None:
    """Every method answers this."""
    server.outage = (status, code)


@stub.provider_state("a proxy limits the rate")
def rate_limited(server: LiveKitState, retry_after: int) -> None:
    """LiveKit itself has no rate limit; what stands before it may."""
    server.retry_after = retry_after


def _event(server: LiveKitState, name: str, *, caller: bool = False) -> VendorMessage:
    """A webhook about a call, as the server would send it."""
    guest = server.join("call-1", "guest", {"sip.phoneNumber": "+4930123456"}, kind="SIP")
    room = server.rooms["call-1"]
    event = WebhookEvent(event=name, id=server.new_id("EV"), created_at=FIXED_TIME, room=room)
    if caller:
        event.participant.CopyFrom(guest)
    return VendorMessage(protojson.to_webhook_json(event), "application/webhook+json")


@stub.message("a room was started")
def room_started_event(server: LiveKitState) -> VendorMessage:
    """The first thing that is known of a call."""
    return _event(server, "room_started")


@stub.message("a caller joined")
def participant_joined_event(server: LiveKitState) -> VendorMessage:
    """Sent when the caller is active, not when signalling begins."""
    return _event(server, "participant_joined", caller=True)


@stub.message("a caller left")
def participant_left_event(server: LiveKitState) -> VendorMessage:
    """The caller hung up."""
    return _event(server, "participant_left", caller=True)


@stub.message("a caller's connection was aborted")
def participant_connection_aborted_event(server: LiveKitState) -> VendorMessage:
    """The caller never became active."""
    return _event(server, "participant_connection_aborted", caller=True)


@stub.message("a room was finished")
def room_finished_event(server: LiveKitState) -> VendorMessage:
    """The call is over."""
    return _event(server, "room_finished")
