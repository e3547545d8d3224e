"""An outbound call and its states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orchestrator.calls.outbound_order import OutboundCallKind

CALLEE_IDENTITY = "guest"
"""The identity of the called person in the room of the call."""


class OutboundCallStatus(StrEnum):
    """The state of an outbound call.

    `scheduled` waits for its time or for its next attempt. `claimed` is held by a process that has not dialled yet, so
    that another one may take it over. `dialling` may have been dialled. The others are final; of an `unknown` call it is
    not known whether the guest was reached.
    """

    SCHEDULED = "scheduled"
    CLAIMED = "claimed"
    DIALLING = "dialling"
    ANSWERED = "answered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


OPEN_STATUSES = (OutboundCallStatus.SCHEDULED, OutboundCallStatus.CLAIMED, OutboundCallStatus.DIALLING)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundCall:
    """An ordered call. All times are in UTC.

    Args:
        call_id: identifies the order; its attempts have ids of their own.
        kind: why the guest is called.
        hotel_id: the hotel.
        number: the number to call (E.164), or None once it is no longer needed.
        pseudonym: the pseudonym of the number.
        language: the language in which the guest is spoken to.
        reservation_id: the stay of the guest, if it is known.
        ordered_by: the id of a user or API key, or `guest`.
        ordered_at: when it was ordered.
        due_at: when the guest is called.
        status: the state.
        reason: why the latest attempt did not reach the guest.
        attempts: how often the number was dialled.
        next_attempt_at: when it is dialled next.
        lease_until: until when the process that has claimed it has it to itself.
        lease_token: identifies that claim.
        finished_at: when the state became final.
    """

    call_id: str
    kind: OutboundCallKind
    hotel_id: str
    number: str | None
    pseudonym: str
    language: str
    reservation_id: str | None
    ordered_by: str
    ordered_at: datetime
    due_at: datetime
    status: OutboundCallStatus = OutboundCallStatus.SCHEDULED
    reason: str | None = None
    attempts: int = 0
    next_attempt_at: datetime
    lease_until: datetime | None = None
    lease_token: str | None = None
    finished_at: datetime | None = None

    @property
    def attempt_id(self) -> str:
        """The id of the current attempt, which is that of the call in the call flow if the guest answers.

        Each attempt has a room of its own: the end of an earlier room must not end the call that is answered later.
        """
        return f"{self.call_id}-{int(self.next_attempt_at.timestamp() * 1000):x}"
