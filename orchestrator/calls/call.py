"""A call as it is now."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from orchestrator.pms.models import Reservation

CallStatus = Literal["active", "ended"]


class CallWarning(BaseModel):
    """Something did not work, and the call went on without it."""

    model_config = ConfigDict(frozen=True)

    code: str
    vendor: str
    message: str


class Interaction(BaseModel):
    """A wish, and how it went; nothing the guest said."""

    model_config = ConfigDict(frozen=True)

    type: str
    outcome: str


class Call(BaseModel):
    """A call. The caller's number is forgotten when it ends."""

    model_config = ConfigDict(frozen=True)

    call_id: str
    status: CallStatus = "active"
    hotel_id: str
    caller_number: str | None
    caller_pseudonym: str
    language: str
    reservation_id: str | None = None
    room_name: str | None = None
    started_at: datetime
    interactions: tuple[Interaction, ...] = ()
    warnings: tuple[str, ...] = ()

    def with_warnings(self, warnings: list[CallWarning]) -> Call:
        """The call with what it goes on without."""
        return self.model_copy(update={"warnings": (*self.warnings, *(one.code for one in warnings))})

    def with_interaction(
        self, interaction: Interaction, warnings: list[CallWarning], stay: str | None
    ) -> Call:
        """The call after a wish; a booking made in it is what the call is about from now on."""
        changes = {
            "interactions": (*self.interactions, interaction),
            "reservation_id": stay or self.reservation_id,
        }
        return self.with_warnings(warnings).model_copy(update=changes)

    def as_ended(self) -> Call:
        """The call after its end."""
        return self.model_copy(update={"status": "ended", "caller_number": None})


def livekit_room_name(call_id: str) -> str:
    """The name of a call's room."""
    return f"call-{call_id}"


def stay_result(stay: Reservation) -> dict[str, Any]:
    """What a caller may hear of their own stay."""
    return {
        "reservation_id": stay.id,
        "guest_name": stay.guest.full_name if stay.guest else None,
        "room": stay.room,
        "status": stay.status,
        "arrival": stay.arrival.isoformat(),
        "departure": stay.departure.isoformat(),
        "balance_due": str(stay.balance_due) if stay.balance_due else None,
    }
