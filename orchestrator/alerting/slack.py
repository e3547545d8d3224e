"""Slack's incoming webhooks (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

from orchestrator.alerting.alert import Alert


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """Posts one message per alert.

    Args:
        url: the webhook's address, which is its only credential.
        source: the host that reports.
        deployment: the environment and region.
    """

    url: str = field(repr=False)
    source: str
    deployment: str
    name: str = "slack"

    def format(self, alert: Alert) -> dict[str, Any]:
        """Return the message."""
        condition = alert.condition
        state = f"ALERT ({condition.severity})" if alert.firing else "RESOLVED"
        lines = [
            f"{state}: {condition.summary}",
            f"{condition.name} at {self.source}, {self.deployment}, {alert.changed_at.isoformat()}",
        ]
        if alert.firing and alert.correlation_id:
            lines.append(f"correlation id: {alert.correlation_id}")
        if alert.report_url:
            lines.append(f"report: {alert.report_url}")
        # Slack reads &, < and > as control characters, and these three only
        return {"text": html.escape("\n".join(lines), quote=False)}
