"""Recordings of rooms."""

from __future__ import annotations

from orchestrator.vendors.livekit.models import Recording, RecordingList
from orchestrator.vendors.livekit.twirp import Twirp

SERVICE = "Egress"
RECORD = {"roomRecord": True}


class Recordings:
    """LiveKit's egress, of which audio files of whole rooms are used."""

    def __init__(self, twirp: Twirp) -> None:
        self._twirp = twirp

    async def start(self, room: str, file: str) -> Recording:
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
        return await self._twirp.read(Recording, SERVICE, "StartRoomCompositeEgress", body, video=RECORD)

    async def of_room(self, room: str) -> RecordingList:
        """The recordings of a room; of an unknown room: none."""
        return await self._twirp.read(
            RecordingList, SERVICE, "ListEgress", {"room_name": room}, video=RECORD, idempotent=True
        )

    async def stop(self, recording_id: str) -> Recording:
        """End a recording.

        Raises:
            NotFound: there is no such recording.
        """
        return await self._twirp.read(
            Recording, SERVICE, "StopEgress", {"egress_id": recording_id}, video=RECORD
        )
