"""Deletes call records after their retention period."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from orchestrator.observability import logging
from orchestrator.persistence.call_records import CallRecordRepository

RETENTION_INTERVAL_SECONDS = 3600.0
"""Hourly: the retention period is counted in days, so an hour more or less does not matter."""


class RetentionTask:
    """Deletes records that are older than the retention period.

    Args:
        call_records: the records of calls.
        retention_days: the retention period in days.
    """

    def __init__(self, call_records: CallRecordRepository, retention_days: int) -> None:
        self._call_records = call_records
        self._retention_days = retention_days

    async def run_forever(self) -> None:
        """Delete expired records now and every hour, until cancelled; a failure is logged and tried again."""
        while True:
            try:
                deleted = await self._call_records.delete_older_than(datetime.now(UTC), self._retention_days)
            # asyncpg raises OSError while PostgreSQL cannot be reached
            except (SQLAlchemyError, OSError) as error:
                logging.exception("retention_failed", error)
            else:
                logging.info("retention_completed", deleted=deleted)
            await asyncio.sleep(RETENTION_INTERVAL_SECONDS)
