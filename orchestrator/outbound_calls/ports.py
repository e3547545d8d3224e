"""What outbound calls depend on, as protocols."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from orchestrator.calls.call import Call
from orchestrator.calls.reply import Reply


class DialOutcome(Enum):
    """What became of an attempt to reach a number.

    `UNREACHED` may be different the next time, `REFUSED` not. `NOT_DIALLED` is certain not to have called anybody,
    `UNCLEAR` may have: the telephone may be ringing.
    """

    ANSWERED = "answered"
    UNREACHED = "unreached"
    REFUSED = "refused"
    NOT_DIALLED = "not_dialled"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class DialResult:
    """The outcome of an attempt and its reason, a code such as `busy`."""

    outcome: DialOutcome
    reason: str


class Dialler(Protocol):
    """Calls telephone numbers."""

    async def dial(self, number: str, room_name: str) -> DialResult:
        """Call a number and wait until it answers; the person who answers is in the room. It never raises for a failed call."""


class Rooms(Protocol):
    """The rooms in which the voice agent and the called person meet; `Telephony` has the meaning of each."""

    async def open_room(self, room_name: str, *, metadata: str) -> None:
        """Create a room; an existing room of this name is kept."""

    async def close_room(self, room_name: str) -> None:
        """Close a room."""

    async def find_caller(self, room_name: str) -> str | None:
        """Return the identity of the person on the telephone in a room."""


class AnsweredCalls(Protocol):
    """The call flow, which takes over when the guest answers."""

    async def start_answered_call(self, call: Call, reply: Reply) -> None:
        """Start a call and speak the reply; a call that is started already is only spoken to."""
