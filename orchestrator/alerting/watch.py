"""Watches one condition and publishes an alert whenever it begins or ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from orchestrator.alerting.alert import Alert, Alerter, Condition
from orchestrator.observability import logging
from orchestrator.observability.correlation import safe_correlation_id

HealthCheck = Callable[[], Awaitable[bool]]
"""Returns whether all is well. A check that raises counts as a failed one."""


class ConditionWatch:
    """Checks a condition at intervals, and at once when a request contradicts what is known of it.

    What a request meets only starts a check: one failure of many is no alert, and the check decides.

    Args:
        condition: the condition.
        check: returns False while the condition lasts.
        alerter: receives an alert per change.
        interval: seconds between two checks.
    """

    def __init__(self, condition: Condition, check: HealthCheck, alerter: Alerter, interval: float) -> None:
        self._condition = condition
        self._check = check
        self._alerter = alerter
        self._interval = interval
        self._healthy = True
        self._check_wanted = asyncio.Event()
        self._correlation_id = ""

    def notice(self, *, healthy: bool) -> None:
        """Take note of what the current request met; never waits."""
        if healthy is not self._healthy:
            self._correlation_id = self._correlation_id or safe_correlation_id()
            self._check_wanted.set()

    async def run_forever(self) -> None:
        """Check until cancelled."""
        while True:
            noticed, self._correlation_id = self._correlation_id, ""
            healthy = await self._is_healthy()
            if healthy is not self._healthy:
                self._healthy = healthy
                # a request may also have met it during a check that no request has started
                self._publish(noticed or self._correlation_id)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._interval):
                    await self._check_wanted.wait()
            self._check_wanted.clear()

    def _publish(self, correlation_id: str) -> None:
        event = "alert_resolved" if self._healthy else "alert_raised"
        logging.warning(event, condition=self._condition.name, correlation_id=correlation_id)
        self._alerter.publish(Alert(self._condition, not self._healthy, datetime.now(UTC), correlation_id))

    async def _is_healthy(self) -> bool:
        try:
            return await self._check()
        # whatever it is, it must not end the watch
        except Exception as error:  # noqa: BLE001
            logging.exception("health_check_failed", error)
            return False
