"""The end of a call: its recording is stopped, its room closed and its record written."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from orchestrator.calls.call import Call, livekit_room_name
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.event_response import end_response
from orchestrator.calls.events import InteractionType
from orchestrator.calls.journal import WARNINGS_STEP, EventJournal
from orchestrator.calls.ports import CallRecords, Telephony
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.observability.metrics import Metrics


class CallEnding:
    """Ends calls.

    Args:
        calls: the calls in the state store.
        records: the permanent records.
        telephony: closes rooms.
        recordings: stops recordings.
        metrics: counts ended calls.
    """

    def __init__(
        self,
        calls: CallRepository,
        records: CallRecords,
        telephony: Telephony,
        recordings: CallRecordings,
        metrics: Metrics,
    ) -> None:
        self._calls = calls
        self._records = records
        self._telephony = telephony
        self._recordings = recordings
        self._metrics = metrics

    async def end_call(
        self,
        call_id: str,
        ended_at: datetime,
        duration: float,
        journal: EventJournal | None = None,
        *,
        known: Call | None = None,
    ) -> dict[str, Any]:
        """End a call and return the response; a call that has ended stays as it is.

        Args:
            call_id: the call.
            ended_at: the end of the call.
            duration: in seconds.
            journal: the journal of the event whose client gets the response.
            known: its state as read before, which saves a read if it is still the latest.

        Raises:
            NotFoundError: no call has this id (yet).
            ServiceUnavailableError: the record cannot be written; the same end can be delivered again.
        """
        degradation = DegradationLog()
        # before anything else, so that no new interaction starts while the call ends
        call = await self._calls.update(
            call_id, lambda current: current.as_ending(ended_at, duration), known=known
        )
        # also true for a repeated delivery after the record could not be written
        if call.status == "ending":
            # also without a known room: LiveKit may have opened it without responding in time
            room_name = call.room_name or livekit_room_name(call_id)
            await self.stop_recording(call, degradation)
            # a failure does not prevent the record: LiveKit closes an empty room by itself
            closing = asyncio.create_task(degradation.run_or_degrade(self._telephony.close_room(room_name)))
            try:
                await self._records.save(call)
            finally:
                await closing
            if journal and (warnings := degradation.as_json()):
                # before the call has ended, after which a repeated delivery cannot find out what failed
                await journal.store(WARNINGS_STEP, warnings)
            call = await self.finish(call, is_saved=True)
        elif journal:
            degradation.restore(journal.outcome(WARNINGS_STEP) or [])
        return end_response(call, degradation)

    async def stop_recording(self, call: Call, degradation: DegradationLog) -> None:
        """Stop the recording of a call whose guest was asked for consent; it ends with the room if this fails.

        Raises:
            DatabaseUnavailableError: the recordings cannot be read.
        """
        # all other calls need no request to the database for it
        if call.has_interaction_type(InteractionType.RECORDING_CONSENT):
            await degradation.run_or_degrade(self._recordings.stop(call))

    async def finish(self, call: Call, *, is_saved: bool = False) -> Call:
        """Write the record of a call that is ending or has ended, and return the call.

        An interaction that started before the end may still add its outcome while the record is written. The record
        is therefore written again until it was made from the latest state.

        Args:
            call: its latest known state.
            is_saved: whether the record of this state is written already.

        Raises:
            ServiceUnavailableError: the record cannot be written.
        """
        while True:
            # before the status changes: a crash in between repeats the record, the other order would lose it
            if not is_saved:
                await self._records.save(call)
            is_saved = False
            if call.status == "ending":
                await self._calls.unregister(call.call_id)
            if await self._calls.mark_ended(call):
                break
            call = await self._calls.get(call.call_id)
        if call.status == "ending":
            # only the process that changed the status counts the call; concurrent ends do not count it again
            self._metrics.calls.labels("degraded" if call.warnings else "completed").inc()
            self._metrics.call_seconds.observe(call.duration or 0.0)
        return call.as_ended()
