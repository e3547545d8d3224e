"""Deletes call records, ordered calls and recordings after their retention period."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from orchestrator.observability import logging


class ExpiringStore(Protocol):
    """Stores records that are kept for a number of days."""

    async def delete_older_than(self, now: datetime, days: int) -> int:
        """Delete the records that are older and return their number."""


class RetentionTask:
    """Deletes records that are older than the retention period.

    Args:
        stores: what expires, such as the records of calls.
        retention_days: the retention period in days.
        interval: seconds between two deletions.

    Attributes:
        healthy: whether the latest deletion succeeded.
    """

    def __init__(
        self,
        stores: Sequence[ExpiringStore],
        retention_days: int,
        interval: float,
    ) -> None:
        self._stores = stores
        self._retention_days = retention_days
        self._interval = interval
        self.healthy = True

    async def run_forever(self) -> None:
        """Delete expired records now and at every interval, until cancelled; a failure is logged and tried again."""
        while True:
            try:
                deleted = await self._delete_expired()
            # whatever it is: a task that ended would never delete anything again
            except Exception as error:  # noqa: BLE001
                self.healthy = False
                logging.exception("retention_failed", error)
            else:
                self.healthy = True
                logging.info("retention_completed", deleted=deleted)
            await asyncio.sleep(self._interval)

    async def _delete_expired(self) -> int:
        now = datetime.now(UTC)
        return sum([await store.delete_older_than(now, self._retention_days) for store in self._stores])
