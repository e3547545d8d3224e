"""The call flow's `Recorder` protocol on LiveKit's egress."""

from __future__ import annotations

from orchestrator.telephony.vendor_errors import map_vendor_errors
from orchestrator.vendors.errors import NotFound, RequestRejected
from orchestrator.vendors.livekit.client import LiveKitClient

RUNNING_STATUSES = frozenset({"EGRESS_STARTING", "EGRESS_ACTIVE"})


class LiveKitRecorder:
    """Records the audio of rooms."""

    def __init__(self, client: LiveKitClient) -> None:
        self._client = client

    async def start_recording(self, room_name: str, file: str) -> str:
        """Start to record a room into a file; return the egress's id."""
        with map_vendor_errors():
            return (await self._client.recordings.start_room_composite(room_name, file)).egress_id

    async def find_recording(self, room_name: str) -> str | None:
        """Return the id of the egress of a room that is running, or None."""
        with map_vendor_errors():
            items = (await self._client.recordings.list_egress(room_name)).items
        return next((item.egress_id for item in items if item.status in RUNNING_STATUSES), None)

    async def stop_recording(self, recording_id: str) -> None:
        """Stop an egress; one that has ended or does not exist is not an error."""
        with map_vendor_errors():
            try:
                await self._client.recordings.stop(recording_id)
            # 412: it has ended, for example because its room was closed
            except (NotFound, RequestRejected):
                return
