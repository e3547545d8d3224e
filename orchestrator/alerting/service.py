"""Alerting of one service process: its watches, its channels and their background tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from orchestrator.alerting.alert import Alert, Condition
from orchestrator.alerting.delivery import AlertDelivery
from orchestrator.alerting.watch import ConditionWatch, HealthCheck
from orchestrator.resilience.supervision import run_supervised


class AlertService:
    """Watches conditions and reports them to all channels; without a channel it does nothing.

    Args:
        deliveries: one per channel.
        check_interval: seconds between two checks of a condition.
    """

    def __init__(self, deliveries: Sequence[AlertDelivery], check_interval: float) -> None:
        self._deliveries = deliveries
        self._check_interval = check_interval
        self._watches: dict[str, ConditionWatch] = {}

    def watch(self, condition: Condition, check: HealthCheck) -> None:
        """Watch a condition while the service runs."""
        if self._deliveries:
            self._watches[condition.name] = ConditionWatch(condition, check, self, self._check_interval)

    def notice(self, condition: Condition, *, healthy: bool) -> None:
        """Take note of what the current request met, which may start a check; never waits."""
        if watch := self._watches.get(condition.name):
            watch.notice(healthy=healthy)

    def publish(self, alert: Alert) -> None:
        """Report an alert to every channel; never waits."""
        for delivery in self._deliveries:
            delivery.publish(alert)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch and deliver as long as the block runs."""
        workers: list[ConditionWatch | AlertDelivery] = [*self._watches.values(), *self._deliveries]
        tasks = [asyncio.create_task(run_supervised(worker.run_forever)) for worker in workers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
