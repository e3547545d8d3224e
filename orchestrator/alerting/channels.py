"""The channels that have an address and a credential."""

from __future__ import annotations

import socket

from pydantic import HttpUrl, Secret, SecretStr

from orchestrator.alerting.alert import AlertChannel
from orchestrator.alerting.pagerduty import PagerDutyChannel
from orchestrator.alerting.slack import SlackChannel


def create_channels(
    events_url: HttpUrl,
    routing_key: SecretStr | None,
    slack_webhook_url: Secret[HttpUrl] | None,
    deployment: str,
) -> list[AlertChannel]:
    """Return a channel for each receiver that is configured.

    Args:
        events_url: PagerDuty's `enqueue` operation.
        routing_key: PagerDuty's integration key; None for no PagerDuty.
        slack_webhook_url: Slack's incoming webhook; None for no Slack.
        deployment: named in every message, beside the name of this machine.
    """
    source = socket.gethostname()
    channels: list[AlertChannel] = []
    if routing_key:
        channels.append(PagerDutyChannel(str(events_url), routing_key.get_secret_value(), source, deployment))
    if slack_webhook_url:
        channels.append(SlackChannel(str(slack_webhook_url.get_secret_value()), source, deployment))
    return channels
