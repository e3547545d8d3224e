"""Builds all components of the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import httpx

from orchestrator.alerting.conditions import DATABASE_UNAVAILABLE, circuit_open
from orchestrator.alerting.service import AlertService
from orchestrator.calls.agent_supervision import AgentSupervision
from orchestrator.calls.erasure import CallErasure
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.service import CallService
from orchestrator.container.alerts import create_alerts, watch_dependencies, watch_secrets
from orchestrator.container.data_protection import create_gdpr, create_retention
from orchestrator.container.live_settings import LiveSettings, create_secret_rotation, signing_keys
from orchestrator.container.outbound_calls import (
    OutboundCallReports,
    create_outbound_call_tasks,
    create_outbound_calls,
)
from orchestrator.container.recordings import create_recordings
from orchestrator.container.vendors import VendorServices, create_http_pool, create_vendor_services
from orchestrator.gdpr.service import GdprService
from orchestrator.observability.metrics import Metrics
from orchestrator.observability.tracing import Tracing
from orchestrator.outbound_calls.service import OutboundCallService
from orchestrator.persistence.api_keys import ApiKeyRepository
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.database import Database
from orchestrator.persistence.outbound_calls import OutboundCallRepository
from orchestrator.persistence.users import UserRepository
from orchestrator.resilience.admission import AdmissionController, AdmissionLimits
from orchestrator.resilience.errors import BULKHEAD_FULL
from orchestrator.resilience.guard import CallObserver
from orchestrator.resilience.supervision import BackgroundTask
from orchestrator.security.api_keys import ApiKeyService
from orchestrator.security.authentication import Authenticator
from orchestrator.security.login import LoginService, LoginThrottle
from orchestrator.security.passwords import PasswordService
from orchestrator.security.roles import Role
from orchestrator.security.secret_rotation import SecretRotation
from orchestrator.security.sessions import SessionService
from orchestrator.security.tokens import JwtService
from orchestrator.security.users import UserService
from orchestrator.security.vault_secrets import VaultSource, secret_variables
from orchestrator.settings import Settings
from orchestrator.state.memory import InMemoryStateStore
from orchestrator.state.rate_limiter import InMemoryRateLimiter, RateLimiter, RedisRateLimiter
from orchestrator.state.redis import RedisClient, RedisStateStore
from orchestrator.state.store import StateStore
from orchestrator.understanding.grammar import GrammarInterpreter


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityServices:
    """Authentication and authorization services."""

    sessions: SessionService
    users: UserService
    api_keys: ApiKeyService
    authenticator: Authenticator
    login: LoginService


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """All components of one service process; `secrets` is None without Vault."""

    live_settings: LiveSettings
    secrets: SecretRotation | None
    http_pools: dict[str, httpx.AsyncClient]
    state_store: StateStore
    rate_limiter: RateLimiter
    admission: AdmissionController
    database: Database
    metrics: Metrics
    tracing: Tracing
    alerts: AlertService
    vendors: VendorServices
    idempotency: IdempotentExecutor
    call_service: CallService
    agent_supervision: AgentSupervision
    gdpr: GdprService
    outbound_calls: OutboundCallService
    background_tasks: tuple[BackgroundTask, ...]
    security: SecurityServices

    @property
    def settings(self) -> Settings:
        """The settings in use, whose secrets can be rotated."""
        return self.live_settings.current

    async def startup(self) -> None:
        """Upgrade the database schema and create the first user."""
        await self.database.upgrade_schema()
        security = self.settings.security
        if security.admin_email and security.admin_password:
            password = security.admin_password.get_secret_value()
            # without effect on an existing user, who keeps the stored password
            await self.security.users.create(security.admin_email, password, [Role.ADMIN])

    async def shutdown(self) -> None:
        """Revoke the token of Vault and close all connections."""
        if self.secrets:
            await self.secrets.close()
        for pool in self.http_pools.values():
            await pool.aclose()
        await self.state_store.close()
        await self.database.close()
        self.tracing.shutdown()


def build_container(settings: Settings, vault: VaultSource | None = None) -> Container:
    """Build all components. Nothing connects yet.

    Args:
        settings: the settings, with the secrets that Vault has at the start.
        vault: where the secrets come from, if they do.

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
    database = _create_database(settings, alerts)
    observe = _vendor_observer(metrics, tracing, alerts, secrets)
    vendors = create_vendor_services(lambda: live_settings.current, store, metrics, observe)
    calls, idempotency, records = (
        CallRepository(store),
        IdempotentExecutor(store),
        CallRecordRepository(database),
    )
    outbound_records, recordings = (
        OutboundCallRepository(database),
        create_recordings(settings.storage, vendors.recorder, database),
    )
    erasure = CallErasure(calls, idempotency, recordings.of_calls)
    gdpr = create_gdpr(settings, records, database, outbound_records, recordings, erasure)
    outbound_calls = create_outbound_calls(settings, outbound_records, gdpr.pseudonym)
    intents = _create_intent_context(settings, vendors, recordings.of_calls, outbound_calls)
    call_service = CallService(
        intents,
        vendors.speech,
        calls,
        idempotency,
        records,
        metrics,
        gdpr.pseudonym,
        GrammarInterpreter(),
    )
    retention = create_retention(settings.storage, [records, outbound_records], recordings.erasure)
    reports = OutboundCallReports(metrics, alerts)
    watch_dependencies(alerts, vendors.guards, store, database, retention, vendors.quota)
    if secrets:
        watch_secrets(alerts, secrets)
    return Container(
        live_settings=live_settings,
        secrets=secrets,
        http_pools=vendors.http_pools | pools,
        state_store=store,
        rate_limiter=limiter,
        admission=_create_admission(settings, metrics),
        database=database,
        metrics=metrics,
        tracing=tracing,
        alerts=alerts,
        vendors=vendors,
        idempotency=idempotency,
        call_service=call_service,
        agent_supervision=_create_agent_supervision(settings, intents, vendors, calls, metrics),
        gdpr=gdpr,
        outbound_calls=outbound_calls,
        background_tasks=(
            retention,
            vendors.quota,
            *([secrets] if secrets else []),
            *create_outbound_call_tasks(
                lambda: live_settings.current, outbound_records, vendors, call_service, reports
            ),
        ),
        security=_create_security(settings, tokens, store, limiter, database),
    )


def _create_state(settings: Settings) -> tuple[StateStore, RateLimiter]:
    if settings.storage.redis_url is None:
        return InMemoryStateStore(), InMemoryRateLimiter()
    client = RedisClient(str(settings.storage.redis_url), settings.storage.redis_timeout_seconds)
    return RedisStateStore(client), RedisRateLimiter(client)


def _create_admission(settings: Settings, metrics: Metrics) -> AdmissionController:
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


def _create_database(settings: Settings, alerts: AlertService) -> Database:
    storage = settings.storage
    return Database(
        storage.database_url,
        storage.database_timeout_seconds,
        lambda: alerts.notice(DATABASE_UNAVAILABLE, healthy=False),
    )


def _vendor_observer(
    metrics: Metrics, tracing: Tracing, alerts: AlertService, secrets: SecretRotation | None
) -> CallObserver:
    def observe(vendor: str, operation: str, outcome: str, seconds: float) -> None:
        metrics.observe_vendor_call(vendor, operation, outcome, seconds)
        tracing.record_vendor_span(vendor, operation, outcome, seconds)
        alerts.notice(circuit_open(vendor), healthy=outcome == "success")
        if outcome == BULKHEAD_FULL:
            metrics.backpressure_rejections.labels(vendor).inc()
        # the vendor may have a new credential that is in Vault already
        if secrets and outcome == "AccessDenied":
            secrets.notice_rejection()

    return observe


def _create_intent_context(
    settings: Settings,
    vendors: VendorServices,
    recordings: CallRecordings,
    outbound_calls: OutboundCallService,
) -> IntentContext:
    hotel = settings.hotel
    return IntentContext(
        pms=vendors.pms,
        telephony=vendors.telephony,
        recordings=recordings,
        service_ids=hotel.service_ids,
        transfer_number=hotel.transfer_number,
        current_date=lambda: datetime.now(hotel.time_zone).date(),
        date_at_hotel=lambda moment: moment.astimezone(hotel.time_zone).date(),
        outbound_calls=outbound_calls,
    )


def _create_agent_supervision(
    settings: Settings,
    intents: IntentContext,
    vendors: VendorServices,
    calls: CallRepository,
    metrics: Metrics,
) -> AgentSupervision:
    return AgentSupervision(intents, vendors.agents, calls, metrics, settings.livekit.agent_rejoin_seconds)


def _create_security(
    settings: Settings, tokens: JwtService, store: StateStore, limiter: RateLimiter, database: Database
) -> SecurityServices:
    security, limits = settings.security, settings.limits
    sessions = SessionService(store, security.session_ttl_seconds, security.refresh_reuse_grace_seconds)
    api_keys = ApiKeyService(ApiKeyRepository(database))
    passwords = PasswordService(minimum_cost=security.argon2_cost == "least")
    users = UserService(UserRepository(database), passwords)
    attempts = LoginThrottle(limiter, limits.login_rate_limit, limits.login_rate_limit_window_seconds)
    return SecurityServices(
        sessions=sessions,
        users=users,
        api_keys=api_keys,
        authenticator=Authenticator(tokens, sessions, api_keys),
        login=LoginService(users, sessions, tokens, attempts),
    )


def _create_tracing(settings: Settings) -> Tracing:
    endpoint = settings.service.otel_exporter_otlp_endpoint
    return Tracing(str(endpoint) if endpoint else None)
