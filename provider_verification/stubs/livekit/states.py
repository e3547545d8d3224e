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

from provider_verification.stubs.livekit import protojson, stub
from provider_verification.stubs.livekit.server import API_KEY, API_SECRET, STARTED, Server
from provider_verification.stubs.stub import Message


@stub.state("an access token")
def an_access_token(
    _server: Server, video: dict[str, Any] | None = None, sip: dict[str, Any] | None = None
) -> dict[str, str]:
    """A token with exactly these grants."""
    grants = {name: grant for name, grant in (("video", video), ("sip", sip)) if grant is not None}
    claims = {"iss": API_KEY, "sub": "orchestrator", "exp": int(time.time()) + 300, **grants}
    return {"token": jwt.encode(claims, API_SECRET, algorithm="HS256")}


@stub.state("no room")
def no_room(server: Server) -> None:
    """The server has no room."""
    server.rooms.clear()
    server.participants.clear()


@stub.state("a room")
def a_room(server: Server, name: str, metadata: str = "") -> None:
    """A room that nobody is in."""
    server.open_room(Room(name=name, metadata=metadata))


@stub.state("a caller in a room")
def a_caller(server: Server, room: str, identity: str, phone: str) -> None:
    """Somebody who called over SIP."""
    server.join(room, identity, {"sip.phoneNumber": phone, "sip.callStatus": "active"}, kind="SIP")


@stub.state("a participant in a room")
def a_participant(
    server: Server,
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


@stub.state("a published track")
def a_track(server: Server, room: str, identity: str, name: str = "mic", sid: str = "") -> None:
    """An audio track that a participant publishes."""
    track = server.publish(room, identity, name)
    track.sid = sid or track.sid


@stub.state("an egress worker")
def an_egress_worker(server: Server) -> None:
    """Recordings can be started."""
    server.egress_worker = True


@stub.state("a registered method")
def a_method(server: Server, identity: str, method: str, payload: str) -> None:
    """What a participant's method answers."""
    server.methods[identity, method] = payload


@stub.state("an inbound trunk")
def an_inbound_trunk(server: Server, id: str, number: str) -> None:  # noqa: A002 - as the pacts name it
    """A trunk that takes calls to a number."""
    server.trunks[id] = SIPInboundTrunkInfo(sip_trunk_id=id, name="hotel", numbers=[number])


@stub.state("an outbound trunk")
def an_outbound_trunk(server: Server, id: str, number: str) -> None:  # noqa: A002 - as the pacts name it
    """A trunk that calls from a number."""
    server.trunks[id] = SIPOutboundTrunkInfo(
        sip_trunk_id=id, name="hotel", address="sip.example.org", numbers=[number]
    )


@stub.state("a dispatch rule")
def a_dispatch_rule(server: Server, id: str, trunk: str) -> None:  # noqa: A002 - as the pacts name it
    """Every call on a trunk gets a room of its own."""
    rule = SIPDispatchRule(dispatch_rule_individual={"room_prefix": "call-"})
    server.rules[id] = SIPDispatchRuleInfo(
        sip_dispatch_rule_id=id, name="calls", trunk_ids=[trunk], rule=rule
    )


@stub.state("an agent in a room")
def an_agent(server: Server, room: str, id: str, agent: str) -> None:  # noqa: A002 - as the pacts name it
    """An agent that was sent into a room."""
    server.open_room(Room(name=room))
    made = server.dispatch(room, agent, "")
    del server.dispatches[made.id]
    made.id = id
    server.dispatches[id] = made


@stub.state("a recording")
def a_recording(server: Server, room: str, id: str) -> None:  # noqa: A002 - as the pacts name it
    """A room being recorded."""
    made = EgressInfo(
        egress_id=id, room_name=room, status=EgressStatus.EGRESS_ACTIVE, started_at=STARTED * 10**9
    )
    server.egresses[id] = made


@stub.state("a SIP peer")
def a_peer(server: Server, status: int = 0, *, answers: bool = True, worker: bool = True) -> None:
    """What the other end of calls does: refuse with a SIP status, not answer; or there is no SIP worker at all."""
    server.peer_status, server.peer_answers, server.sip_worker = status, answers, worker


@stub.state("Redis")
def redis(server: Server, *, connected: bool) -> None:
    """Whether the server has one: SIP needs it."""
    server.redis = connected


@stub.state("LiveKit is down")
def down(server: Server, status: int, code: str) -> None:
    """Every method answers this."""
    server.down = (status, code)


@stub.state("a proxy limits the rate")
def limited(server: Server, retry_after: int) -> None:
    """LiveKit itself has no rate limit; what stands before it may."""
    server.retry_after = retry_after


def _event(server: Server, name: str, *, caller: bool = False) -> Message:
    """A webhook about a call, as the server would send it."""
    guest = server.join("call-1", "guest", {"sip.phoneNumber": "+4930123456"}, kind="SIP")
    room = server.rooms["call-1"]
    event = WebhookEvent(event=name, id=server.new_id("EV"), created_at=STARTED, room=room)
    if caller:
        event.participant.CopyFrom(guest)
    return Message(protojson.webhook(event), "application/webhook+json")


@stub.message("a room was started")
def room_started(server: Server) -> Message:
    """The first thing that is known of a call."""
    return _event(server, "room_started")


@stub.message("a caller joined")
def joined(server: Server) -> Message:
    """Sent when the caller is active, not when signalling begins."""
    return _event(server, "participant_joined", caller=True)


@stub.message("a caller left")
def left(server: Server) -> Message:
    """The caller hung up."""
    return _event(server, "participant_left", caller=True)


@stub.message("a caller's connection was aborted")
def aborted(server: Server) -> Message:
    """The caller never became active."""
    return _event(server, "participant_connection_aborted", caller=True)


@stub.message("a room was finished")
def room_finished(server: Server) -> Message:
    """The call is over."""
    return _event(server, "room_finished")
