"""Delivers alerts to one channel: deduplicated and rate limited, in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx

from orchestrator.alerting.alert import Alert, AlertChannel
from orchestrator.alerting.sender import AlertSender, DeliveryOutcome
from orchestrator.resilience.policy import CallPolicy

DeliveryObserver = Callable[[str, DeliveryOutcome], None]
"""Receives the channel's name and the outcome of each delivery."""


class AlertDelivery:
    """Brings a channel to the latest state of every condition.

    It keeps states and not messages: at most one alert per condition is pending, so that the queue is bounded by the
    number of conditions and of undelivered occurrences, a condition that ended before it was reported is not reported, and no end is lost.

    Args:
        channel: the receiver.
        http: the connection pool.
        policy: time-outs and attempts of one delivery.
        repeat_interval: seconds between two reports that the same condition has begun, and from a failed delivery to
            the next.
        observer: receives the outcome of each delivery.
    """

    def __init__(
        self,
        channel: AlertChannel,
        http: httpx.AsyncClient,
        policy: CallPolicy,
        repeat_interval: float,
        observer: DeliveryObserver,
    ) -> None:
        self._channel = channel
        self._sender = AlertSender(channel, http, policy)
        self._repeat_interval = repeat_interval
        self._observer = observer
        self._pending: dict[str, Alert] = {}
        # what the channel shows for a condition; None after a delivery that may or may not have arrived
        self._reported: dict[str, bool | None] = {}
        self._not_before: dict[tuple[str, bool], float] = {}
        self._published = asyncio.Event()

    def publish(self, alert: Alert) -> None:
        """Accept an alert; it replaces a pending one of the same condition."""
        self._pending[alert.condition.name] = alert
        self._published.set()

    async def run_forever(self) -> None:
        """Deliver alerts until cancelled."""
        while True:
            self._published.clear()
            self._drop_superseded()
            now = asyncio.get_running_loop().time()
            for alert in [alert for alert in self._pending.values() if self._due_at(alert) <= now]:
                await self._deliver(alert)
            await self._wait_for_next()

    def _drop_superseded(self) -> None:
        for name, alert in list(self._pending.items()):
            if self._reported.get(name, False) is alert.firing:
                del self._pending[name]

    def _due_at(self, alert: Alert) -> float:
        return self._not_before.get((alert.condition.name, alert.firing), 0.0)

    async def _wait_for_next(self) -> None:
        next_at = min(map(self._due_at, self._pending.values()), default=None)
        try:
            async with asyncio.timeout_at(next_at):
                await self._published.wait()
        except TimeoutError:
            return

    async def _deliver(self, alert: Alert) -> None:
        name = alert.condition.name
        outcome = await self._sender.send(alert)
        self._observer(self._channel.name, outcome)
        # a rejected report shows nothing, and a rejected end is not worth another attempt
        shown = {"delivered": alert.firing, "rejected": False, "undelivered": None}
        self._reported[name] = shown[outcome]
        # a newer alert of the condition may have replaced this one meanwhile
        if outcome != "undelivered" and self._pending.get(name) is alert:
            del self._pending[name]
        # the end of a condition is reported at once, and its next beginning is not
        if alert.firing or outcome == "undelivered":
            not_before = asyncio.get_running_loop().time() + self._repeat_interval
            self._not_before[name, alert.firing] = not_before
        # an occurrence never comes again, so that what is known of them would only grow
        if alert.condition.is_occurrence and outcome != "undelivered":
            del self._reported[name], self._not_before[name, alert.firing]
