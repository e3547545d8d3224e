"""The state of a call. It is kept in the state store until some time after the call has ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from orchestrator.pms.models import Reservation

CallStatus = Literal["active", "ending", "ended"]
# distinguishes the rooms of calls from those that others create on the same LiveKit server
ROOM_NAME_PREFIX = "call-"
MAX_INTERACTIONS = 1_000
"""Interactions of a call, which is read and written as a whole for each of them. A guest speaks for hours until then."""


class CallWarning(BaseModel):
    """A step of the call that did not work; the call continued without it."""

    model_config = ConfigDict(frozen=True)

    code: str
    vendor: str
    message: str


class Interaction(BaseModel):
    """The type and outcome of one interaction, without anything the guest said.

    `event_id` is from `event_id_of`; it is not part of the call record.
    """

    model_config = ConfigDict(frozen=True)

    type: str
    outcome: str
    event_id: str = ""


class Call(BaseModel):
    """A call.

    `start_event_id` is the id of the event that started it. `unconfirmed` are the effects whose outcome is not
    known because the vendor did not respond, by step, with what is needed to find out. `agent_replaced_by` is the id of
    the departure after which the voice agent was dispatched again, which happens once in a call. `transferred_for` is the id
    of the event for which the caller is being transferred, or was.

    Status `active` accepts interactions. `ending` accepts no new ones, but those that had already started are still
    added. `ended` means that the record is written. The caller's number is removed when the call leaves `active`. The
    pseudonym is empty if the caller's data was erased during the call, whose record then names no person.
    """

    model_config = ConfigDict(frozen=True)

    call_id: str
    start_event_id: str = ""
    status: CallStatus = "active"
    hotel_id: str
    caller_number: str | None
    caller_pseudonym: str
    language: str
    reservation_id: str | None = None
    room_name: str | None = None
    started_at: datetime
    ended_at: datetime | None = None
    duration: float | None = None
    interactions: tuple[Interaction, ...] = ()
    warnings: tuple[str, ...] = ()
    unconfirmed: dict[str, dict[str, Any]] = {}
    agent_replaced_by: str | None = None
    transferred_for: str | None = None

    @property
    def is_anonymous(self) -> bool:
        """Whether the caller's data was erased."""
        return not self.caller_pseudonym

    @property
    def event_ids(self) -> list[str]:
        """The ids of the events whose responses may contain personal data."""
        return [self.start_event_id, *(interaction.event_id for interaction in self.interactions)]

    def has_interaction_type(self, interaction_type: str) -> bool:
        """Return whether an interaction of a type was added."""
        return any(interaction.type == interaction_type for interaction in self.interactions)

    def with_agent_replaced(self, departure_id: str) -> Call:
        """Return the call whose voice agent is dispatched again after a departure, unless it was after an earlier one."""
        return self.model_copy(update={"agent_replaced_by": self.agent_replaced_by or departure_id})

    def with_transfer(self, event_id: str) -> Call:
        """Return the call that is transferred for an event, unless it is for another one, or the call is not active."""
        if self.status != "active":
            return self
        return self.model_copy(update={"transferred_for": self.transferred_for or event_id})

    def without_transfer(self) -> Call:
        """Return the call whose transfer has failed."""
        return self.model_copy(update={"transferred_for": None})

    def with_outcome(self, event_id: str, outcome: str) -> Call:
        """Return the call in which the interaction of an event has another outcome than it seemed to have."""
        interactions = tuple(
            interaction.model_copy(update={"outcome": outcome})
            if interaction.event_id == event_id
            else interaction
            for interaction in self.interactions
        )
        return self.model_copy(update={"interactions": interactions})

    def has_interaction(self, event_id: str) -> bool:
        """Return whether the interaction of an event was added."""
        return any(interaction.event_id == event_id for interaction in self.interactions)

    def with_warnings(self, warnings: list[CallWarning], *, is_repeated: bool = False) -> Call:
        """Return the call with the codes of further warnings.

        Args:
            warnings: the warnings.
            is_repeated: whether the event was delivered before, so that the call may have its warnings already.
        """
        codes = [warning.code for warning in warnings]
        new = [code for code in codes if not (is_repeated and code in self.warnings)]
        return self.model_copy(update={"warnings": (*self.warnings, *new)})

    def with_interaction(
        self, interaction: Interaction, warnings: list[CallWarning], reservation_id: str | None
    ) -> Call:
        """Return the call after an interaction; a new reservation becomes the subject of the call.

        An interaction of the same event is replaced: the event was delivered again after a failure.
        """
        if self.has_interaction(interaction.event_id):
            interactions = tuple(
                interaction if earlier.event_id == interaction.event_id else earlier
                for earlier in self.interactions
            )
        else:
            interactions = (*self.interactions, interaction)
        changes = {
            "interactions": interactions,
            "reservation_id": reservation_id or self.reservation_id,
        }
        return self.with_warnings(warnings).model_copy(update=changes)

    def with_unconfirmed(self, unconfirmed: Mapping[str, dict[str, Any]]) -> Call:
        """Return the call with these effects whose outcome is not known.

        A call that is not active has none, and neither has an anonymous one: they contain the caller's number.
        """
        keeps_them = self.status == "active" and not self.is_anonymous
        return self.model_copy(update={"unconfirmed": unconfirmed if keeps_them else {}})

    def as_anonymous(self) -> Call:
        """Return the call without the caller's number, pseudonym and unconfirmed effects.

        It keeps the reservation, which the caller may still ask for; the record of an anonymous call leaves it out.
        """
        changes: dict[str, Any] = {"caller_number": None, "caller_pseudonym": "", "unconfirmed": {}}
        return self.model_copy(update=changes)

    def as_ending(self, ended_at: datetime, duration: float) -> Call:
        """Return the call in status `ending`; a call that is not active stays as it is.

        Args:
            ended_at: the end of the call.
            duration: in seconds.
        """
        if self.status != "active":
            return self
        changes: dict[str, Any] = {
            "status": "ending",
            "caller_number": None,
            "unconfirmed": {},
            "ended_at": ended_at,
            "duration": duration,
        }
        return self.model_copy(update=changes)

    def as_ended(self) -> Call:
        """Return the call in status `ended`."""
        return self.model_copy(update={"status": "ended"})


def livekit_room_name(call_id: str) -> str:
    """Return the name of a call's room."""
    return f"{ROOM_NAME_PREFIX}{call_id}"


def call_id_of_room(room_name: str) -> str | None:
    """Return the id of the call that a room belongs to, or None for any other room."""
    return room_name.removeprefix(ROOM_NAME_PREFIX) if room_name.startswith(ROOM_NAME_PREFIX) else None


def reservation_result(reservation: Reservation) -> dict[str, Any]:
    """Return the data of the guest's own reservation for clients."""
    return {
        "reservation_id": reservation.id,
        "guest_name": reservation.guest.full_name if reservation.guest else None,
        "room": reservation.room,
        "status": reservation.status,
        "arrival": reservation.arrival.isoformat(),
        "departure": reservation.departure.isoformat(),
        "balance_due": str(reservation.balance_due) if reservation.balance_due else None,
    }
