"""Background tasks that run as long as the service does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from orchestrator.observability import logging


class BackgroundTask(Protocol):
    """Something that runs as long as the service does."""

    async def run_forever(self) -> None:
        """Run until cancelled."""


RESTART_SECONDS = 1.0
"""The pause before a task is started again, so that one that fails at once does not keep the process busy."""


async def run_supervised(
    run: Callable[[], Awaitable[None]], restart_seconds: float = RESTART_SECONDS
) -> None:
    """Run a background task until cancelled; one that fails or returns is logged and started again.

    Args:
        run: the task, which should never end by itself.
        restart_seconds: the pause before it is started again.
    """
    while True:
        try:
            await run()
            logging.warning("background_task_ended")
        # whatever it is, a background task that has ended would not be noticed
        except Exception as error:  # noqa: BLE001
            logging.exception("background_task_failed", error)
        await asyncio.sleep(restart_seconds)
