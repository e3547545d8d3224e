"""Provider states of the LiveKit stub. State and parameter names are those of the pacts."""

from __future__ import annotations

import time
from typing import Any

import jwt
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.egress import EgressInfo
from livekit.protocol.models import Room
from livekit.protocol.sip import (
    SIPDispatchRule,
    SIPDispatchRuleInfo,
    SIPInboundTrunkInfo,
    SIPOutboundTrunkInfo,
)

from provider_verification.stubs.vendors.livekit import stub
from provider_verification.stubs.vendors.livekit.sip_errors import SIP_REASON_PHRASES
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET, FIXED_TIME, LiveKitState


@stub.provider_state("an access token")
def an_access_token(
    _state: LiveKitState, video: dict[str, Any] | None = None, sip: dict[str, Any] | None = None
) -> dict[str, str]:
    """An access token with exactly these grants."""
    grants = {name: grant for name, grant in (("video", video), ("sip", sip)) if grant is not None}
    claims = {"iss": API_KEY, "sub": "orchestrator", "exp": int(time.time()) + 300, **grants}
    return {"token": jwt.encode(claims, API_SECRET, algorithm="HS256")}


@stub.provider_state("no room")
def no_room(state: LiveKitState) -> None:
    """The server has no room."""
    state.rooms.clear()
    state.participants.clear()


@stub.provider_state("a room")
def a_room(state: LiveKitState, name: str, metadata: str = "") -> None:
    """An empty room."""
    state.open_room(Room(name=name, metadata=metadata))


@stub.provider_state("a caller in a room")
def a_caller(state: LiveKitState, room: str, identity: str, phone: str) -> None:
    """A participant who called over SIP, with an active call."""
    state.join(room, identity, {"sip.phoneNumber": phone, "sip.callStatus": "active"}, kind="SIP")


@stub.provider_state("a participant in a room")
def a_participant(
    state: LiveKitState,
    room: str,
    identity: str,
    kind: str = "STANDARD",
    name: str = "",
    metadata: str = "",
    attributes: dict[str, str] | None = None,
) -> dict[str, str]:
    """A participant who joined; one who is already in the room is left unchanged."""
    present = state.participants.get(room, {}).get(identity)
    if present:
        return {"sid": present.sid}
    participant = state.join(room, identity, attributes or {}, kind=kind)
    participant.name, participant.metadata = name, metadata
    # Recorded: participants of the SIP service have no client capabilities.
    if "sip.callID" in participant.attributes:
        del participant.capabilities[:]
    return {"sid": participant.sid}


@stub.provider_state("a published track")
def a_track(
    state: LiveKitState, room: str, identity: str, name: str = "mic", sid: str = ""
) -> dict[str, str]:
    """An audio track that a participant publishes."""
    track = state.publish(room, identity, name)
    track.sid = sid or track.sid
    return {"sid": track.sid}


@stub.provider_state("an egress worker")
def an_egress_worker(state: LiveKitState, *, running: bool = True) -> None:
    """An egress worker runs, so recordings can be started; or none runs."""
    state.egress_worker = running


@stub.provider_state("an ingress worker")
def an_ingress_worker(state: LiveKitState, *, running: bool = True) -> None:
    """An ingress worker runs, so media can be pulled from a URL; or none runs."""
    state.ingress_worker = running


@stub.provider_state("a registered method")
def rpc_method(state: LiveKitState, identity: str, method: str, payload: str) -> None:
    """A participant registered an RPC method that returns `payload`."""
    state.rpc_methods[identity, method] = payload


@stub.provider_state("an inbound trunk")
def inbound_trunk(
    state: LiveKitState,
    id: str,  # noqa: A002 - as the pacts name it
    number: str,
    metadata: str = "",
    username: str = "",
    password: str = "",
) -> dict[str, str]:
    """An inbound trunk for calls to a number."""
    trunk = SIPInboundTrunkInfo(sip_trunk_id=id, name="hotel", numbers=[number], metadata=metadata)
    trunk.auth_username, trunk.auth_password = username, password
    state.trunks[id] = trunk
    return {"id": id}


@stub.provider_state("an outbound trunk")
def outbound_trunk(
    state: LiveKitState,
    id: str,  # noqa: A002 - as the pacts name it
    number: str,
    address: str = "sip.example.org",
    transport: str = "SIP_TRANSPORT_AUTO",
    metadata: str = "",
    username: str = "",
    password: str = "",
) -> dict[str, str]:
    """An outbound trunk that calls from a number."""
    trunk = SIPOutboundTrunkInfo(
        sip_trunk_id=id, name="hotel", address=address, transport=transport, numbers=[number]
    )
    trunk.metadata, trunk.auth_username, trunk.auth_password = metadata, username, password
    state.trunks[id] = trunk
    return {"id": id}


@stub.provider_state("a dispatch rule")
def a_dispatch_rule(
    state: LiveKitState,
    id: str,  # noqa: A002 - as the pacts name it
    trunk: str,
    metadata: str = "",
    agent: str = "",
) -> dict[str, str]:
    """A rule that gives every call on a trunk its own room, to which an agent is dispatched if one is given."""
    individual = SIPDispatchRule(dispatch_rule_individual={"room_prefix": "call-"})
    rule = SIPDispatchRuleInfo(sip_dispatch_rule_id=id, name="calls", trunk_ids=[trunk], rule=individual)
    rule.metadata = metadata
    if agent:
        rule.room_config.agents.add(agent_name=agent)
    state.sip_dispatch_rules[id] = rule
    return {"id": id}


@stub.provider_state("an agent in a room")
def an_agent(state: LiveKitState, room: str, id: str, agent: str) -> dict[str, str]:  # noqa: A002 - as the pacts name it
    """An agent that was dispatched to a room."""
    state.open_room(Room(name=room))
    dispatch = state.dispatch(room, RoomAgentDispatch(agent_name=agent))
    del state.dispatches[dispatch.id]
    dispatch.id = id
    state.dispatches[id] = dispatch
    return {"id": id}


@stub.provider_state("a recording")
def a_recording(
    state: LiveKitState,
    room: str,
    id: str,  # noqa: A002 - as the pacts name it
    status: str = "EGRESS_ACTIVE",
) -> dict[str, str]:
    """A recording of a room, which is active unless another status is given."""
    state.egresses[id] = EgressInfo(
        egress_id=id, room_name=room, status=status, started_at=FIXED_TIME * 10**9
    )
    return {"id": id}


@stub.provider_state("a SIP peer")
def remote_party(
    state: LiveKitState,
    status: int = 0,
    *,
    answers: bool = True,
    worker: bool = True,
    refuses_transfer: bool = False,
) -> None:
    """Whether the remote party rejects calls with a SIP status or does not answer, and whether a SIP service runs.

    `refuses_transfer`: a transfer is rejected when it is requested, and not reported as failed afterwards.
    """
    if status and status not in SIP_REASON_PHRASES:
        recorded = ", ".join(map(str, SIP_REASON_PHRASES))
        raise ValueError(f"status should be 0 or a SIP status that was recorded: {recorded}")
    state.remote_sip_status, state.remote_answers, state.sip_service_running = status, answers, worker
    state.remote_refuses_transfer = refuses_transfer


@stub.provider_state("Redis")
def redis_state(state: LiveKitState, *, connected: bool) -> None:
    """Whether the server is connected to Redis, which SIP needs."""
    state.redis_connected = connected


@stub.provider_state("another API key")
def another_api_key(state: LiveKitState, key: str) -> None:
    """The server's API key was replaced: tokens of the former one are rejected."""
    state.api_key = key


@stub.provider_state("LiveKit is down")
def outage(state: LiveKitState, status: int, code: str) -> None:
    """Every method responds with this status and Twirp code."""
    state.outage = (status, code)


@stub.provider_state("a proxy limits the rate")
def rate_limited(state: LiveKitState, retry_after: int) -> None:
    """Every method responds with 429 and Retry-After in seconds. The limit is that of a proxy: LiveKit has none."""
    state.retry_after = retry_after
