"""Where calls are kept while they live, and what was answered to each event."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from orchestrator.calls.call import Call
from orchestrator.errors import ConflictError, NotFoundError, ServiceUnavailableError
from orchestrator.state.store import StateStore, update_with_retry

CALL_TTL_SECONDS = 24 * 3600.0
"""Seconds a call is known that nobody ends."""
RESULT_TTL_SECONDS = 3600.0
"""Seconds an answer is kept for an event that is delivered again."""
IN_PROGRESS = "working"
LOCK_TTL_SECONDS = 30.0
"""Seconds after which an event is taken up again whose worker died."""
LOCK_WAIT_SECONDS = 10.0
LOCK_POLL_SECONDS = 0.01


class CallRepository:
    """Keeps calls.

    Args:
        store: where.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store

    async def create(self, call: Call) -> bool:
        """Keep a new call; False if there is one of this id."""
        return await self._store.compare_and_swap(
            _key(call.call_id), None, call.model_dump_json(), CALL_TTL_SECONDS
        )

    async def get(self, call_id: str) -> Call:
        """A call.

        Raises:
            NotFoundError: there is none (yet): its start may still come.
        """
        kept = await self._store.get(_key(call_id))
        if kept is None:
            raise NotFoundError("There is no such call.", retryable=True)
        return Call.model_validate_json(kept)

    async def update(self, call_id: str, change: Callable[[Call], Call]) -> Call:
        """Change a call, as if nobody else did at the same time.

        Raises:
            NotFoundError: there is none.
            ConflictError: it has ended.
        """

        def changed(kept: str | None) -> str:
            if kept is None:
                raise NotFoundError("There is no such call.", retryable=True)
            return change(require_active(Call.model_validate_json(kept))).model_dump_json()

        return Call.model_validate_json(
            await update_with_retry(self._store, _key(call_id), changed, CALL_TTL_SECONDS)
        )


def require_active(call: Call) -> Call:
    """The call, if it goes on.

    Raises:
        ConflictError: it has ended.
    """
    if call.status == "ended":
        raise ConflictError("The call has ended.")
    return call


class IdempotentExecutor:
    """Does a thing once, however often it is asked for, also at the same time.

    Args:
        store: remembers what was answered.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store

    async def run(self, key: str, work: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """The answer of `work`, or what it answered before. A failure is not kept: asked again, it is tried again.

        Raises:
            ServiceUnavailableError: somebody else is at it, and does not finish.
        """
        key = f"answered:{key}"
        ends = asyncio.get_running_loop().time() + LOCK_WAIT_SECONDS
        while not await self._store.compare_and_swap(key, None, IN_PROGRESS, LOCK_TTL_SECONDS):
            kept = await self._store.get(key)
            if kept not in (None, IN_PROGRESS):
                answer: dict[str, Any] = json.loads(str(kept))
                return answer
            if asyncio.get_running_loop().time() > ends:
                raise ServiceUnavailableError("The same event is being worked on.", retry_after=1)
            await asyncio.sleep(LOCK_POLL_SECONDS)
        try:
            answer = await work()
        except BaseException:
            await self._store.delete(key)
            raise
        await self._store.set(key, json.dumps(answer), RESULT_TTL_SECONDS)
        return answer


def _key(call_id: str) -> str:
    return f"call:{call_id}"
