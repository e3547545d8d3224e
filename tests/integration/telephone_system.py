"""A telephone system that runs many calls at once and delivers each event again until it is acknowledged."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

REDELIVERY_SECONDS = 0.1
"""Pause before an event is delivered again, as telephone systems make it."""
START_INTERVAL_SECONDS = 0.05

Event = Mapping[str, Any]


@dataclass
class PlacedCall:
    """A call and what the service acknowledged of it.

    Attributes:
        events: all its events, in order.
        acknowledged: the responses to the first events, in order; the rest is not acknowledged yet.
        delivered: how many events were sent at least once.
        is_disturbed: whether a delivery failed.
        rejected: the event that was rejected and the status, if any; the call ended with it.
    """

    events: Sequence[Event]
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    delivered: int = 0
    is_disturbed: bool = False
    rejected: str | None = None

    @property
    def call_id(self) -> str:
        """The id of the call."""
        return str(self.events[0]["call_id"])

    @property
    def is_complete(self) -> bool:
        """Whether the end of the call is acknowledged."""
        return len(self.acknowledged) == len(self.events)

    @property
    def is_running(self) -> bool:
        """Whether the next event is still being delivered."""
        return not self.is_complete and self.rejected is None


class TelephoneSystem:
    """Places calls and delivers their events.

    Args:
        http: a client of the service, with credentials.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.calls: list[PlacedCall] = []
        self.statuses: Counter[int] = Counter()
        """Responses by status; 0 counts connections that failed."""

    @property
    def complete(self) -> list[PlacedCall]:
        """The calls whose end is acknowledged."""
        return [call for call in self.calls if call.is_complete]

    async def run_call(self, events: Sequence[Event]) -> PlacedCall:
        """Deliver all events of a call in order, until the last one is acknowledged or one is rejected."""
        call = PlacedCall(events)
        self.calls.append(call)
        for event in events:
            call.delivered += 1
            response = await self._deliver(call, event)
            if response is None:
                break
            call.acknowledged.append(response)
        return call

    async def _deliver(self, call: PlacedCall, event: Event) -> dict[str, Any] | None:
        """Return the response that acknowledges an event, or None if the event is rejected."""
        while True:
            response = await self._post(event)
            if response is not None and response.status_code == 200:
                body: dict[str, Any] = response.json()
                return body
            call.is_disturbed = True
            if response is not None and not response.json()["error"]["retryable"]:
                call.rejected = f"{event['event']}: {response.status_code}"
                return None
            await asyncio.sleep(REDELIVERY_SECONDS)

    async def _post(self, event: Event) -> httpx.Response | None:
        try:
            response = await self._http.post("/webhook/call-event", json=dict(event))
        except httpx.TransportError:
            self.statuses[0] += 1
            return None
        self.statuses[response.status_code] += 1
        return response


@dataclass
class Load:
    """Keeps calls coming for as long as a block runs.

    Args:
        telephone: places the calls.
        new_call: returns the events of another call.
        undisturbed: how many calls run at once of which no delivery has failed; calls that wait for a recovery do not
            count, because guests keep calling during an outage.
        waiting: the most calls that wait for a recovery at once.
        patience: seconds that calls which still run at the end may take; after that their events are not delivered
            again.
    """

    telephone: TelephoneSystem
    new_call: Callable[[], Sequence[Event]]
    undisturbed: int = 4
    waiting: int = 40
    patience: float = 60.0
    _running: set[asyncio.Task[PlacedCall]] = field(default_factory=set)
    _placing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._placing = asyncio.create_task(self._place_calls())
        return self

    async def __aexit__(self, error_type: type[BaseException] | None, *_error: object) -> None:
        if self._placing:
            self._placing.cancel()
            await asyncio.gather(self._placing, return_exceptions=True)
        if self._running:
            # after Ctrl-C or an error nobody waits for the calls
            patience = 0.0 if error_type else self.patience
            _done, unfinished = await asyncio.wait(self._running, timeout=patience)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    async def _place_calls(self) -> None:
        while True:
            running = [call for call in self.telephone.calls if call.is_running]
            disturbed = sum(call.is_disturbed for call in running)
            if len(running) - disturbed < self.undisturbed and disturbed < self.waiting:
                task = asyncio.create_task(self.telephone.run_call(self.new_call()))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            await asyncio.sleep(START_INTERVAL_SECONDS)
