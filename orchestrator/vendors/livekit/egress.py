"""Recordings of rooms."""

from __future__ import annotations

from orchestrator.vendors.livekit.models import EgressInfo, EgressList
from orchestrator.vendors.livekit.twirp import TwirpClient

SERVICE = "Egress"
ROOM_RECORD_GRANT = {"roomRecord": True}


class EgressClient:
    """LiveKit's egress, of which audio files of whole rooms are used."""

    def __init__(self, twirp: TwirpClient) -> None:
        self._twirp = twirp

    async def start_room_composite(self, room: str, file: str) -> EgressInfo:
        """Record a room's sound into a file at the server's storage.

        Raises:
            NotFound: there is no such room.
            VendorUnavailable: no recorder is free, after LiveKit's own 20 s (an earlier deadline is a VendorTimeout).
        """
        body = {
            "room_name": room,
            "audio_only": True,
            "file_outputs": [{"file_type": "OGG", "filepath": file}],
        }
        return await self._twirp.call_and_parse(
            EgressInfo, SERVICE, "StartRoomCompositeEgress", body, video=ROOM_RECORD_GRANT
        )

    async def list_egress(self, room: str) -> EgressList:
        """The recordings of a room; of an unknown room: none."""
        return await self._twirp.call_and_parse(
            EgressList, SERVICE, "ListEgress", {"room_name": room}, video=ROOM_RECORD_GRANT, idempotent=True
        )

    async def stop(self, recording_id: str) -> EgressInfo:
        """End a recording.

        Raises:
            NotFound: there is no such recording.
        """
        return await self._twirp.call_and_parse(
            EgressInfo, SERVICE, "StopEgress", {"egress_id": recording_id}, video=ROOM_RECORD_GRANT
        )
