"""What the telephone tells us of a call."""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, StringConstraints

CallId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,127}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$")]
E164 = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class InteractionType(StrEnum):
    """What a guest may want."""

    GREETING = "greeting"
    GUEST_INFO = "guest_info_request"
    ROOM_SERVICE = "room_service_request"
    AVAILABILITY = "availability_request"
    BOOKING = "booking_request"
    CHANGE = "change_request"
    CANCELLATION = "cancellation_request"
    LATE_CHECKOUT = "late_checkout_request"
    TRANSFER = "transfer_request"
    SMALL_TALK = "small_talk"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CallMetadata(_Closed):
    """What the telephone knows beside the numbers."""

    hotel_id: Identifier
    reservation_id: Identifier | None = None
    room_number: str | None = Field(None, max_length=20)
    guest_data: dict[str, Any] | None = None


class InteractionParameters(_Closed):
    """What was understood of a wish; what is missing is asked for."""

    arrival: date | None = None
    departure: date | None = None
    adults: int | None = None
    rate_plan_id: Identifier | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    email: str | None = Field(None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    service: str | None = Field(None, max_length=64)
    confirmed: bool = False


class CallStarted(_Closed):
    """Somebody calls."""

    event: Literal["call.started"]
    call_id: CallId
    from_number: E164
    to_number: E164
    timestamp: AwareDatetime
    metadata: CallMetadata


class CallInteraction(_Closed):
    """The caller wants something."""

    event: Literal["call.interaction"]
    call_id: CallId
    interaction_type: InteractionType
    guest_input: str = Field("", max_length=2000)
    parameters: InteractionParameters = InteractionParameters()
    timestamp: AwareDatetime


class CallEnded(_Closed):
    """The call is over; `duration` in seconds."""

    event: Literal["call.ended"]
    call_id: CallId
    duration: float = Field(ge=0, le=86_400)
    timestamp: AwareDatetime


CallEvent = Annotated[CallStarted | CallInteraction | CallEnded, Discriminator("event")]


def event_fingerprint(event: BaseModel) -> str:
    """The same for the same event delivered again."""
    return hashlib.sha256(event.model_dump_json().encode()).hexdigest()
