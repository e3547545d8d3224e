"""The task that deletes expired call records."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

import pytest

from orchestrator.gdpr.retention import RetentionTask
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.database import Database, DatabaseUnavailableError


class FailingRecords(CallRecordRepository):
    """Records whose first deletion fails.

    Args:
        failure: what the first deletion raises.
    """

    def __init__(self, failure: Exception) -> None:
        super().__init__(Database("sqlite+aiosqlite://"))
        self.failures = [failure]
        self.deletions: asyncio.Queue[int] = asyncio.Queue()

    async def delete_older_than(self, _now: datetime, days: int) -> int:
        """Count the deletion, or fail."""
        self.deletions.put_nowait(days)
        if self.failures:
            raise self.failures.pop()
        return 0


@pytest.mark.parametrize("failure", [DatabaseUnavailableError("away"), ValueError("unexpected")])
async def test_failed_deletion_is_reported_and_tried_again(failure: Exception) -> None:
    """Whatever it raised: the task goes on, and is healthy after the next deletion."""
    records = FailingRecords(failure)
    retention = RetentionTask([records], 90, interval=0.01)
    task = asyncio.create_task(retention.run_forever())

    await records.deletions.get()
    healthy = [retention.healthy]
    # the third deletion starts after the second has succeeded
    for _ in range(2):
        await records.deletions.get()
    healthy.append(retention.healthy)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert healthy == [False, True]
