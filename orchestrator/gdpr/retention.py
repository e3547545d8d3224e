"""Deletes call records after their retention period."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from orchestrator.observability import logging
from orchestrator.persistence.call_records import CallRecordRepository


class RetentionTask:
    """Deletes records that are older than the retention period.

    Args:
        call_records: the records of calls.
        retention_days: the retention period in days.
        interval: seconds between two deletions.

    Attributes:
        healthy: whether the latest deletion succeeded.
    """

    def __init__(
        self,
        call_records: CallRecordRepository,
        retention_days: int,
        interval: float,
    ) -> None:
        self._call_records = call_records
        self._retention_days = retention_days
        self._interval = interval
        self.healthy = True

    async def run_forever(self) -> None:
        """Delete expired records now and at every interval, until cancelled; a failure is logged and tried again."""
        while True:
            try:
                deleted = await self._call_records.delete_older_than(datetime.now(UTC), self._retention_days)
            # whatever it is: a task that ended would never delete anything again
            except Exception as error:  # noqa: BLE001
                self.healthy = False
                logging.exception("retention_failed", error)
            else:
                self.healthy = True
                logging.info("retention_completed", deleted=deleted)
            await asyncio.sleep(self._interval)
