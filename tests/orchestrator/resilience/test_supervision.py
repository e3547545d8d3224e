"""Background tasks that end unexpectedly are started again."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from orchestrator.resilience.supervision import run_supervised


@pytest.mark.parametrize(
    ("failure", "event"),
    [(OverflowError("secret"), "background_task_failed"), (None, "background_task_ended")],
)
async def test_task_that_ends_is_logged_and_started_again(failure: Exception | None, event: str) -> None:
    """Whether it raised or returned; the message of the error is not logged."""
    starts = 0
    started_again = asyncio.Event()

    async def run() -> None:
        nonlocal starts
        starts += 1
        if starts > 1:
            started_again.set()
            await asyncio.Event().wait()
        if failure:
            raise failure

    with capture_logs() as logs:
        task = asyncio.create_task(run_supervised(run, restart_seconds=0.0))
        await started_again.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    assert (starts, [entry["event"] for entry in logs]) == (2, [event])
    assert "secret" not in str(logs)
