"""The call flow's `Telephony` protocol on LiveKit."""

from __future__ import annotations

from orchestrator.calls.ports import TransferRejectedError
from orchestrator.telephony.sip_statuses import REASON_BY_SIP_CODE, SIP_ERROR_PREFIX
from orchestrator.telephony.vendor_errors import map_vendor_errors
from orchestrator.vendors.errors import NotFound, RequestRejected, VendorError
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.models import SIP_KIND

TRANSFER_REJECTIONS = {
    **REASON_BY_SIP_CODE,
    # no answer within the ringing time
    "deadline_exceeded": "no_answer",
    # the participant has left the room
    "not_found": "hung_up",
    # the participant has no SIP call
    "invalid_argument": "nobody_on_the_line",
}
"""The reason for clients by LiveKit's error code, as recorded of its SIP service."""


class LiveKitTelephony:
    """Opens and closes rooms, sends data into them and transfers callers.

    Args:
        client: LiveKit's client.
        agent_name: the voice agent that is dispatched to each room; an agent without a name joins by itself.
        transfer_client: another client, whose policy allows for the time that the telephone rings.
        ringing_seconds: how long the telephone of a transfer's destination rings.
    """

    def __init__(
        self, client: LiveKitClient, agent_name: str, transfer_client: LiveKitClient, ringing_seconds: int
    ) -> None:
        self._client = client
        self._agent_name = agent_name
        self._transfer_client = transfer_client
        self._ringing_seconds = ringing_seconds

    async def open_room(self, room_name: str, *, metadata: str) -> None:
        """Create a room and dispatch the voice agent to it; an existing room of this name is kept as it is."""
        # together with the room, because it costs no further request and a repeated one dispatches no second agent
        with map_vendor_errors():
            await self._client.create_room(room_name, metadata=metadata, agent=self._agent_name)

    async def close_room(self, room_name: str) -> None:
        """Close a room. LiveKit has already closed it if the last participant left."""
        with map_vendor_errors():
            try:
                await self._client.delete_room(room_name)
            except NotFound:
                return

    async def send_data(self, room_name: str, payload: bytes, *, topic: str) -> None:
        """Send a message to everyone in a room."""
        with map_vendor_errors():
            await self._client.send_data(room_name, payload, topic=topic)

    async def find_caller(self, room_name: str) -> str | None:
        """Return the SIP participant of a room, never the voice agent that is in the same room."""
        with map_vendor_errors():
            participants = (await self._client.list_participants(room_name)).participants
        callers = (participant for participant in participants if participant.kind == SIP_KIND)
        caller = next(callers, None)
        return caller.identity if caller else None

    async def transfer_caller(self, room_name: str, caller: str, destination: str) -> None:
        """Transfer a SIP participant, and wait until the destination answers."""
        with map_vendor_errors():
            try:
                await self._transfer_client.sip.transfer_sip_participant(
                    room_name, caller, destination, ringing_seconds=self._ringing_seconds
                )
            except VendorError as error:
                if _is_rejection(error):
                    code = error.code or "refused"
                    raise TransferRejectedError(TRANSFER_REJECTIONS.get(code, code)) from error
                raise


def _is_rejection(error: VendorError) -> bool:
    # a busy number is a 429 of LiveKit and a declined call a 403, so the class alone does not identify them
    return isinstance(error, NotFound | RequestRejected) or (error.code or "").startswith(SIP_ERROR_PREFIX)
