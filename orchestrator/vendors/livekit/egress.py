"""LiveKit's egress service, of which the orchestrator uses audio recordings of whole rooms."""

from __future__ import annotations

from orchestrator.vendors.livekit.models import EgressList, StartedEgress
from orchestrator.vendors.livekit.twirp import TwirpClient

SERVICE = "Egress"
ROOM_RECORD_GRANT = {"roomRecord": True}


class EgressClient:
    """Records rooms."""

    def __init__(self, twirp: TwirpClient) -> None:
        self._twirp = twirp

    async def start_room_composite(self, room: str, file: str) -> StartedEgress:
        """Record the audio of a room into a file in the server's storage, without a manifest beside it.

        Raises:
            NotFound: the room does not exist.
            VendorUnavailable: no egress worker is free; LiveKit reports this after 20 s.
            VendorTimeout: the policy's timeout is shorter than these 20 s.
        """
        body = {
            "room_name": room,
            "audio_only": True,
            # the manifest names the room and the file, and would not be deleted with the recording
            "file_outputs": [{"file_type": "OGG", "filepath": file, "disable_manifest": True}],
        }
        return await self._twirp.call_and_parse(
            StartedEgress, SERVICE, "StartRoomCompositeEgress", body, video=ROOM_RECORD_GRANT
        )

    async def list_egress(self, room: str) -> EgressList:
        """Return the recordings of a room, also those that have ended; an unknown room has none."""
        return await self._twirp.call_and_parse(
            EgressList, SERVICE, "ListEgress", {"room_name": room}, video=ROOM_RECORD_GRANT, idempotent=True
        )

    async def stop(self, egress_id: str) -> None:
        """Stop a recording.

        Raises:
            NotFound: the recording does not exist.
            RequestRejected: the recording has ended already (412).
        """
        await self._twirp.call(SERVICE, "StopEgress", {"egress_id": egress_id}, video=ROOM_RECORD_GRANT)
