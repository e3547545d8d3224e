"""Admission control: how many requests are served at once, and who waits for how long."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self


class OverloadedError(Exception):
    """A request is rejected because too many are in progress; the message is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionLimits:
    """The limits of one process.

    Attributes:
        in_progress: requests served at the same time.
        in_progress_per_client: the same for one client. It is lower, so that one client's slow requests leave room.
        waiting: requests that wait for others to end.
        max_wait: seconds after which a waiting request is rejected.
    """

    in_progress: int
    in_progress_per_client: int
    waiting: int
    max_wait: float


class Place:
    """The place of one request among those in progress, which it can give back while it waits for its client.

    `async with` takes it, and releases it at the end.
    """

    def __init__(
        self, begin: Callable[[str], Awaitable[None]], end: Callable[[str], None], client: str
    ) -> None:
        self._begin = begin
        self._end = end
        self._client = client
        self._is_taken = False

    async def __aenter__(self) -> Self:
        await self.take()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release()

    async def take(self) -> None:
        """Take the place as soon as there is room.

        Raises:
            OverloadedError: there was none in time, or too many requests wait.
        """
        await self._begin(self._client)
        self._is_taken = True

    def release(self) -> None:
        """Give the place to another request, unless it was given back already."""
        if self._is_taken:
            self._is_taken = False
            self._end(self._client)


class AdmissionController:
    """Admits requests up to the limits; the others wait, then are rejected.

    It is fair between clients: they take turns when a request ends, and when the queue is full, the client that waits
    with most requests loses one.
    """

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._in_progress: Counter[str] = Counter()
        # in the order of turns; a client without waiting requests has no entry
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    def in_progress(self) -> int:
        """Return the number of requests in progress."""
        return self._in_progress.total()

    def waiting(self) -> int:
        """Return the number of waiting requests."""
        return sum(map(len, self._queues.values()))

    def admit(self, client: str) -> Place:
        """Return the place of one request of a client; its block runs as soon as there is room.

        Entering the block raises OverloadedError: there was none in time, or too many requests wait.
        """
        return Place(self._begin, self._end, client)

    async def _begin(self, client: str) -> None:
        if self._has_room(client):
            self._in_progress[client] += 1
        else:
            await self._wait_for_turn(client)

    def _has_room(self, client: str) -> bool:
        return (
            self.in_progress() < self._limits.in_progress
            and self._in_progress[client] < self._limits.in_progress_per_client
        )

    async def _wait_for_turn(self, client: str) -> None:
        if self.waiting() >= self._limits.waiting:
            self._make_room_in_queue(client)
        turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(client, deque()).append(turn)
        try:
            await asyncio.wait([turn], timeout=self._limits.max_wait)
        except asyncio.CancelledError:
            # the turn may have come at the same moment
            if not self._leave_queue(client, turn) and turn.exception() is None:
                self._end(client)
            raise
        if self._leave_queue(client, turn):
            raise OverloadedError("waited too long")
        turn.result()

    def _make_room_in_queue(self, client: str) -> None:
        """Reject the latest request of the client that waits with most.

        Raises:
            OverloadedError: no other client waits with more requests than this one would.
        """
        longest = max(self._queues, key=lambda name: len(self._queues[name]), default=client)
        if len(self._queues.get(longest, ())) <= len(self._queues.get(client, ())) + 1:
            raise OverloadedError("queue full")
        turn = self._queues[longest][-1]
        self._leave_queue(longest, turn)
        turn.set_exception(OverloadedError("queue full"))

    def _leave_queue(self, client: str, turn: asyncio.Future[None]) -> bool:
        """Remove a waiting request. Return whether it was still waiting."""
        queue = self._queues.get(client)
        if queue is None or turn not in queue:
            return False
        queue.remove(turn)
        if not queue:
            del self._queues[client]
        return True

    def _end(self, client: str) -> None:
        """Count a request as ended and give its place to the client whose turn it is."""
        self._in_progress[client] -= 1
        if not self._in_progress[client]:
            del self._in_progress[client]
        for name in [*self._queues]:
            if not self._has_room(name):
                continue
            queue = self._queues.pop(name)
            queue.popleft().set_result(None)
            self._in_progress[name] += 1
            # to the end of the order of turns
            if queue:
                self._queues[name] = queue
            return
