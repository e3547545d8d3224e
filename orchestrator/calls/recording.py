"""Recordings of calls, which need the caller's consent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orchestrator.calls.call import Call, livekit_room_name
from orchestrator.calls.ports import DependencyUnavailableError, OpenRecording, Recorder, RecordingArchive
from orchestrator.calls.repository import CallRepository

FILE_ID_CHARACTERS = 16
"""Of the id of the event with the consent: two recordings never have the same file."""


class CallRecordings:
    """Starts and stops the recordings of calls.

    A recording is stored before it is started and has a known file, so that it can be erased whatever fails after that.

    Args:
        recorder: records rooms.
        archive: stores consents and recordings.
        folder: the recorder's folder for the files; None if calls are not recorded.
        calls: show whether the caller's data was erased meanwhile.
    """

    def __init__(
        self, recorder: Recorder, archive: RecordingArchive, folder: str | None, calls: CallRepository
    ) -> None:
        self._recorder = recorder
        self._archive = archive
        self._folder = folder
        self._calls = calls

    @property
    def is_enabled(self) -> bool:
        """Whether this deployment records calls."""
        return self._folder is not None

    async def save_consent(self, call: Call, *, granted: bool, at: datetime) -> None:
        """Store the caller's consent, its refusal or its withdrawal, unless a later one is stored.

        Raises:
            DatabaseUnavailableError: it cannot be stored.
        """
        await self._archive.save_consent(call, granted=granted, at=at)
        # an erasure that came before has not found it
        if await self._is_erased(call):
            await self._archive.delete_consent(call)

    async def is_consented(self, call: Call) -> bool:
        """Return whether the caller's latest answer is a consent.

        Raises:
            DatabaseUnavailableError: the answers cannot be read.
        """
        return await self._archive.is_consented(call)

    async def start(self, call: Call, consent_event_id: str) -> bool:
        """Record a call once, if the caller's latest answer is a consent; return whether it is recorded.

        Raises:
            DependencyUnavailableError: the room is gone, no recorder is free, or it is not known whether it records.
            DatabaseUnavailableError: the recording cannot be stored; it was not started.
        """
        room_name = livekit_room_name(call.call_id)
        recording = await self._archive.open(call, f"{room_name}-{consent_event_id[:FILE_ID_CHARACTERS]}.ogg")
        if recording is None or recording.recording_id is not None:
            return recording is not None
        # an earlier attempt may have started it without a response
        recording_id = None if recording.is_new else await self._recorder.find_recording(room_name)
        # an erasure that came before the recording was stored has not found it
        if await self._is_erased(call):
            await self._archive.discard(recording.file)
        else:
            if recording_id is None:
                path = f"{self._folder}/{recording.file}"
                recording_id = await self._recorder.start_recording(room_name, path)
            if await self._archive.confirm_start(call, recording.file, recording_id):
                return True
        # the call has ended, the consent was withdrawn, or the caller's data erased, while the recording was started
        await self._stop(recording.file, recording_id)
        return False

    async def _is_erased(self, call: Call) -> bool:
        return (await self._calls.get(call.call_id)).is_anonymous

    async def stop(self, call: Call) -> None:
        """Stop all recordings of a call; those that are stopped already stay as they are.

        Raises:
            DependencyUnavailableError: a recording may go on until the room is closed.
            DatabaseUnavailableError: the recordings cannot be read.
        """
        await self._stop_all(await self._archive.begin_stop(call))

    async def stop_of_caller(self, pseudonym: str, hotel_ids: Sequence[str] | None) -> None:
        """Stop all recordings of a caller at these hotels; None means all hotels. Raise the same errors as `stop`."""
        await self._stop_all(await self._archive.begin_stop_of_caller(pseudonym, hotel_ids))

    async def _stop_all(self, recordings: list[OpenRecording]) -> None:
        failure: DependencyUnavailableError | None = None
        for recording in recordings:
            try:
                # without an id, the recorder may have started it without responding in time
                recording_id = recording.recording_id or await self._recorder.find_recording(
                    livekit_room_name(recording.call_id)
                )
                await self._stop(recording.file, recording_id)
            # the others are stopped all the same
            except DependencyUnavailableError as error:
                failure = error
        if failure:
            raise failure

    async def _stop(self, file: str, recording_id: str | None) -> None:
        if recording_id is not None:
            await self._recorder.stop_recording(recording_id)
        await self._archive.confirm_stop(file)
