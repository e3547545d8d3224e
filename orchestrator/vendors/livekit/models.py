"""What the orchestrator reads of LiveKit's answers, and nothing else.

Twirp answers are snake_case with zero values; int64 are strings. Webhooks (see `webhooks`) are camelCase without them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

ParticipantState = Literal["JOINING", "JOINED", "ACTIVE", "DISCONNECTED"]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class Room(_Read):
    """A room: one call. `creation_time` is in seconds since 1970. `turn_password`, a secret, is not read."""

    sid: str
    name: str
    metadata: str
    num_participants: int
    max_participants: int
    creation_time: int


class RoomList(_Read):
    """The rooms that exist."""

    rooms: list[Room]


class Participant(_Read):
    """Who is in a room; a caller over SIP has kind SIP and attributes such as `sip.phoneNumber`."""

    sid: str
    identity: str
    state: ParticipantState
    kind: str
    attributes: dict[str, str]


class ParticipantList(_Read):
    """The participants of a room; of an unknown room there are none."""

    participants: list[Participant]


class TwirpError(_Read):
    """LiveKit's error body; `msg` is not stable, `code` is."""

    code: str
