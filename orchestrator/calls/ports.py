"""The services the call flow depends on, as protocols, and the errors that their adapters raise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from orchestrator.calls.call import Call


class DependencyUnavailableError(Exception):
    """A service behind one of the protocols failed; the call continues without it.

    Attributes:
        dependency: the name shown in warnings: `database`, `livekit` or `tts`.
        reason: the kind of failure, without personal data.
    """

    def __init__(self, dependency: str, reason: str) -> None:
        self.dependency = dependency
        self.reason = reason
        super().__init__(f"{dependency} is unavailable: {reason}")


class TransferRejectedError(Exception):
    """The caller cannot be transferred; `reason` is an error code for clients."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Telephony(Protocol):
    """The rooms in which the voice agent and the caller meet."""

    async def open_room(self, room_name: str, *, metadata: str) -> None:
        """Create a room and dispatch the voice agent to it; an existing room of this name is kept as it is.

        Raises:
            DependencyUnavailableError: the room cannot be created.
        """

    async def close_room(self, room_name: str) -> None:
        """Close a room; a room that does not exist is not an error.

        Raises:
            DependencyUnavailableError: the room may still be open.
        """

    async def send_data(self, room_name: str, payload: bytes, *, topic: str) -> None:
        """Send a message to everyone in a room.

        Raises:
            DependencyUnavailableError: the message was not delivered.
        """

    async def find_caller(self, room_name: str) -> str | None:
        """Return the identity of the caller in a room, or None if no caller on the telephone is in it.

        Raises:
            DependencyUnavailableError: it is not known who is in the room.
        """

    async def transfer_caller(self, room_name: str, caller: str, destination: str) -> None:
        """Transfer the caller to another number; return when it answers.

        Args:
            room_name: the room of the call.
            caller: the caller's identity, from `find_caller`.
            destination: a `tel:` or SIP URI.

        Raises:
            TransferRejectedError: the caller has left, or the destination does not take the call.
            DependencyUnavailableError: it is not known whether the caller was transferred.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What a guest says.

    Attributes:
        text: the words, as the telephone system recognized them.
        language: ISO 639-1.
        today: the date at the hotel when it was said.
        missing_parameters: the names of the parameters that the intent needs and that were not sent.
        sent_parameters: the parameters that were sent, by name.
        services: the names of the services that the hotel offers.
    """

    text: str
    language: str
    today: date
    missing_parameters: Collection[str]
    sent_parameters: Mapping[str, Any]
    services: Collection[str]


class Interpreter(Protocol):
    """Understands what guests say: a grammar, or a language model."""

    async def interpret(self, utterance: Utterance) -> Mapping[str, Any]:
        """Return the missing parameters that the text contains, by name; what is not understood is left out.

        The same utterance always gives the same parameters, because an event can be delivered again.

        Raises:
            DependencyUnavailableError: the text cannot be interpreted now.
        """


class Agents(Protocol):
    """The voice agents in the rooms of the calls."""

    async def is_agent_missing(self, room_name: str) -> bool:
        """Return whether a guest is in a room and no voice agent.

        Raises:
            DependencyUnavailableError: it is not known who is in the room.
        """

    async def list_dispatches(self, room_name: str) -> list[str]:
        """Return the ids of the voice agent's dispatches to a room.

        Raises:
            DependencyUnavailableError: they are not known.
        """

    async def replace_agent(self, room_name: str, dispatches: list[str]) -> None:
        """Delete these dispatches of the voice agent and dispatch it to the room again.

        Raises:
            DependencyUnavailableError: it is not known whether the agent was dispatched.
        """


class Recorder(Protocol):
    """Records the audio of rooms."""

    async def start_recording(self, room_name: str, file: str) -> str:
        """Start to record a room into a file; return the id of the recording.

        Raises:
            DependencyUnavailableError: the room is gone, no recorder is free, or it is not known whether it records.
        """

    async def find_recording(self, room_name: str) -> str | None:
        """Return the id of the recording of a room that is running, or None.

        Raises:
            DependencyUnavailableError: it is not known.
        """

    async def stop_recording(self, recording_id: str) -> None:
        """Stop a recording; one that has ended or does not exist is not an error.

        Raises:
            DependencyUnavailableError: the recording may go on.
        """


@dataclass(frozen=True, slots=True)
class OpenRecording:
    """A recording that may be running.

    Args:
        file: the name of its file.
        call_id: the call.
        recording_id: the recorder's id, None if the recorder has not confirmed the start.
        is_new: whether no process has tried to start it yet.
    """

    file: str
    call_id: str
    recording_id: str | None = None
    is_new: bool = False


class RecordingArchive(Protocol):
    """Consents to recordings, and the recordings of all calls.

    Every method raises DatabaseUnavailableError, with which the event fails until the database works again.
    """

    async def save_consent(self, call: Call, *, granted: bool, at: datetime) -> None:
        """Store the caller's consent, its refusal or its withdrawal, unless a later one is stored."""

    async def is_consented(self, call: Call) -> bool:
        """Return whether the caller's latest answer is a consent."""

    async def delete_consent(self, call: Call) -> None:
        """Delete the caller's answers."""

    async def open(self, call: Call, file: str) -> OpenRecording | None:
        """Return the recording with this file, or one of the call that is not stopped; without any, store a new one.

        Return None if the caller's latest answer is no consent.
        """

    async def confirm_start(self, call: Call, file: str, recording_id: str) -> bool:
        """Store the recorder's id; return False if the recording was to be stopped, or the consent ended, meanwhile."""

    async def discard(self, file: str) -> None:
        """Mark a recording as to be stopped and deleted."""

    async def begin_stop(self, call: Call) -> list[OpenRecording]:
        """Mark the recordings of a call as to be stopped; return those that are not known to be stopped."""

    async def begin_stop_of_caller(
        self, pseudonym: str, hotel_ids: Sequence[str] | None
    ) -> list[OpenRecording]:
        """Do the same for all recordings of a caller at these hotels; None means all hotels."""

    async def confirm_stop(self, file: str) -> None:
        """Mark a recording as stopped."""


class Speech(Protocol):
    """Text to speech."""

    async def warm_cache(self, text: str, language: str, audio_format: str, hotel_id: str) -> None:
        """Begin to synthesize a text in a hotel's voice, and return when the agent's request for it gets audio at once.

        Raises:
            DependencyUnavailableError: the text cannot be synthesized.
        """


class CallRecords(Protocol):
    """Permanent records of ended calls."""

    async def save(self, call: Call) -> None:
        """Store or replace the record of a call that has ended.

        Raises:
            ServiceUnavailableError: the record cannot be written.
        """


class HotelAccess(Protocol):
    """The principal that sends an event."""

    def can_access_hotel(self, hotel_id: str) -> bool:
        """Return whether the principal is allowed to act for a hotel."""
