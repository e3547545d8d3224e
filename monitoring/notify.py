"""Reports failed tests to PagerDuty and Slack, and their end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from monitoring.incidents import find_conditions, has_ended
from monitoring.notification_state import ChannelState, ReportedCondition, open_state
from monitoring.results import TestRun
from orchestrator.alerting.alert import Alert, AlertChannel, Condition
from orchestrator.alerting.channels import create_channels
from orchestrator.alerting.sender import ALERT_POLICY, AlertSender
from orchestrator.resilience.policy import CallPolicy
from orchestrator.settings.alerts import AlertSettings

RATE_PERIOD = timedelta(hours=1)
REPEAT_INTERVAL = timedelta(hours=1)
"""A condition that comes and goes is reported as often as this; its end is reported at once."""
DEFAULT_MAX_PER_HOUR = 20
NO_CORRELATION_ID = ""


@dataclass(slots=True)
class ChannelResult:
    """How many messages a channel got, by what became of them. `withheld` ones are sent later if they still hold."""

    channel: str
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("reported", "resolved", "unchanged", "withheld", "undelivered", "rejected"), 0
        )
    )

    @property
    def complete(self) -> bool:
        """Whether the channel accepted every message."""
        return not self.counts["undelivered"] and not self.counts["rejected"]

    def __str__(self) -> str:
        return f"{self.channel}: " + ", ".join(f"{count} {name}" for name, count in self.counts.items())


def configured_channels(settings: AlertSettings, environment: str) -> list[AlertChannel]:
    """Return the channels that have an address and a credential, with the variables of the service's own alerts."""
    return create_channels(
        settings.pagerduty_events_url, settings.pagerduty_routing_key, settings.slack_webhook_url, environment
    )


@dataclass(frozen=True, slots=True)
class Notifier:
    """Brings channels to the state that a run shows.

    Args:
        run: the run.
        now: the time of the messages and of the limits.
        report_url: where people read more, or empty.
        max_per_hour: beginnings that are reported to a channel per hour.
        policy: attempts of one message.
    """

    run: TestRun
    now: datetime
    report_url: str = ""
    max_per_hour: int = DEFAULT_MAX_PER_HOUR
    policy: CallPolicy = ALERT_POLICY

    async def notify(self, channels: list[AlertChannel], state_file: Path) -> list[ChannelResult]:
        """Report what is new to each channel, and keep in the state file what was sent to it.

        Raises:
            StateError: the state file cannot be used.
        """
        results = []
        with open_state(state_file) as state:
            async with httpx.AsyncClient() as http:
                for channel in channels:
                    channel_state = state.channels.setdefault(channel.name, ChannelState())
                    channel_state.forget(self.now - max(RATE_PERIOD, REPEAT_INTERVAL))
                    sender = AlertSender(channel, http, self.policy)
                    results.append(await self._update(channel.name, sender, channel_state))
        return results

    async def _update(self, name: str, sender: AlertSender, state: ChannelState) -> ChannelResult:
        result = ChannelResult(name)
        firing = {condition.name: condition for condition in find_conditions(self.run)}
        for condition in list(self._ended(state, firing)):
            await self._send(sender, condition, state, result, firing=False)
        for condition in firing.values():
            reported = state.conditions.get(condition.name)
            if reported and reported.firing:
                result.counts["unchanged"] += 1
            elif self._is_limited(reported, state):
                result.counts["withheld"] += 1
            else:
                await self._send(sender, condition, state, result, firing=True)
        return result

    def _ended(self, state: ChannelState, firing: dict[str, Condition]) -> Iterator[Condition]:
        for name, reported in state.conditions.items():
            if reported.firing is not False and name not in firing and has_ended(name, self.run):
                yield reported.condition(name)

    def _is_limited(self, reported: ReportedCondition | None, state: ChannelState) -> bool:
        # a message that may not have arrived is repeated at the next run
        flapping = (
            reported is not None
            and reported.firing is False
            and self.now - reported.reported_at < REPEAT_INTERVAL
        )
        return flapping or len(state.sent_at) >= self.max_per_hour

    async def _send(
        self,
        sender: AlertSender,
        condition: Condition,
        state: ChannelState,
        result: ChannelResult,
        *,
        firing: bool,
    ) -> None:
        # a channel that is away is not waited for again and again
        if result.counts["undelivered"]:
            result.counts["withheld"] += 1
            return
        if firing:
            state.sent_at.append(self.now)
        alert = Alert(condition, firing, self.now, NO_CORRELATION_ID, self.report_url if firing else "")
        outcome = await sender.send(alert)
        # a rejected report shows nothing, and a rejected end is not worth another attempt
        shown = {"delivered": firing, "rejected": False, "undelivered": None}[outcome]
        former = state.conditions.get(condition.name)
        reported_at = self.now if firing or former is None else former.reported_at
        state.conditions[condition.name] = ReportedCondition(
            severity=condition.severity, summary=condition.summary, firing=shown, reported_at=reported_at
        )
        result.counts[("reported" if firing else "resolved") if outcome == "delivered" else outcome] += 1
