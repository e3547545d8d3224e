"""Erasure of personal data from the calls in the state store, and from the stored responses to their events."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.calls.call import Call
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.event_response import without_personal_data
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.errors import NotFoundError


class CallErasure:
    """Removes personal data from calls and from the responses that are kept for redelivered events.

    Both stay without it: a call may go on, and a redelivered event that found no response would be handled again.

    Args:
        calls: the calls in the state store.
        idempotency: keeps the responses.
        recordings: stops the recordings of calls that go on.
    """

    def __init__(
        self, calls: CallRepository, idempotency: IdempotentExecutor, recordings: CallRecordings
    ) -> None:
        self._calls = calls
        self._idempotency = idempotency
        self._recordings = recordings

    async def erase(self, pseudonym: str, hotel_ids: Sequence[str] | None) -> None:
        """Remove the data of a caller from the calls of these hotels; None means all hotels.

        Raises:
            StoreUnavailableError: some calls may still contain it; the erasure can be repeated.
            DatabaseUnavailableError: the recordings of calls that go on cannot be read; likewise.
        """
        for call_id in await self._calls.ids_of_caller(pseudonym):
            try:
                call = await self._calls.get(call_id)
            # it has expired, and its responses before it
            except NotFoundError:
                continue
            if hotel_ids is None or call.hotel_id in hotel_ids:
                call = await self._calls.update(call_id, Call.as_anonymous)
                if call.status == "active":
                    # a failure is logged, and the file reported as not deleted yet
                    await DegradationLog().run_or_degrade(self._recordings.stop(call))
                for event_id in call.event_ids:
                    await self._idempotency.redact(event_id, without_personal_data)
