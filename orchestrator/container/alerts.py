"""Builds alerting from the settings: where alerts are sent, and which conditions are watched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from orchestrator.alerting.alert import AlertChannel
from orchestrator.alerting.channels import create_channels
from orchestrator.alerting.conditions import (
    DATABASE_UNAVAILABLE,
    RETENTION_FAILED,
    SECRET_REFUSED,
    STATE_STORE_UNAVAILABLE,
    TTS_QUOTA_LOW,
    VAULT_UNAVAILABLE,
    circuit_open,
)
from orchestrator.alerting.delivery import AlertDelivery
from orchestrator.alerting.sender import ALERT_POLICY
from orchestrator.alerting.service import AlertService
from orchestrator.dependency_health import is_available
from orchestrator.gdpr.retention import RetentionTask
from orchestrator.observability.metrics import Metrics
from orchestrator.persistence.database import Database
from orchestrator.resilience.guard import VendorGuard
from orchestrator.security.secret_rotation import SecretRotation
from orchestrator.settings import Settings
from orchestrator.speech.quota import QuotaWatch
from orchestrator.state.store import StateStore


def create_alerts(settings: Settings, http: httpx.AsyncClient, metrics: Metrics) -> AlertService:
    """Return the service that sends alerts to the receivers in the settings; without any it sends nothing."""

    def count(channel: str, outcome: str) -> None:
        metrics.alerts.labels(channel, outcome).inc()

    interval = settings.alerts.repeat_interval_seconds
    channels = _create_alert_channels(settings)
    deliveries = [AlertDelivery(channel, http, ALERT_POLICY, interval, count) for channel in channels]
    return AlertService(deliveries, settings.alerts.check_interval_seconds)


def _create_alert_channels(settings: Settings) -> list[AlertChannel]:
    alerts, service = settings.alerts, settings.service
    deployment = f"{service.environment}/{service.deployment_region}"
    return create_channels(
        alerts.pagerduty_events_url, alerts.pagerduty_routing_key, alerts.slack_webhook_url, deployment
    )


def watch_dependencies(
    alerts: AlertService,
    guards: dict[str, VendorGuard],
    store: StateStore,
    database: Database,
    retention: RetentionTask,
    quota: QuotaWatch,
) -> None:
    """Watch everything whose outage needs a person."""

    def check_circuit(guard: VendorGuard) -> Callable[[], Awaitable[bool]]:
        async def is_closed() -> bool:
            return guard.status().state == "closed"

        return is_closed

    async def retention_succeeded() -> bool:
        return retention.healthy

    for vendor, guard in guards.items():
        alerts.watch(circuit_open(vendor), check_circuit(guard))
    alerts.watch(STATE_STORE_UNAVAILABLE, lambda: is_available(store.ping()))
    # a database that is read-only or full loses call records, like one that is away
    alerts.watch(DATABASE_UNAVAILABLE, lambda: is_available(database.check_writable()))
    alerts.watch(RETENTION_FAILED, retention_succeeded)
    alerts.watch(TTS_QUOTA_LOW, quota.is_sufficient)


def watch_secrets(alerts: AlertService, secrets: SecretRotation) -> None:
    """Watch whether the secret in Vault can be read and is valid."""

    async def is_outage_tolerable() -> bool:
        return secrets.is_outage_tolerable()

    async def is_in_use() -> bool:
        return not secrets.refused

    alerts.watch(VAULT_UNAVAILABLE, is_outage_tolerable)
    alerts.watch(SECRET_REFUSED, is_in_use)
