"""The call events that the telephone system sends."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StringConstraints,
)

from orchestrator.calls.input_checks import as_utc, check_json
from orchestrator.phone_numbers import E164_PATTERN

CallId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,127}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$")]
E164 = Annotated[str, StringConstraints(pattern=f"^{E164_PATTERN}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Day: TypeAlias = date
"""The type of fields in a model that has a field named `date`."""


def _format_time(value: Any) -> Any:
    return f"{value:%H:%M}" if isinstance(value, time) else value


TimeOfDay = Annotated[
    str,
    StringConstraints(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"),
    # a time that was understood in the guest's text
    BeforeValidator(_format_time),
]
"""Hours and minutes, as `07:30`."""
RoomName = Annotated[str, StringConstraints(pattern=r"^\w[\w .\-/]{0,31}$")]
"""The name of a room, such as `101` or `A.201`."""
Timestamp = Annotated[datetime, AfterValidator(as_utc)]
"""A time with an offset, or in UTC without one."""


class InteractionType(StrEnum):
    """The intents of a guest."""

    GREETING = "greeting"
    GUEST_INFO = "guest_info_request"
    ROOM_SERVICE = "room_service_request"
    AVAILABILITY = "availability_request"
    BOOKING = "booking_request"
    CHANGE = "change_request"
    CANCELLATION = "cancellation_request"
    LATE_CHECKOUT = "late_checkout_request"
    TRANSFER = "transfer_request"
    WAKE_UP = "wake_up_request"
    CALL_BACK = "call_back_request"
    SMALL_TALK = "small_talk"
    CHECK_IN = "check_in_request"
    CHECK_OUT = "check_out_request"
    ROOM_ASSIGNMENT = "room_assignment_request"
    BALANCE = "balance_request"
    RECORDING_CONSENT = "recording_consent"


class _StrictModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CallMetadata(BaseModel):
    """The context of a call. Further keys, which existing clients send, are ignored and never kept."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    hotel_id: Identifier
    reservation_id: Identifier | None = None
    room_number: str | None = Field(None, max_length=20)
    guest_data: dict[str, Any] | None = None
    # any value is accepted, because existing clients must not fail on it; it is only compared
    pms_type: Any = Field(None, exclude=True)


class InteractionParameters(_StrictModel):
    """The parameters recognized in what the guest said; missing ones are asked for."""

    arrival: Day | None = None
    departure: Day | None = None
    adults: int | None = None
    rate_plan_id: Identifier | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    email: str | None = Field(None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    service: str | None = Field(None, max_length=64)
    room: RoomName | None = None
    time: TimeOfDay | None = None
    date: Day | None = None
    confirmed: StrictBool | None = None


class CallStarted(_StrictModel):
    """A guest calls. `to_number` is not dialled, so it need not be a valid number."""

    event: Literal["call.started"]
    call_id: CallId
    from_number: E164
    to_number: str = Field(min_length=1, max_length=64)
    timestamp: Timestamp
    metadata: CallMetadata


class CallInteraction(_StrictModel):
    """The guest expresses an intent."""

    event: Literal["call.interaction"]
    call_id: CallId
    interaction_type: InteractionType
    guest_input: str = Field("", max_length=2000)
    parameters: InteractionParameters = InteractionParameters()
    timestamp: Timestamp


class CallEnded(_StrictModel):
    """The call has ended; `duration` in seconds."""

    event: Literal["call.ended"]
    call_id: CallId
    duration: float = Field(ge=0, le=86_400)
    timestamp: Timestamp


CallEvent = Annotated[
    CallStarted | CallInteraction | CallEnded, Discriminator("event"), BeforeValidator(check_json)
]


def event_id_of(event: BaseModel) -> str:
    """Return the id of an event: a hash that is the same when it is delivered again, however its JSON and times are written."""
    # ignored metadata is not part of the JSON, so it does not make a redelivered event a new one
    fields = json.dumps(event.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(fields.encode()).hexdigest()
