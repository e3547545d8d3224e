"""A recorder and an archive of recordings in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from orchestrator.calls.call import Call
from orchestrator.calls.ports import OpenRecording
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.state.store import StateStore


@dataclass
class RecorderInMemory:
    """Records which rooms are recorded into which files."""

    running: dict[str, str] = field(default_factory=dict)

    async def start_recording(self, room_name: str, file: str) -> str:
        """Record the room."""
        self.running[room_name] = file
        return f"EG_{room_name}"

    async def find_recording(self, room_name: str) -> str | None:
        """Return the recording of the room, if it is running."""
        return f"EG_{room_name}" if room_name in self.running else None

    async def stop_recording(self, recording_id: str) -> None:
        """Forget the room."""
        self.running.pop(recording_id.removeprefix("EG_"), None)


@dataclass
class ArchiveInMemory:
    """Consents by caller, and the recordings of calls by file with their status."""

    consents: dict[str, bool] = field(default_factory=dict)
    recordings: dict[str, OpenRecording] = field(default_factory=dict)
    stopping: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    discarded: set[str] = field(default_factory=set)

    async def save_consent(self, call: Call, *, granted: bool, at: datetime) -> None:
        """Store the consent."""
        assert at.tzinfo
        self.consents[call.caller_pseudonym] = granted

    async def is_consented(self, call: Call) -> bool:
        """Return the consent."""
        return self.consents.get(call.caller_pseudonym, False)

    async def delete_consent(self, call: Call) -> None:
        """Delete the consent."""
        del self.consents[call.caller_pseudonym]

    async def open(self, call: Call, file: str) -> OpenRecording | None:
        """Return the recording with this file, the open one of the call, or a new one, with the caller's consent."""
        if not self.consents.get(call.caller_pseudonym):
            return None
        if file in self.recordings:
            return self.recordings[file]
        for recording in self.recordings.values():
            if recording.file.startswith(f"call-{call.call_id}-") and recording.file not in self.stopping:
                return recording
        self.recordings[file] = OpenRecording(file, call.call_id)
        return OpenRecording(file, call.call_id, is_new=True)

    async def confirm_start(self, call: Call, file: str, recording_id: str) -> bool:
        """Store the id, unless the recording was to be stopped or the consent withdrawn."""
        self.recordings[file] = OpenRecording(file, call.call_id, recording_id)
        return file not in self.stopping and self.consents.get(call.caller_pseudonym, False)

    async def discard(self, file: str) -> None:
        """Note that the file is to be deleted."""
        self.discarded.add(file)

    async def begin_stop(self, call: Call) -> list[OpenRecording]:
        """Return the recordings of the call that are not stopped."""
        return self._begin_stop(f"call-{call.call_id}-")

    async def begin_stop_of_caller(
        self, pseudonym: str, hotel_ids: Sequence[str] | None
    ) -> list[OpenRecording]:
        """Return all recordings that are not stopped: there is one caller, at one hotel."""
        assert pseudonym
        assert hotel_ids is None
        return self._begin_stop("")

    def _begin_stop(self, prefix: str) -> list[OpenRecording]:
        files = [file for file in self.recordings if file.startswith(prefix) and file not in self.stopped]
        self.stopping |= set(files)
        return [self.recordings[file] for file in files]

    async def confirm_stop(self, file: str) -> None:
        """Note the end."""
        self.stopped.add(file)


def recordings_in_memory(store: StateStore) -> CallRecordings:
    """Return recordings that no test looks at."""
    return CallRecordings(RecorderInMemory(), ArchiveInMemory(), "/recordings", CallRepository(store))
