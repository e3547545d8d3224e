"""Where calls are kept while they live, and what was answered to each event."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from orchestrator.calls.state import Call
from orchestrator.errors import ConflictError, ServiceUnavailableError, UnknownError
from orchestrator.keyvalue import KeyValue, update

CALL_LIFE = 24 * 3600.0
"""Seconds a call is known that nobody ends."""
ANSWER_LIFE = 3600.0
"""Seconds an answer is kept for an event that is delivered again."""
WORKING = "working"
WORKING_LIFE = 30.0
"""Seconds after which an event is taken up again whose worker died."""
PATIENCE = 10.0
POLL = 0.01


class Calls:
    """Keeps calls.

    Args:
        store: where.
    """

    def __init__(self, store: KeyValue) -> None:
        self._store = store

    async def begin(self, call: Call) -> bool:
        """Keep a new call; False if there is one of this id."""
        return await self._store.swap(_key(call.call_id), None, call.model_dump_json(), CALL_LIFE)

    async def get(self, call_id: str) -> Call:
        """A call.

        Raises:
            UnknownError: there is none (yet): its start may still come.
        """
        kept = await self._store.get(_key(call_id))
        if kept is None:
            raise UnknownError("There is no such call.", retryable=True)
        return Call.model_validate_json(kept)

    async def change(self, call_id: str, change: Callable[[Call], Call]) -> Call:
        """Change a call, as if nobody else did at the same time.

        Raises:
            UnknownError: there is none.
            ConflictError: it has ended.
        """

        def changed(kept: str | None) -> str:
            if kept is None:
                raise UnknownError("There is no such call.", retryable=True)
            return change(active(Call.model_validate_json(kept))).model_dump_json()

        return Call.model_validate_json(await update(self._store, _key(call_id), changed, CALL_LIFE))


def active(call: Call) -> Call:
    """The call, if it goes on.

    Raises:
        ConflictError: it has ended.
    """
    if call.phase == "ended":
        raise ConflictError("The call has ended.")
    return call


class Once:
    """Does a thing once, however often it is asked for, also at the same time.

    Args:
        store: remembers what was answered.
    """

    def __init__(self, store: KeyValue) -> None:
        self._store = store

    async def run(self, name: str, work: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """The answer of `work`, or what it answered before. A failure is not kept: asked again, it is tried again.

        Raises:
            ServiceUnavailableError: somebody else is at it, and does not finish.
        """
        key = f"answered:{name}"
        ends = asyncio.get_running_loop().time() + PATIENCE
        while not await self._store.swap(key, None, WORKING, WORKING_LIFE):
            kept = await self._store.get(key)
            if kept not in (None, WORKING):
                answer: dict[str, Any] = json.loads(str(kept))
                return answer
            if asyncio.get_running_loop().time() > ends:
                raise ServiceUnavailableError("The same event is being worked on.", retry_after=1)
            await asyncio.sleep(POLL)
        try:
            answer = await work()
        except BaseException:
            await self._store.delete(key)
            raise
        await self._store.put(key, json.dumps(answer), ANSWER_LIFE)
        return answer


def _key(call_id: str) -> str:
    return f"call:{call_id}"
