"""Sends one alert to one channel, with retries."""

from __future__ import annotations

from typing import Literal

import httpx

from orchestrator.alerting.alert import Alert, AlertChannel
from orchestrator.observability import logging
from orchestrator.resilience.errors import TransientError
from orchestrator.resilience.policy import CallPolicy
from orchestrator.resilience.retry_after import parse_retry_after

DeliveryOutcome = Literal["delivered", "undelivered", "rejected"]
ALERT_POLICY = CallPolicy(
    total_timeout=30.0, attempt_timeout=5.0, max_attempts=5, backoff_initial=0.5, backoff_max=8.0, jitter=0.5
)
"""Attempts of one delivery, unless a test shortens them."""


class UndeliveredAlertError(TransientError):
    """The channel did not respond, or asks for a later attempt."""

    def __init__(self, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__("undelivered")


class RejectedAlertError(Exception):
    """The channel does not accept the alert, whenever it is sent."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"status {status}")


class AlertSender:
    """Posts alerts to a channel.

    Args:
        channel: the receiver.
        http: the connection pool.
        policy: time-outs and attempts of one delivery.
    """

    def __init__(self, channel: AlertChannel, http: httpx.AsyncClient, policy: CallPolicy) -> None:
        self._channel = channel
        self._http = http
        self._policy = policy

    async def send(self, alert: Alert) -> DeliveryOutcome:
        """Send an alert; `undelivered` means that it may or may not have arrived, `rejected` that it never will."""
        condition = alert.condition.name
        try:
            await self._policy.run(
                "alert",
                lambda: self._post(alert),
                group="alerts",
                idempotent=True,
                make_timeout_error=UndeliveredAlertError,
            )
        except UndeliveredAlertError:
            logging.warning("alert_undelivered", channel=self._channel.name, condition=condition)
            return "undelivered"
        except RejectedAlertError as error:
            logging.warning(
                "alert_rejected", channel=self._channel.name, condition=condition, status=error.status
            )
            return "rejected"
        # whatever it is, such as a response that cannot be read, it must not end the delivery of all alerts
        except Exception as error:  # noqa: BLE001
            logging.exception("alert_failed", error)
            return "undelivered"
        return "delivered"

    async def _post(self, alert: Alert) -> None:
        body = self._channel.format(alert)
        try:
            # streamed, because nothing of the response is read but its status
            async with self._http.stream(
                "POST", self._channel.url, json=body, timeout=self._policy.attempt_timeout
            ) as response:
                status, delay = response.status_code, response.headers.get("Retry-After")
        except httpx.HTTPError:
            raise UndeliveredAlertError from None
        # both vendors ask for a later attempt with these statuses; any other rejection is final
        if status == 429 or status >= 500:
            raise UndeliveredAlertError(parse_retry_after(delay))
        if not 200 <= status < 300:
            raise RejectedAlertError(status)
