"""Builds what all other components stand on: settings, stores, metrics, traces, alerts and secrets."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from orchestrator.alerting.conditions import DATABASE_UNAVAILABLE, circuit_open
from orchestrator.alerting.service import AlertService
from orchestrator.container.alerts import create_alerts
from orchestrator.container.live_settings import LiveSettings, create_secret_rotation, signing_keys
from orchestrator.container.vendors import create_http_pool
from orchestrator.observability.metrics import Metrics
from orchestrator.observability.tracing import Tracing
from orchestrator.persistence.database import Database
from orchestrator.resilience.admission import AdmissionController, AdmissionLimits
from orchestrator.resilience.errors import BULKHEAD_FULL
from orchestrator.resilience.guard import CallObserver
from orchestrator.security.secret_rotation import SecretRotation
from orchestrator.security.tokens import JwtService
from orchestrator.security.vault_secrets import VaultSource, secret_variables
from orchestrator.settings import Settings
from orchestrator.state.memory import InMemoryStateStore
from orchestrator.state.rate_limiter import InMemoryRateLimiter, RateLimiter, RedisRateLimiter
from orchestrator.state.redis import RedisClient, RedisStateStore
from orchestrator.state.store import StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Infrastructure:
    """What all other components stand on.

    Attributes:
        http_pools: the connection pools of alerts and of Vault; those of the other vendors are in `VendorServices`.
        secrets: the rotation of the secrets; None without Vault.
    """

    live_settings: LiveSettings
    metrics: Metrics
    tracing: Tracing
    tokens: JwtService
    http_pools: dict[str, httpx.AsyncClient]
    secrets: SecretRotation | None
    alerts: AlertService
    state_store: StateStore
    rate_limiter: RateLimiter
    database: Database

    def current_settings(self) -> Settings:
        """Return the settings in use, whose secrets can be rotated."""
        return self.live_settings.current


def create_infrastructure(settings: Settings, vault: VaultSource | None) -> Infrastructure:
    """Return the infrastructure. Nothing connects yet.

    Raises:
        SettingsError: JWT_KEYS is invalid; the message says how.
    """
    metrics, tracing = Metrics(), _create_tracing(settings)
    tokens = JwtService(signing_keys(settings), settings.security.access_token_ttl_seconds)
    live_settings = LiveSettings(settings, secret_variables(vault.secret.values) if vault else {}, tokens)
    pools = {name: create_http_pool() for name in (("alerts", "vault") if vault else ("alerts",))}
    secrets = create_secret_rotation(vault, pools["vault"], live_settings, metrics) if vault else None
    alerts = create_alerts(settings, pools["alerts"], metrics)
    store, limiter = _create_state(settings)
    return Infrastructure(
        live_settings=live_settings,
        metrics=metrics,
        tracing=tracing,
        tokens=tokens,
        http_pools=pools,
        secrets=secrets,
        alerts=alerts,
        state_store=store,
        rate_limiter=limiter,
        database=_create_database(settings, alerts),
    )


def create_admission(settings: Settings, metrics: Metrics) -> AdmissionController:
    """Return the limit of requests in progress, and expose its numbers as metrics."""
    limits = settings.limits
    admission = AdmissionController(
        AdmissionLimits(
            in_progress=limits.max_concurrent_requests,
            in_progress_per_client=limits.max_concurrent_requests_per_client,
            waiting=limits.max_waiting_requests,
            max_wait=limits.max_waiting_seconds,
        )
    )
    metrics.register_admission(admission.in_progress, admission.waiting)
    return admission


def create_websocket_admission(settings: Settings) -> AdmissionController:
    """Return the limit of open WebSockets, for which no handshake waits, because they stay open for minutes."""
    limits = settings.limits
    return AdmissionController(
        AdmissionLimits(
            in_progress=limits.max_websockets,
            in_progress_per_client=limits.max_websockets_per_client,
            waiting=0,
            max_wait=0,
        )
    )


def create_vendor_observer(base: Infrastructure) -> CallObserver:
    """Return what each vendor call is reported to: metrics, traces, alerts and the rotation of secrets."""

    def observe(vendor: str, operation: str, outcome: str, seconds: float) -> None:
        base.metrics.observe_vendor_call(vendor, operation, outcome, seconds)
        base.tracing.record_vendor_span(vendor, operation, outcome, seconds)
        base.alerts.notice(circuit_open(vendor), healthy=outcome == "success")
        if outcome == BULKHEAD_FULL:
            base.metrics.backpressure_rejections.labels(vendor).inc()
        # the vendor may have a new credential that is in Vault already
        if base.secrets and outcome == "AccessDenied":
            base.secrets.notice_rejection()

    return observe


def _create_state(settings: Settings) -> tuple[StateStore, RateLimiter]:
    if settings.storage.redis_url is None:
        return InMemoryStateStore(), InMemoryRateLimiter()
    client = RedisClient(str(settings.storage.redis_url), settings.storage.redis_timeout_seconds)
    return RedisStateStore(client), RedisRateLimiter(client)


def _create_database(settings: Settings, alerts: AlertService) -> Database:
    storage = settings.storage
    return Database(
        storage.database_url,
        storage.database_timeout_seconds,
        lambda: alerts.notice(DATABASE_UNAVAILABLE, healthy=False),
    )


def _create_tracing(settings: Settings) -> Tracing:
    endpoint = settings.service.otel_exporter_otlp_endpoint
    return Tracing(str(endpoint) if endpoint else None)
