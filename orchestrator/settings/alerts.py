"""Who is alerted, and how often."""

from __future__ import annotations

from pydantic import Field, HttpUrl, Secret, SecretStr

from orchestrator.settings.section import SettingsSection


class AlertSettings(SettingsSection):
    """The channels of alerts. Without a routing key and a webhook nothing is watched and nothing is sent.

    Attributes:
        pagerduty_events_url: the `enqueue` operation of PagerDuty's Events API v2; the EU has a host of its own.
        pagerduty_routing_key: the integration key of the PagerDuty service that is alerted.
        slack_webhook_url: the incoming webhook of the Slack channel that is alerted; the address is a secret.
        check_interval_seconds: seconds between two checks of a condition.
        repeat_interval_seconds: seconds between two alerts about the same condition, which may come and go.
    """

    pagerduty_events_url: HttpUrl = Field(
        default=HttpUrl("https://events.pagerduty.com/v2/enqueue"), validation_alias="PAGERDUTY_EVENTS_URL"
    )
    pagerduty_routing_key: SecretStr | None = Field(default=None, validation_alias="PAGERDUTY_ROUTING_KEY")
    slack_webhook_url: Secret[HttpUrl] | None = Field(default=None, validation_alias="SLACK_WEBHOOK_URL")
    check_interval_seconds: float = Field(default=5.0, gt=0, validation_alias="ALERT_CHECK_SECONDS")
    repeat_interval_seconds: float = Field(default=60.0, gt=0, validation_alias="ALERT_REPEAT_SECONDS")
