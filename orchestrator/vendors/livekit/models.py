"""The parts of LiveKit's responses that the orchestrator reads.

Twirp responses are snake_case and contain zero values; an int64 is a string. Webhooks (see `webhooks`) are camelCase
without zero values.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from orchestrator.vendors.models import ResponseModel

# stored in the database, so that a value without limits is not accepted
EgressId = Annotated[str, StringConstraints(pattern=r"^EG_[A-Za-z0-9_]{1,60}$")]
EgressStatus = Literal[
    "EGRESS_STARTING",
    "EGRESS_ACTIVE",
    "EGRESS_ENDING",
    "EGRESS_COMPLETE",
    "EGRESS_FAILED",
    "EGRESS_ABORTED",
    "EGRESS_LIMIT_REACHED",
]


SIP_KIND, STANDARD_KIND, AGENT_KIND = "SIP", "STANDARD", "AGENT"
"""Kinds of participants: a guest on the telephone, one in a web browser, and a voice agent."""


class Participant(ResponseModel):
    """A participant of a room; `kind` is one of the kinds above, or that of a recorder and the like."""

    identity: str
    kind: str


class ParticipantList(ResponseModel):
    """The participants of a room; an unknown room has none."""

    participants: list[Participant]


class AgentDispatch(ResponseModel):
    """An agent that is dispatched to a room."""

    id: str
    agent_name: str


class DispatchList(ResponseModel):
    """The agents that are dispatched to a room."""

    agent_dispatches: list[AgentDispatch]


class StartedEgress(ResponseModel):
    """A recording that was started."""

    egress_id: EgressId


class EgressInfo(StartedEgress):
    """A recording and its status."""

    status: EgressStatus


class EgressList(ResponseModel):
    """The recordings of a room."""

    items: list[EgressInfo]


class SipParticipant(ResponseModel):
    """The participant that an outgoing call adds to a room."""

    participant_identity: str


class TwirpMeta(ResponseModel):
    """The SIP status of the peer; other errors have other metadata."""

    sip_status_code: str | None = None


class TwirpError(ResponseModel):
    """The error body of Twirp; `code` is stable, `msg` is not. If there is a SIP status, it says more than the code."""

    code: str | None = None
    meta: TwirpMeta | None = None
