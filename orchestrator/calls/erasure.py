"""Erasure of personal data from the stored responses to call events."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.calls.event_response import without_personal_data
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.repository import CallRepository
from orchestrator.errors import NotFoundError


class ResponseErasure:
    """Removes personal data from the responses that are kept for redelivered events.

    The responses stay without it: a redelivered event that found none would be handled again.

    Args:
        calls: the calls in the state store.
        idempotency: keeps the responses.
    """

    def __init__(self, calls: CallRepository, idempotency: IdempotentExecutor) -> None:
        self._calls = calls
        self._idempotency = idempotency

    async def erase(self, pseudonym: str, hotel_ids: Sequence[str] | None) -> None:
        """Remove the data of a caller from the responses of these hotels; None means all hotels.

        Raises:
            StoreUnavailableError: some responses may still contain it; the erasure can be repeated.
        """
        for call_id in await self._calls.ids_of_caller(pseudonym):
            try:
                call = await self._calls.get(call_id)
            # it has expired, and its responses before it
            except NotFoundError:
                continue
            if hotel_ids is None or call.hotel_id in hotel_ids:
                for event_id in call.event_ids:
                    await self._idempotency.redact(event_id, without_personal_data)
