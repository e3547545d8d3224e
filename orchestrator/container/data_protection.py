"""Builds what exports, erases and expires personal data."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.calls.erasure import CallErasure
from orchestrator.container.recordings import RecordingServices
from orchestrator.gdpr.recordings import RecordingErasure
from orchestrator.gdpr.retention import ExpiringStore, RetentionTask
from orchestrator.gdpr.service import GdprService
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.consents import ConsentRepository
from orchestrator.persistence.database import Database
from orchestrator.persistence.outbound_calls import OutboundCallRepository
from orchestrator.settings import Settings
from orchestrator.settings.storage import StorageSettings


def create_gdpr(
    settings: Settings,
    records: CallRecordRepository,
    database: Database,
    outbound_calls: OutboundCallRepository,
    recordings: RecordingServices,
    calls: CallErasure,
) -> GdprService:
    """Return the service that handles the requests of data subjects."""
    key = settings.security.pseudonymization_key.get_secret_value().encode()
    consents = ConsentRepository(database)
    return GdprService(
        records,
        consents,
        outbound_calls,
        recordings.repository,
        recordings.erasure,
        calls,
        recordings.call_recordings,
        key,
    )


def create_retention(
    storage: StorageSettings, stores: Sequence[ExpiringStore], recordings: RecordingErasure
) -> RetentionTask:
    """Return the task that deletes what has expired."""
    # recordings last: files that cannot be deleted must not keep the records
    return RetentionTask([*stores, recordings], storage.retention_days, storage.retention_interval_seconds)
