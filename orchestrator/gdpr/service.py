"""The rights of data subjects: consent, export and erasure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator.calls.erasure import CallErasure
from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.calls.recording import CallRecordings
from orchestrator.errors import ServiceUnavailableError
from orchestrator.gdpr.pseudonyms import pseudonymize
from orchestrator.gdpr.recordings import RecordingErasure
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.consents import ConsentRepository
from orchestrator.persistence.outbound_calls import OutboundCallRepository
from orchestrator.persistence.recordings import RECORDING_PURPOSE, RecordingRepository
from orchestrator.persistence.tables import HotelIds


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """The numbers of erased rows, and the files of recordings that could not be deleted yet."""

    call_records: int
    consents: int
    outbound_calls: int
    recordings: int
    remaining_recordings: list[str]


@dataclass(frozen=True, slots=True)
class DataExport:
    """All personal data of a data subject."""

    calls: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    outbound_calls: list[dict[str, Any]]
    recordings: list[dict[str, Any]]


class GdprService:
    """Handles the requests of data subjects, who are identified by the pseudonym of their phone number.

    Args:
        call_records: the permanent records of calls.
        consents: the consents.
        outbound_calls: the ordered calls.
        recordings: the recordings of calls.
        recording_erasure: deletes recordings with their files.
        calls: erases what the state store keeps of calls, and stops their recordings.
        call_recordings: stops recordings whose consent is withdrawn.
        key: the key of the pseudonyms.
    """

    def __init__(
        self,
        call_records: CallRecordRepository,
        consents: ConsentRepository,
        outbound_calls: OutboundCallRepository,
        recordings: RecordingRepository,
        recording_erasure: RecordingErasure,
        calls: CallErasure,
        call_recordings: CallRecordings,
        key: bytes,
    ) -> None:
        self._call_records = call_records
        self._consents = consents
        self._outbound_calls = outbound_calls
        self._recordings = recordings
        self._recording_erasure = recording_erasure
        self._calls = calls
        self._call_recordings = call_recordings
        self._key = key

    def pseudonym(self, phone_number: str) -> str:
        """Return the pseudonym of a phone number (E.164)."""
        return pseudonymize(phone_number, self._key)

    async def record_consent(
        self, pseudonym: str, purpose: str, *, granted: bool, at: datetime, hotel_ids: HotelIds = None
    ) -> None:
        """Store a consent or its withdrawal for these hotels; it replaces the previous one for this purpose.

        A withdrawal of the consent to recordings stops those that are running.

        Raises:
            ServiceUnavailableError: a recording may go on; the withdrawal is stored and can be repeated.
        """
        await self._consents.save(pseudonym, purpose, granted=granted, at=at, hotel_ids=hotel_ids)
        if purpose == RECORDING_PURPOSE and not granted:
            try:
                await self._call_recordings.stop_of_caller(pseudonym, hotel_ids)
            except DependencyUnavailableError as error:
                raise ServiceUnavailableError(
                    "The withdrawal is stored, but a recording may go on. Try again later.", retry_after=1
                ) from error

    async def export(self, pseudonym: str, hotel_ids: HotelIds = None) -> DataExport:
        """Return the data of a data subject at these hotels."""
        return DataExport(
            await self._call_records.list_for(pseudonym, hotel_ids),
            await self._consents.list_for(pseudonym, hotel_ids),
            await self._outbound_calls.list_for(pseudonym, hotel_ids),
            await self._recordings.list_for(pseudonym, hotel_ids),
        )

    async def erase(self, pseudonym: str, hotel_ids: HotelIds = None) -> ErasureResult:
        """Delete the data of a data subject at these hotels. It can be repeated after a failure in between."""
        # first, because a call whose end is being handled would write its record again
        await self._calls.erase(pseudonym, hotel_ids)
        recordings = await self._recording_erasure.erase(pseudonym, hotel_ids)
        return ErasureResult(
            await self._call_records.delete_for(pseudonym, hotel_ids),
            await self._consents.delete_for(pseudonym, hotel_ids),
            await self._outbound_calls.delete_for(pseudonym, hotel_ids),
            recordings.deleted,
            recordings.remaining,
        )
