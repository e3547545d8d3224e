"""The calls in the state store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError

from orchestrator.calls.call import Call
from orchestrator.errors import ConflictError, NotFoundError
from orchestrator.state.store import StateStore, update_with_retry

CALL_TTL_SECONDS = 24 * 3600.0
"""The lifetime of a call without any further event."""
EARLY_END_TTL_SECONDS = 3600.0
"""How long the end of a room is remembered whose call has not started yet."""


class CallRepository:
    """Stores calls.

    Args:
        store: the state store, which all processes share.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store

    async def create(self, call: Call) -> bool:
        """Store a new call; return False if a call with this id exists."""
        return await self._store.compare_and_swap(
            _key(call.call_id), None, call.model_dump_json(), CALL_TTL_SECONDS
        )

    async def get(self, call_id: str) -> Call:
        """Return a call.

        Raises:
            NotFoundError: no call has this id; retryable, because its start may still arrive. Or the stored call cannot
                be read, which is not retryable.
        """
        return _parse(await self._store.get(_key(call_id)))

    async def update(self, call_id: str, change: Callable[[Call], Call]) -> Call:
        """Change a call atomically and return it; `change` runs again if another change came first.

        Raises:
            NotFoundError: no call has this id.
        """

        def apply(stored: str | None) -> str:
            return change(_parse(stored)).model_dump_json()

        return _parse(await update_with_retry(self._store, _key(call_id), apply, CALL_TTL_SECONDS))

    async def mark_ended(self, call: Call) -> bool:
        """Set the status to `ended`; return False, without an effect, if the call differs from `call` by now."""
        # the JSON of a model is stable, so equal text means an equal call
        return await self._store.compare_and_swap(
            _key(call.call_id), call.model_dump_json(), call.as_ended().model_dump_json(), CALL_TTL_SECONDS
        )

    async def remember_early_end(self, call_id: str, ended_at: datetime) -> None:
        """Remember that the room of a call was closed before the call has started."""
        await self._store.set(_early_end_key(call_id), ended_at.isoformat(), EARLY_END_TTL_SECONDS)

    async def find_early_end(self, call_id: str) -> datetime | None:
        """Return when the room of a call was closed before the call started, or None."""
        ended_at = await self._store.get(_early_end_key(call_id))
        return datetime.fromisoformat(ended_at) if ended_at else None


def require_active(call: Call) -> Call:
    """Return the call.

    Raises:
        ConflictError: the call is ending or has ended.
    """
    if call.status == "ending":
        raise ConflictError("The call is ending.")
    if call.status == "ended":
        raise ConflictError("The call has ended.")
    return call


def _parse(stored: str | None) -> Call:
    if stored is None:
        # events may overtake each other, so the start of the call may still arrive
        raise NotFoundError("No call has this id.", retryable=True)
    try:
        return Call.model_validate_json(stored)
    # another version of the service stored it with other fields
    except ValidationError:
        raise NotFoundError("No call has this id.") from None


def _key(call_id: str) -> str:
    return f"call:{call_id}"


def _early_end_key(call_id: str) -> str:
    return f"call-early-end:{call_id}"
