"""What an alert is, and the two ports: `Alerter` accepts alerts, `AlertChannel` formats them for a receiver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

Severity = Literal["critical", "error", "warning"]
"""The severities of PagerDuty that are used here."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must not last, such as an open circuit, or must not happen. Its texts contain no personal data.

    Args:
        name: identifies the condition, as `circuit:apaleo`.
        severity: how urgent it is.
        summary: what is wrong, for people.
        is_occurrence: whether it has happened instead of lasting: it is reported once and has no end.
    """

    name: str
    severity: Severity
    summary: str
    is_occurrence: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that has begun (`firing`) or ended.

    Args:
        condition: the condition.
        firing: whether it has begun.
        changed_at: when it began or ended.
        correlation_id: the request that showed it, or empty if no request did.
        report_url: where people read more, or empty.
    """

    condition: Condition
    firing: bool
    changed_at: datetime
    correlation_id: str
    report_url: str = ""


class Alerter(Protocol):
    """Reports alerts to people."""

    def publish(self, alert: Alert) -> None:
        """Accept an alert; never waits and never raises."""


class AlertChannel(Protocol):
    """A receiver of alerts that is reached over HTTP."""

    @property
    def name(self) -> str:
        """The channel's name in logs and metrics."""

    @property
    def url(self) -> str:
        """The address that alerts are posted to. It may contain a secret."""

    def format(self, alert: Alert) -> dict[str, Any]:
        """Return the JSON body that reports the alert."""
