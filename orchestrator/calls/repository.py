"""The calls in the state store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from orchestrator.calls.call import MAX_INTERACTIONS, Call
from orchestrator.errors import ConflictError, NotFoundError, ServiceUnavailableError
from orchestrator.state.store import ConcurrentUpdateError, StateStore, update_with_retry

CALL_TTL_SECONDS = 24 * 3600.0
"""The lifetime of a call without any further event."""
ACTIVE_TTL_SECONDS = 2 * CALL_TTL_SECONDS
"""The lifetime of the set of one day's active calls: the calls that start at its end are counted for another day."""
EARLY_END_TTL_SECONDS = 3600.0
"""How long the end of a room is remembered whose call has not started yet."""
CLAIM_TTL_SECONDS = 3600.0
"""How long the id of a call is reserved for the event that starts it."""
CLAIM_PREFIX = "starting:"


class CallRepository:
    """Stores calls.

    Args:
        store: the state store, which all processes share.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store

    async def claim(self, call_id: str, event_id: str) -> Call | None:
        """Reserve an id for the event that starts the call; return the call if this event has started it before.

        Raises:
            ConflictError: another event has reserved the id or started the call.
        """
        key, claim = _key(call_id), _claim(event_id)
        if await self._store.compare_and_swap(key, None, claim, CLAIM_TTL_SECONDS):
            return None
        stored = await self._store.get(key)
        if stored == claim:
            return None
        return _require_started_by(event_id, stored)

    async def create(self, call: Call) -> Call:
        """Store a new call whose id is reserved for its start; return it, or the call if it is stored already.

        Raises:
            ConflictError: another event has reserved the id or started the call.
        """
        key, claim = _key(call.call_id), _claim(call.start_event_id)
        if await self._store.compare_and_swap(key, claim, call.model_dump_json(), CALL_TTL_SECONDS):
            return call
        return _require_started_by(call.start_event_id, await self._store.get(key))

    async def register(self, call_id: str, pseudonym: str) -> None:
        """Add a call to the active ones and to those of its caller."""
        active, of_caller = _active_key(datetime.now(UTC)), _caller_key(pseudonym)
        await self._store.set_add(call_id, {active: ACTIVE_TTL_SECONDS, of_caller: CALL_TTL_SECONDS})

    async def unregister(self, call_id: str) -> None:
        """Remove a call from the active ones."""
        await self._store.set_remove(call_id, *_active_keys())

    async def count_active(self) -> int:
        """Return how many calls have started and not ended."""
        members = await asyncio.gather(*(self._store.set_members(key) for key in _active_keys()))
        return len(frozenset().union(*members))

    async def ids_of_caller(self, pseudonym: str) -> frozenset[str]:
        """Return the ids of a caller's calls that may still be stored."""
        return await self._store.set_members(_caller_key(pseudonym))

    async def get(self, call_id: str) -> Call:
        """Return a call.

        Raises:
            NotFoundError: no call has this id; retryable, because its start may still arrive. Or the stored call cannot
                be read, which is not retryable.
        """
        return _parse(await self._store.get(_key(call_id)))

    async def update(
        self, call_id: str, change: Callable[[Call], Call], *, known: Call | None = None
    ) -> Call:
        """Change a call atomically and return it; `change` runs again if another change came first.

        Args:
            call_id: the call.
            change: returns the changed call.
            known: its state as read before, which saves a read if it is still the latest.

        Raises:
            NotFoundError: no call has this id.
            ServiceUnavailableError: too many other changes came first.
        """

        def apply(stored: str | None) -> str:
            return change(_parse(stored)).model_dump_json()

        # the JSON of a model is stable, so equal text means an equal call
        text = known.model_dump_json() if known else None
        try:
            return _parse(
                await update_with_retry(self._store, _key(call_id), apply, CALL_TTL_SECONDS, known=text)
            )
        except ConcurrentUpdateError as error:
            raise ServiceUnavailableError(
                "Too many events of the call at once. Try again later.", retry_after=1
            ) from error

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
        return _parse_time(await self._store.get(_early_end_key(call_id)))

    async def get_with_early_end(self, call_id: str) -> tuple[Call, datetime | None]:
        """Return a call and its `find_early_end`, both as of the same moment.

        Raises:
            NotFoundError: no call has this id.
        """
        call, ended_at = await self._store.get_all(_key(call_id), _early_end_key(call_id))
        return _parse(call), _parse_time(ended_at)


def require_accepting_interactions(call: Call) -> None:
    """Check that a call accepts another interaction.

    Raises:
        ConflictError: the call is ending or has ended, or has `MAX_INTERACTIONS` already.
    """
    if call.status == "ending":
        raise ConflictError("The call is ending.")
    if call.status == "ended":
        raise ConflictError("The call has ended.")
    if len(call.interactions) >= MAX_INTERACTIONS:
        raise ConflictError(
            f"A call has at most {MAX_INTERACTIONS} interactions; end it and start another one."
        )


def _require_started_by(event_id: str, stored: str | None) -> Call:
    try:
        call = _parse(stored)
    # the id is reserved, or the stored call cannot be read
    except NotFoundError:
        call = None
    if call is None or call.start_event_id != event_id:
        raise ConflictError("A call with this id already exists.")
    return call


def _parse(stored: str | None) -> Call:
    if stored is None or stored.startswith(CLAIM_PREFIX):
        # events may overtake each other, so the start of the call may still arrive
        raise NotFoundError("No call has this id.", retryable=True)
    try:
        return Call.model_validate_json(stored)
    # another version of the service stored it with other fields
    except ValidationError:
        raise NotFoundError("No call has this id.") from None


def _parse_time(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


def _claim(event_id: str) -> str:
    return f"{CLAIM_PREFIX}{event_id}"


def _active_keys() -> tuple[str, str]:
    now = datetime.now(UTC)
    return _active_key(now), _active_key(now - timedelta(days=1))


def _active_key(time: datetime) -> str:
    # a set for each day, so that a call whose end never arrives is not counted for ever
    return f"calls-active:{time.date().isoformat()}"


def _caller_key(pseudonym: str) -> str:
    return f"calls-of:{pseudonym}"


def _key(call_id: str) -> str:
    return f"call:{call_id}"


def _early_end_key(call_id: str) -> str:
    return f"call-early-end:{call_id}"
