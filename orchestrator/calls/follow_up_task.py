"""The background task that does follow-ups when they are due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from orchestrator.calls.follow_ups import CLAIM_SECONDS, FollowUp, FollowUpKind, FollowUpQueue
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.journal import EventJournal
from orchestrator.observability import logging
from orchestrator.observability.correlation import correlation_id
from orchestrator.state.store import StoreUnavailableError

MAX_CONCURRENT = 200
"""Follow-ups that one process does at the same time. Most of them wait for a telephone to be answered."""
RENEWALS_PER_CLAIM = 3
FollowUpHandler: TypeAlias = Callable[[FollowUp, EventJournal], Awaitable[dict[str, Any]]]


class FollowUpTask:
    """Claims follow-ups that are due and does them, several at the same time.

    One whose process has died is resumed by another process, after the last finished step of its journal.

    Args:
        queue: the follow-ups.
        executor: does each of them once.
        handlers: what each kind does.
        poll_interval: seconds between two looks for follow-ups that are due.
        drain_seconds: how long the end of the process waits for the follow-ups that are being done.
    """

    def __init__(
        self,
        queue: FollowUpQueue,
        executor: IdempotentExecutor,
        handlers: Mapping[FollowUpKind, FollowUpHandler],
        *,
        poll_interval: float,
        drain_seconds: float,
    ) -> None:
        self._queue = queue
        self._executor = executor
        self._handlers = handlers
        self._poll_interval = poll_interval
        self._drain_seconds = drain_seconds
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run_forever(self) -> None:
        """Do follow-ups until cancelled; then wait for those that are being done."""
        try:
            while True:
                await asyncio.sleep(self._poll_interval)
                try:
                    await self.start_due()
                # whatever it is: a task that ended would never do a follow-up again
                except Exception as error:  # noqa: BLE001
                    logging.exception("follow_ups_failed", error)
        finally:
            await self._drain()

    async def start_due(self) -> list[asyncio.Task[None]]:
        """Claim the follow-ups that are due and can be done at once; return the tasks that do them."""
        started = []
        for follow_up in await self._queue.list_due():
            if len(self._running) >= MAX_CONCURRENT:
                break
            if follow_up.key not in self._running and await self._queue.claim(follow_up):
                self._running[follow_up.key] = asyncio.create_task(self._do_logged(follow_up))
                started.append(self._running[follow_up.key])
        return started

    async def _do_logged(self, follow_up: FollowUp) -> None:
        # of this task only; its log lines and vendor requests have the id of the request that caused it
        correlation_id.set(follow_up.correlation_id)
        renewal = asyncio.create_task(self._renew_claim(follow_up))
        try:
            await self._do(follow_up)
        # it is claimed again when its claim has expired
        except Exception as error:  # noqa: BLE001
            logging.exception("follow_up_failed", error)
        finally:
            renewal.cancel()
            del self._running[follow_up.key]

    async def _do(self, follow_up: FollowUp) -> None:
        handler = self._handlers[follow_up.kind]

        async def work(journal: EventJournal) -> dict[str, Any]:
            return await handler(follow_up, journal)

        # the claim spares other processes the waiting; the executor's lease keeps a step from being taken twice
        await self._executor.run(f"follow-up:{follow_up.key}", work)
        await self._queue.remove(follow_up)

    async def _renew_claim(self, follow_up: FollowUp) -> None:
        while True:
            await asyncio.sleep(CLAIM_SECONDS / RENEWALS_PER_CLAIM)
            with suppress(StoreUnavailableError):
                await self._queue.renew_claim(follow_up)

    async def _drain(self) -> None:
        # a transfer that is cut off while the telephone rings leaves the guest without a word for some time
        if self._running:
            _, unfinished = await asyncio.wait(self._running.values(), timeout=self._drain_seconds)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
