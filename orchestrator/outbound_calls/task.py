"""The background task that places calls at their time."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from orchestrator.observability import logging
from orchestrator.observability.correlation import correlation_id
from orchestrator.outbound_calls.model import OutboundCall
from orchestrator.persistence.outbound_calls import OutboundCallRepository


class OutboundCallTask:
    """Claims calls that are due and places them, several at the same time.

    Args:
        calls: the stored calls.
        place: places one claimed call.
        lease: how long a process has a claimed call to itself.
        poll_interval: seconds between two looks for calls that are due.
        max_concurrent: calls that this process places at the same time.
        drain_seconds: how long the end of the process waits for the calls that are being placed.
    """

    def __init__(
        self,
        calls: OutboundCallRepository,
        place: Callable[[OutboundCall], Awaitable[None]],
        *,
        lease: timedelta,
        poll_interval: float,
        max_concurrent: int,
        drain_seconds: float,
    ) -> None:
        self._calls = calls
        self._place = place
        self._lease = lease
        self._poll_interval = poll_interval
        self._max_concurrent = max_concurrent
        self._drain_seconds = drain_seconds
        self._placing: set[asyncio.Task[None]] = set()

    async def run_forever(self) -> None:
        """Place calls until cancelled; then wait for those that are being placed."""
        try:
            while True:
                # first, so that a process that starts serves requests before it opens a second connection
                await asyncio.sleep(self._poll_interval)
                try:
                    await self.claim_and_place()
                # whatever it is: a task that ended would never place a call again
                except Exception as error:  # noqa: BLE001
                    logging.exception("outbound_calls_failed", error)
        finally:
            await self._drain()

    async def claim_and_place(self) -> None:
        """Claim as many due calls as can be placed at once, and start to place them."""
        free = self._max_concurrent - len(self._placing)
        now = datetime.now(UTC)
        if free <= 0 or not await self._calls.has_due(now):
            return
        for call in await self._calls.claim_due(now, now + self._lease, uuid.uuid4().hex, free):
            task = asyncio.create_task(self._place_logged(call))
            self._placing.add(task)
            task.add_done_callback(self._placing.discard)

    async def _place_logged(self, call: OutboundCall) -> None:
        # of this task only; the requests to vendors and the log lines of one call have its id in common
        correlation_id.set(call.call_id)
        try:
            await self._place(call)
        # the call is claimed again when its lease has expired
        except Exception as error:  # noqa: BLE001
            logging.exception("outbound_call_failed", error)

    async def _drain(self) -> None:
        # of a call that is cut off while the telephone rings it is not known whether it was answered
        if self._placing:
            _, unfinished = await asyncio.wait(self._placing, timeout=self._drain_seconds)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
