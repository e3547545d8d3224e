"""The formats of the channels, beside those that the suite sees."""

from __future__ import annotations

from datetime import UTC, datetime

from orchestrator.alerting.alert import Alert, Condition
from orchestrator.alerting.pagerduty import PagerDutyChannel
from orchestrator.alerting.slack import SlackChannel


def alert(name: str = "a", summary: str = "a failed") -> Alert:
    """Build an alert without a request."""
    return Alert(
        Condition(name, "error", summary), firing=True, changed_at=datetime.now(UTC), correlation_id=""
    )


def test_key_of_pagerduty_is_limited_to_255_characters() -> None:
    """A longer one would be rejected."""
    channel = PagerDutyChannel("http://pagerduty.example", "key", "host", "test")

    assert len(channel.format(alert("x" * 300))["dedup_key"]) == 255


def test_alert_without_a_request_has_no_correlation_id() -> None:
    """Neither an empty detail nor an empty line."""
    pagerduty = PagerDutyChannel("http://pagerduty.example", "key", "host", "test").format(alert())
    slack = SlackChannel("http://slack.example", "host", "test").format(alert())

    assert "correlation_id" not in pagerduty["payload"]["custom_details"]
    assert "correlation id" not in slack["text"]


def test_control_characters_of_slack_are_escaped() -> None:
    """A text cannot notify a whole channel."""
    text = SlackChannel("http://slack.example", "host", "test").format(alert(summary="<!channel> & a"))[
        "text"
    ]

    assert text.startswith("ALERT (error): &lt;!channel&gt; &amp; a\n")
