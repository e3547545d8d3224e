"""The services the call flow depends on, as protocols, and the errors that their adapters raise."""

from __future__ import annotations

from typing import Protocol

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
        """Create a room; an existing room of this name is kept.

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
        """Transfer the caller to another number.

        Args:
            room_name: the room of the call.
            caller: the caller's identity, from `find_caller`.
            destination: a `tel:` or SIP URI.

        Raises:
            TransferRejectedError: the caller has left, or the destination does not take the call.
            DependencyUnavailableError: it is not known whether the caller was transferred.
        """


class Speech(Protocol):
    """Text to speech."""

    async def warm_cache(self, text: str, language: str, audio_format: str) -> None:
        """Synthesize a text, so that the audio is ready when the agent requests it.

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
