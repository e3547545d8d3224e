"""The parts of LiveKit's responses that the orchestrator reads.

Twirp responses are snake_case and contain zero values; an int64 is a string. Webhooks (see `webhooks`) are camelCase
without zero values.
"""

from __future__ import annotations

from typing import Literal

from orchestrator.vendors.models import ResponseModel

EgressStatus = Literal[
    "EGRESS_STARTING",
    "EGRESS_ACTIVE",
    "EGRESS_ENDING",
    "EGRESS_COMPLETE",
    "EGRESS_FAILED",
    "EGRESS_ABORTED",
    "EGRESS_LIMIT_REACHED",
]
ParticipantState = Literal["JOINING", "JOINED", "ACTIVE", "DISCONNECTED"]


class Room(ResponseModel):
    """A room. `creation_time` is in seconds since 1970. `turn_password` is a secret and therefore not read."""

    sid: str
    name: str
    metadata: str
    num_participants: int
    max_participants: int
    creation_time: int


class RoomList(ResponseModel):
    """The existing rooms."""

    rooms: list[Room]


class Participant(ResponseModel):
    """A participant of a room; a caller over SIP has the kind SIP and attributes such as `sip.phoneNumber`."""

    sid: str
    identity: str
    state: ParticipantState
    kind: str
    attributes: dict[str, str]


class ParticipantList(ResponseModel):
    """The participants of a room; an unknown room has none."""

    participants: list[Participant]


class Track(ResponseModel):
    """A published track."""

    sid: str
    muted: bool


class MuteTrackResponse(ResponseModel):
    """The track after the change, or None if the participant has no such track."""

    track: Track | None


class PerformRpcResponse(ResponseModel):
    """The return value of a participant's RPC method."""

    payload: str


class AgentDispatch(ResponseModel):
    """An agent that is dispatched to a room."""

    id: str
    agent_name: str
    room: str


class DispatchList(ResponseModel):
    """The agents that are dispatched to a room."""

    agent_dispatches: list[AgentDispatch]


class EgressInfo(ResponseModel):
    """A recording and its status."""

    egress_id: str
    room_name: str
    status: EgressStatus


class EgressList(ResponseModel):
    """The recordings of a room."""

    items: list[EgressInfo]


class SipTrunk(ResponseModel):
    """A SIP trunk; its password, which LiveKit sends too, is not read."""

    sip_trunk_id: str
    name: str
    numbers: list[str]


class GetSipTrunkResponse(ResponseModel):
    """The response to a request for one trunk."""

    trunk: SipTrunk


class SipTrunkList(ResponseModel):
    """All trunks of one direction."""

    items: list[SipTrunk]


class SipDispatchRule(ResponseModel):
    """A rule that selects the room of an incoming call."""

    sip_dispatch_rule_id: str
    name: str
    trunk_ids: list[str]


class DispatchRuleList(ResponseModel):
    """All dispatch rules."""

    items: list[SipDispatchRule]


class SipParticipant(ResponseModel):
    """The participant that an outgoing call adds to a room."""

    participant_identity: str


class TwirpMeta(ResponseModel):
    """The SIP status of the peer; other errors have other metadata."""

    sip_status_code: str | None = None


class TwirpError(ResponseModel):
    """The error body of Twirp; `code` is stable, `msg` is not."""

    code: str
    meta: TwirpMeta | None = None
