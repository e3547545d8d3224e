"""PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/events-api-v2/overview)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from orchestrator.alerting.alert import Alert

CLIENT = "VoiceHive orchestrator"
MAX_DEDUP_KEY_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class PagerDutyChannel:
    """Triggers and resolves alerts.

    Args:
        url: the address of the API's `enqueue` operation.
        routing_key: the integration key of the PagerDuty service.
        source: the host that reports.
        deployment: the environment and region. All processes of a deployment share one alert per condition.
    """

    url: str
    routing_key: str = field(repr=False)
    source: str
    deployment: str
    name: str = "pagerduty"

    def format(self, alert: Alert) -> dict[str, Any]:
        """Return the event. A `resolve` needs the key of the alert and nothing else."""
        condition = alert.condition
        key = f"voicehive-orchestrator/{self.deployment}/{condition.name}"
        event = {
            "routing_key": self.routing_key,
            "event_action": "trigger" if alert.firing else "resolve",
            "dedup_key": key[:MAX_DEDUP_KEY_CHARACTERS],
        }
        if not alert.firing:
            return event
        details = {"condition": condition.name, "deployment": self.deployment}
        if alert.correlation_id:
            details["correlation_id"] = alert.correlation_id
        payload = {
            "summary": condition.summary,
            "source": self.source,
            "severity": condition.severity,
            "timestamp": alert.changed_at.isoformat(),
            "component": condition.name,
            "group": self.deployment,
            "class": condition.name.partition(":")[0],
            "custom_details": details,
        }
        client = {"client": CLIENT} | ({"client_url": alert.report_url} if alert.report_url else {})
        return event | client | {"payload": payload}
