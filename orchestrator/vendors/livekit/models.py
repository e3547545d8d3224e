"""What the orchestrator reads of LiveKit's answers, and nothing else.

Twirp answers are snake_case with zero values; int64 are strings. Webhooks (see `webhooks`) are camelCase without them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

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


class _ResponseModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class Room(_ResponseModel):
    """A room: one call. `creation_time` is in seconds since 1970. `turn_password`, a secret, is not read."""

    sid: str
    name: str
    metadata: str
    num_participants: int
    max_participants: int
    creation_time: int


class RoomList(_ResponseModel):
    """The rooms that exist."""

    rooms: list[Room]


class Participant(_ResponseModel):
    """Who is in a room; a caller over SIP has kind SIP and attributes such as `sip.phoneNumber`."""

    sid: str
    identity: str
    state: ParticipantState
    kind: str
    attributes: dict[str, str]


class ParticipantList(_ResponseModel):
    """The participants of a room; of an unknown room there are none."""

    participants: list[Participant]


class Track(_ResponseModel):
    """A track that a participant publishes."""

    sid: str
    muted: bool


class MuteTrackResponse(_ResponseModel):
    """The track as it is now, or None when there is no such track."""

    track: Track | None


class PerformRpcResponse(_ResponseModel):
    """What a participant's method gave."""

    payload: str


class AgentDispatch(_ResponseModel):
    """An agent sent into a room."""

    id: str
    agent_name: str
    room: str


class DispatchList(_ResponseModel):
    """The agents sent into a room."""

    agent_dispatches: list[AgentDispatch]


class EgressInfo(_ResponseModel):
    """A recording."""

    egress_id: str
    room_name: str
    status: EgressStatus


class EgressList(_ResponseModel):
    """The recordings of a room."""

    items: list[EgressInfo]


class SipTrunk(_ResponseModel):
    """A SIP trunk; its password, which LiveKit sends along, is not read."""

    sip_trunk_id: str
    name: str
    numbers: list[str]


class GetSipTrunkResponse(_ResponseModel):
    """One trunk."""

    trunk: SipTrunk


class SipTrunkList(_ResponseModel):
    """Trunks of one direction."""

    items: list[SipTrunk]


class SipDispatchRule(_ResponseModel):
    """Which room a call goes to."""

    sip_dispatch_rule_id: str
    name: str
    trunk_ids: list[str]


class DispatchRuleList(_ResponseModel):
    """All rules."""

    items: list[SipDispatchRule]


class SipParticipant(_ResponseModel):
    """Who was called: a participant of the room."""

    participant_id: str
    participant_identity: str
    room_name: str


class TwirpMeta(_ResponseModel):
    """What a SIP peer said, as its status; other errors have other data here."""

    sip_status_code: str | None = None


class TwirpError(_ResponseModel):
    """LiveKit's error body; `msg` is not stable, `code` is."""

    code: str
    meta: TwirpMeta | None = None
