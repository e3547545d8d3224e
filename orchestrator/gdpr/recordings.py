"""Deletion of recordings with their files: on request of the data subject, and after the retention period."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestrator.observability import logging
from orchestrator.persistence.recordings import RecordingRepository, StoredRecording
from orchestrator.persistence.tables import HotelIds

COMPLETION_TIME = timedelta(minutes=10)
"""How long LiveKit's egress worker may take to write a file after the recording was stopped."""
LONGEST_CALL = timedelta(days=1)
"""A recording that is older has ended, although it was not stopped: its room was closed."""


@dataclass(frozen=True, slots=True)
class RecordingDeletion:
    """How many recordings were deleted, and the files that could not be deleted yet."""

    deleted: int
    remaining: list[str]


class RecordingsRemainError(Exception):
    """Files of recordings that are due cannot be deleted."""


class RecordingErasure:
    """Deletes recordings. What could not be deleted is tried again with those whose retention period has ended.

    Args:
        recordings: where the recordings are stored.
        folder: the folder of the files; None if this deployment has none.
    """

    def __init__(self, recordings: RecordingRepository, folder: Path | None) -> None:
        self._recordings = recordings
        self._folder = folder

    async def erase(self, pseudonym: str, hotel_ids: HotelIds = None) -> RecordingDeletion:
        """Delete the recordings of a data subject at these hotels."""
        return await self._delete(await self._recordings.begin_erasure(pseudonym, hotel_ids))

    async def delete_older_than(self, now: datetime, days: int) -> int:
        """Delete the recordings that are older, and those whose erasure was not finished; return their number.

        Raises:
            RecordingsRemainError: some cannot be deleted; all others are.
        """
        deletion = await self._delete(await self._recordings.list_due(now, days))
        if deletion.remaining:
            raise RecordingsRemainError(f"{len(deletion.remaining)} recordings cannot be deleted")
        return deletion.deleted

    async def _delete(self, recordings: list[StoredRecording]) -> RecordingDeletion:
        remaining = []
        for recording in recordings:
            # a thread, because the folder may be on a network
            if await asyncio.to_thread(self._delete_file, recording):
                await self._recordings.delete(recording.file)
            else:
                remaining.append(recording.file)
        if remaining:
            # the names contain the ids of the calls, and nothing of the caller
            logging.warning("recordings_not_deleted", files=remaining)
        return RecordingDeletion(len(recordings) - len(remaining), remaining)

    def _delete_file(self, recording: StoredRecording) -> bool:
        """Delete the file of a recording; return whether there is none and none will be written."""
        if self._folder is None:
            return False
        now = datetime.now(UTC)
        ended_at = recording.stopped_at or recording.started_at + LONGEST_CALL
        try:
            (self._folder / recording.file).unlink()
        except FileNotFoundError:
            # without the folder, which may not be mounted, nothing is known about its files
            return self._folder.is_dir() and ended_at + COMPLETION_TIME < now
        except OSError as error:
            logging.exception("recording_not_deleted", error)
            return False
        return ended_at < now
