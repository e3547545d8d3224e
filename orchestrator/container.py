"""The composition root: builds every component of the service from the settings."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import httpx

from orchestrator.alerting.alert import AlertChannel
from orchestrator.alerting.conditions import (
    DATABASE_UNAVAILABLE,
    RETENTION_FAILED,
    STATE_STORE_UNAVAILABLE,
    circuit_open,
)
from orchestrator.alerting.delivery import AlertDelivery
from orchestrator.alerting.pagerduty import PagerDutyChannel
from orchestrator.alerting.service import AlertService
from orchestrator.alerting.slack import SlackChannel
from orchestrator.calls.erasure import ResponseErasure
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.service import CallService
from orchestrator.dependency_health import is_available
from orchestrator.gdpr.retention import RetentionTask
from orchestrator.gdpr.service import GdprService
from orchestrator.observability.correlation import add_correlation_header
from orchestrator.observability.metrics import Metrics
from orchestrator.observability.tracing import Tracing
from orchestrator.persistence.api_keys import ApiKeyRepository
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.consents import ConsentRepository
from orchestrator.persistence.database import Database
from orchestrator.persistence.users import UserRepository
from orchestrator.pms.adapters.apaleo import ApaleoConnector
from orchestrator.pms.adapters.memory import InMemoryConnector
from orchestrator.pms.adapters.mews import MewsConnector
from orchestrator.pms.cache import CachingPmsConnector
from orchestrator.pms.interface import PmsConnector
from orchestrator.resilience.admission import AdmissionController, AdmissionLimits
from orchestrator.resilience.errors import BULKHEAD_FULL
from orchestrator.resilience.guard import GuardLimits, VendorGuard
from orchestrator.resilience.policy import CallPolicy
from orchestrator.security.api_keys import ApiKeyService
from orchestrator.security.authentication import Authenticator
from orchestrator.security.login import LoginService, LoginThrottle
from orchestrator.security.passwords import PasswordService
from orchestrator.security.roles import Role
from orchestrator.security.sessions import SessionService
from orchestrator.security.tokens import JwtService, SigningKeys
from orchestrator.security.users import UserService
from orchestrator.settings import Settings
from orchestrator.settings.vendors import ApaleoSettings, LiveKitSettings, MewsSettings, TtsSettings
from orchestrator.speech.service import SpeechService
from orchestrator.state.memory import InMemoryStateStore
from orchestrator.state.rate_limiter import InMemoryRateLimiter, RateLimiter, RedisRateLimiter
from orchestrator.state.redis import RedisClient, RedisStateStore
from orchestrator.state.store import StateStore
from orchestrator.telephony.livekit import LiveKitTelephony
from orchestrator.vendors.apaleo.client import ApaleoClient
from orchestrator.vendors.apaleo.oauth import CachedTokenProvider, TokenEndpoint
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.tokens import AccessTokenFactory
from orchestrator.vendors.mews.client import MewsClient, MewsCredentials
from orchestrator.vendors.operation_groups import groups_of
from orchestrator.vendors.tts.client import TtsClient

PMS_VENDORS = frozenset({"apaleo", "mews"})
# more than the bulkheads of a vendor admit together (at most five groups, 50 calls each); few idle connections, because
# httpcore polls the socket of each one at every request of the pool
HTTP_POOL_LIMITS = httpx.Limits(max_connections=260, max_keepalive_connections=20)
ALERT_POLICY = CallPolicy(
    total_timeout=30.0, attempt_timeout=5.0, max_attempts=5, backoff_initial=0.5, backoff_max=8.0, jitter=0.5
)
PolicyFactory = Callable[[str], CallPolicy]
"""Returns the time-outs, retries, circuit breakers and bulkheads of a vendor."""


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
    """All components of one service process."""

    settings: Settings
    http_pools: dict[str, httpx.AsyncClient]
    state_store: StateStore
    rate_limiter: RateLimiter
    admission: AdmissionController
    database: Database
    metrics: Metrics
    tracing: Tracing
    alerts: AlertService
    vendor_guards: dict[str, VendorGuard]
    pms: CachingPmsConnector
    speech: SpeechService
    idempotency: IdempotentExecutor
    call_service: CallService
    gdpr: GdprService
    retention: RetentionTask
    security: SecurityServices

    async def startup(self) -> None:
        """Upgrade the database schema and create the first user."""
        await self.database.upgrade_schema()
        security = self.settings.security
        if security.admin_email and security.admin_password:
            password = security.admin_password.get_secret_value()
            # without effect on an existing user, who keeps the stored password
            await self.security.users.create(security.admin_email, password, [Role.ADMIN])

    async def shutdown(self) -> None:
        """Close all connections."""
        for pool in self.http_pools.values():
            await pool.aclose()
        await self.state_store.close()
        await self.database.close()
        self.tracing.shutdown()


def build_container(settings: Settings) -> Container:
    """Build all components. Nothing connects yet.

    Raises:
        ValueError: JWT_KEYS is invalid; the message says how.
    """
    metrics, tracing = Metrics(), _create_tracing(settings)
    alert_pool = _create_http_pool()
    alerts = _create_alerts(settings, alert_pool, metrics)
    guards = _create_guards(settings, metrics, tracing, alerts)
    # one pool per vendor, so that a vendor that hangs cannot take the connections of the others
    pools = {vendor: _create_http_pool() for vendor in guards}
    policy_for = _policy_factory(settings, guards)
    store, limiter = _create_state(settings)
    database = Database(
        settings.storage.database_url,
        settings.storage.database_timeout_seconds,
        lambda: alerts.notice(DATABASE_UNAVAILABLE, healthy=False),
    )
    pms = _create_cached_pms(settings, pools[settings.hotel.pms_provider], policy_for, store, metrics)
    speech = SpeechService(create_tts_client(settings.tts, pools["tts"], policy_for), settings.tts.voice_ids)
    idempotency, records = IdempotentExecutor(store), CallRecordRepository(database)
    calls = CallRepository(store)
    gdpr = _create_gdpr(settings, records, database, ResponseErasure(calls, idempotency))
    livekit = create_livekit_client(settings.livekit, pools["livekit"], policy_for)
    intents = _create_intent_context(settings, pms, livekit)
    storage = settings.storage
    retention = RetentionTask(records, storage.retention_days, storage.retention_interval_seconds)
    _watch_dependencies(alerts, guards, store, database, retention)
    return Container(
        settings=settings,
        http_pools=pools | {"alerts": alert_pool},
        state_store=store,
        rate_limiter=limiter,
        admission=_create_admission(settings, metrics),
        database=database,
        metrics=metrics,
        tracing=tracing,
        alerts=alerts,
        vendor_guards=guards,
        pms=pms,
        speech=speech,
        idempotency=idempotency,
        call_service=_create_call_service(intents, speech, calls, idempotency, records, metrics, gdpr),
        gdpr=gdpr,
        retention=retention,
        security=_create_security(settings, store, limiter, database),
    )


def create_pms(settings: Settings, http: httpx.AsyncClient, policy_for: PolicyFactory) -> PmsConnector:
    """Return the connector of PMS_KIND."""
    phone_region = settings.hotel.default_phone_region
    if settings.apaleo:
        return ApaleoConnector(create_apaleo_client(settings.apaleo, http, policy_for), phone_region)
    if settings.mews:
        return MewsConnector(_create_mews_client(settings.mews, http, policy_for), phone_region)
    return InMemoryConnector()


def _create_cached_pms(
    settings: Settings,
    http: httpx.AsyncClient,
    policy_for: PolicyFactory,
    store: StateStore,
    metrics: Metrics,
) -> CachingPmsConnector:
    ttl, timeout = settings.hotel.pms_cache_ttl_seconds, settings.limits.pms_timeout_seconds
    pms = CachingPmsConnector(create_pms(settings, http, policy_for), store, ttl, timeout)
    metrics.register_pms_cache(pms.stats.by_outcome)
    return pms


def create_apaleo_client(
    settings: ApaleoSettings, http: httpx.AsyncClient, policy_for: PolicyFactory
) -> ApaleoClient:
    """Return a client that caches its OAuth2 token."""
    policy = policy_for("apaleo")
    endpoint = TokenEndpoint(
        base_url=str(settings.identity_url),
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        http=http,
        policy=policy,
    )
    return ApaleoClient(
        base_url=str(settings.api_url), tokens=CachedTokenProvider(endpoint), http=http, policy=policy
    )


def create_tts_client(settings: TtsSettings, http: httpx.AsyncClient, policy_for: PolicyFactory) -> TtsClient:
    """Return the text-to-speech client."""
    return TtsClient(
        base_url=str(settings.service_url),
        api_key=settings.api_key.get_secret_value(),
        http=http,
        policy=policy_for("tts"),
    )


def create_livekit_client(
    settings: LiveKitSettings, http: httpx.AsyncClient, policy_for: PolicyFactory
) -> LiveKitClient:
    """Return the LiveKit client, which signs its own access tokens."""
    tokens = AccessTokenFactory(settings.api_key, settings.api_secret.get_secret_value())
    return LiveKitClient(base_url=str(settings.url), tokens=tokens, http=http, policy=policy_for("livekit"))


def _create_mews_client(
    settings: MewsSettings, http: httpx.AsyncClient, policy_for: PolicyFactory
) -> MewsClient:
    credentials = MewsCredentials(
        settings.client_token.get_secret_value(), settings.access_token.get_secret_value()
    )
    return MewsClient(
        base_url=str(settings.api_url), credentials=credentials, http=http, policy=policy_for("mews")
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


def _create_intent_context(settings: Settings, pms: PmsConnector, livekit: LiveKitClient) -> IntentContext:
    hotel = settings.hotel
    return IntentContext(
        pms=pms,
        telephony=LiveKitTelephony(livekit),
        service_ids=hotel.service_ids,
        transfer_number=hotel.transfer_number,
        current_date=lambda: datetime.now(hotel.time_zone).date(),
    )


def _create_call_service(
    intents: IntentContext,
    speech: SpeechService,
    calls: CallRepository,
    idempotency: IdempotentExecutor,
    records: CallRecordRepository,
    metrics: Metrics,
    gdpr: GdprService,
) -> CallService:
    return CallService(intents, speech, calls, idempotency, records, metrics, gdpr.pseudonym)


def _create_security(
    settings: Settings, store: StateStore, limiter: RateLimiter, database: Database
) -> SecurityServices:
    security, limits = settings.security, settings.limits
    keys = SigningKeys(security.jwt_signing_keys.get_secret_value())
    tokens = JwtService(keys, security.access_token_ttl_seconds)
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


def _create_http_pool() -> httpx.AsyncClient:
    return httpx.AsyncClient(limits=HTTP_POOL_LIMITS, event_hooks={"request": [add_correlation_header]})


def _create_guards(
    settings: Settings, metrics: Metrics, tracing: Tracing, alerts: AlertService
) -> dict[str, VendorGuard]:
    def observe(vendor: str, operation: str, outcome: str, seconds: float) -> None:
        metrics.observe_vendor_call(vendor, operation, outcome, seconds)
        tracing.record_vendor_span(vendor, operation, outcome, seconds)
        alerts.notice(circuit_open(vendor), healthy=outcome == "success")
        if outcome == BULKHEAD_FULL:
            metrics.backpressure_rejections.labels(vendor).inc()

    limits = GuardLimits(
        failure_threshold=settings.limits.circuit_breaker_failure_threshold,
        reset_timeout=settings.limits.circuit_breaker_reset_seconds,
    )
    return {
        vendor: VendorGuard(vendor, groups_of(vendor), limits, observe)
        for vendor in (settings.hotel.pms_provider, "tts", "livekit")
    }


def _create_tracing(settings: Settings) -> Tracing:
    endpoint = settings.service.otel_exporter_otlp_endpoint
    return Tracing(str(endpoint) if endpoint else None)


def _create_alerts(settings: Settings, http: httpx.AsyncClient, metrics: Metrics) -> AlertService:
    def count(channel: str, outcome: str) -> None:
        metrics.alerts.labels(channel, outcome).inc()

    interval = settings.alerts.repeat_interval_seconds
    channels = _create_alert_channels(settings)
    deliveries = [AlertDelivery(channel, http, ALERT_POLICY, interval, count) for channel in channels]
    return AlertService(deliveries, settings.alerts.check_interval_seconds)


def _create_alert_channels(settings: Settings) -> list[AlertChannel]:
    alerts, service = settings.alerts, settings.service
    source, deployment = socket.gethostname(), f"{service.environment}/{service.deployment_region}"
    channels: list[AlertChannel] = []
    if alerts.pagerduty_routing_key:
        key = alerts.pagerduty_routing_key.get_secret_value()
        channels.append(PagerDutyChannel(str(alerts.pagerduty_events_url), key, source, deployment))
    if alerts.slack_webhook_url:
        url = str(alerts.slack_webhook_url.get_secret_value())
        channels.append(SlackChannel(url, source, deployment))
    return channels


def _watch_dependencies(
    alerts: AlertService,
    guards: dict[str, VendorGuard],
    store: StateStore,
    database: Database,
    retention: RetentionTask,
) -> None:
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


def _create_gdpr(
    settings: Settings, records: CallRecordRepository, database: Database, responses: ResponseErasure
) -> GdprService:
    key = settings.security.pseudonymization_key.get_secret_value().encode()
    return GdprService(records, ConsentRepository(database), responses, key)


def _policy_factory(settings: Settings, guards: dict[str, VendorGuard]) -> PolicyFactory:
    return lambda vendor: _create_policy(settings, guards[vendor])


def _create_policy(settings: Settings, guard: VendorGuard) -> CallPolicy:
    timeout = settings.limits.vendor_timeout_seconds
    if guard.vendor in PMS_VENDORS:
        # a guest on the phone waits for the PMS, so one slow attempt gets all the time
        timeout = min(timeout, settings.limits.pms_timeout_seconds)
        return CallPolicy(guard=guard, total_timeout=timeout, attempt_timeout=timeout)
    # half the time for one attempt, so that a second one fits
    return CallPolicy(guard=guard, total_timeout=timeout, attempt_timeout=timeout / 2)
