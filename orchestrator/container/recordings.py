"""Builds what records calls and deletes recordings."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.calls.ports import Recorder
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.gdpr.recordings import RecordingErasure
from orchestrator.persistence.database import Database
from orchestrator.persistence.recordings import RecordingRepository
from orchestrator.settings.storage import StorageSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingServices:
    """Where recordings are stored, and what starts, stops and deletes them."""

    repository: RecordingRepository
    call_recordings: CallRecordings
    erasure: RecordingErasure


def create_recordings(
    storage: StorageSettings, recorder: Recorder, database: Database, calls: CallRepository
) -> RecordingServices:
    """Return the services of recordings; without RECORDINGS_FOLDER no call is recorded."""
    repository = RecordingRepository(database)
    return RecordingServices(
        repository=repository,
        call_recordings=CallRecordings(recorder, repository, storage.recorder_folder, calls),
        erasure=RecordingErasure(repository, storage.recordings_folder),
    )
