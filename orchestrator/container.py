"""Everything the service is made of, put together from the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx

from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.repository import CallRepository
from orchestrator.calls.service import CallService
from orchestrator.gdpr.retention import RetentionTask
from orchestrator.gdpr.service import GdprService
from orchestrator.observability.correlation import add_correlation_header
from orchestrator.observability.metrics import Metrics
from orchestrator.observability.tracing import Tracing
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.consents import ConsentRepository
from orchestrator.persistence.database import Database
from orchestrator.pms.adapters.apaleo import ApaleoConnector
from orchestrator.pms.adapters.memory import InMemoryConnector
from orchestrator.pms.adapters.mews import MewsConnector
from orchestrator.pms.cache import READ_TIMEOUT_SECONDS, CachingPmsConnector
from orchestrator.pms.interface import PmsConnector
from orchestrator.resilience.guard import GuardLimits, VendorGuard
from orchestrator.resilience.policy import CallPolicy
from orchestrator.security.api_keys import ApiKeyService
from orchestrator.security.authentication import Authenticator
from orchestrator.security.passwords import PasswordService
from orchestrator.security.roles import Role
from orchestrator.security.sessions import SessionService
from orchestrator.security.tokens import JwtService, SigningKeys
from orchestrator.security.users import UserRepository
from orchestrator.settings import Settings
from orchestrator.speech.service import SpeechService
from orchestrator.state.store import InMemoryStateStore, RedisStateStore, StateStore
from orchestrator.telephony.livekit import LiveKitTelephony
from orchestrator.vendors.connections import VendorClients, create_vendor_clients
from orchestrator.vendors.mews.client import MewsClient, MewsCredentials

PMS_VENDORS = frozenset({"apaleo", "mews"})
PMS_DEADLINE_SECONDS = READ_TIMEOUT_SECONDS
"""A guest on the phone waits for the PMS: one slow attempt gets all the time there is, even of a longer VENDOR_DEADLINE."""
HTTP_POOL_LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityServices:
    """Who may."""

    access_tokens: JwtService
    sessions: SessionService
    users: UserRepository
    api_keys: ApiKeyService
    authenticator: Authenticator


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One service's parts."""

    settings: Settings
    http: httpx.AsyncClient
    state_store: StateStore
    database: Database
    metrics: Metrics
    traces: Tracing
    vendor_guards: dict[str, VendorGuard]
    pms: CachingPmsConnector
    speech: SpeechService
    idempotency: IdempotentExecutor
    call_service: CallService
    gdpr: GdprService
    retention: RetentionTask
    security: SecurityServices

    async def startup(self) -> None:
        """Make what must be there: tables, and the first user."""
        await self.database.create_tables()
        email, password = self.settings.admin_email, self.settings.admin_password
        if email and password:
            await self.security.users.create(email, password.get_secret_value(), [Role.ADMIN])

    async def shutdown(self) -> None:
        """Let go of all connections."""
        await self.http.aclose()
        await self.state_store.close()
        await self.database.close()
        self.traces.shutdown()


def build_container(settings: Settings) -> Container:
    """All parts; nothing is connected yet.

    Raises:
        PmsConfigurationError, ValueError: a setting is wrong; the message says which.
    """
    http = httpx.AsyncClient(limits=HTTP_POOL_LIMITS, event_hooks={"request": [add_correlation_header]})
    endpoint = settings.otel_exporter_otlp_endpoint
    metrics, traces = Metrics(), Tracing(str(endpoint) if endpoint else None)
    guards = _guards(settings, metrics, traces)

    def policy_for(vendor: str) -> CallPolicy:
        return _policy(settings, guards[vendor])

    vendors = create_vendor_clients(settings, http, policy_for)
    store: StateStore = (
        RedisStateStore(str(settings.redis_url)) if settings.redis_url else InMemoryStateStore()
    )
    database = Database(settings.database_url)
    pms = CachingPmsConnector(
        create_pms_connector(settings, vendors, http, policy_for), settings.pms_cache_ttl_seconds
    )
    speech = SpeechService(vendors.tts, settings.tts_voice_ids)
    idempotency, call_records = IdempotentExecutor(store), CallRecordRepository(database)
    gdpr = GdprService(
        call_records,
        ConsentRepository(database),
        settings.pseudonymization_key.get_secret_value().encode(),
    )
    return Container(
        settings=settings,
        http=http,
        state_store=store,
        database=database,
        metrics=metrics,
        traces=traces,
        vendor_guards=guards,
        pms=pms,
        speech=speech,
        idempotency=idempotency,
        call_service=CallService(
            _intent_context(settings, pms, vendors),
            speech,
            CallRepository(store),
            idempotency,
            call_records,
            metrics,
            gdpr.pseudonym,
        ),
        gdpr=gdpr,
        retention=RetentionTask(call_records, settings.retention_days),
        security=_security(settings, store, database),
    )


class PmsConfigurationError(Exception):
    """The PMS is unknown or not configured; the message names the variable to set."""


def create_pms_connector(
    settings: Settings,
    vendors: VendorClients,
    http: httpx.AsyncClient,
    policy_for: Callable[[str], CallPolicy],
) -> PmsConnector:
    """Return the connector of the configured PMS.

    Raises:
        PmsConfigurationError: the PMS is unknown, or its settings are missing.
    """
    if settings.pms_provider == "apaleo":
        return ApaleoConnector(vendors.apaleo, settings.default_phone_region)
    if settings.pms_provider == "mews":
        mews = _mews_client(settings, http, policy_for("mews"))
        return MewsConnector(mews, settings.default_phone_region)
    if settings.pms_provider == "memory":
        return InMemoryConnector()
    raise PmsConfigurationError(
        f"PMS_KIND should be one of apaleo, mews, memory, it is '{settings.pms_provider}'"
    )


def _mews_client(settings: Settings, http: httpx.AsyncClient, policy: CallPolicy) -> MewsClient:
    url, client_token, access_token = (
        settings.mews_api_url,
        settings.mews_client_token,
        settings.mews_access_token,
    )
    if url is None or client_token is None or access_token is None:
        raise PmsConfigurationError(
            "MEWS_API_URL, MEWS_CLIENT_TOKEN and MEWS_ACCESS_TOKEN should be set for Mews"
        )
    credentials = MewsCredentials(client_token.get_secret_value(), access_token.get_secret_value())
    return MewsClient(base_url=str(url), credentials=credentials, http=http, policy=policy)


def _intent_context(settings: Settings, pms: CachingPmsConnector, vendors: VendorClients) -> IntentContext:
    return IntentContext(
        pms=pms,
        telephony=LiveKitTelephony(vendors.livekit),
        service_ids=settings.hotel_service_ids,
        transfer_number=settings.transfer_number,
        current_date=lambda: datetime.now(settings.hotel_time_zone).date(),
    )


def _security(settings: Settings, store: StateStore, database: Database) -> SecurityServices:
    keys = SigningKeys(settings.jwt_signing_keys.get_secret_value())
    tokens = JwtService(keys, settings.access_token_ttl_seconds)
    sessions = SessionService(store, settings.session_ttl_seconds)
    api_keys = ApiKeyService(database)
    users = UserRepository(database, PasswordService(minimum_cost=settings.argon2_cost == "least"))
    return SecurityServices(
        access_tokens=tokens,
        sessions=sessions,
        users=users,
        api_keys=api_keys,
        authenticator=Authenticator(tokens, sessions, api_keys),
    )


def _guards(settings: Settings, metrics: Metrics, traces: Tracing) -> dict[str, VendorGuard]:
    def observe(vendor: str, operation: str, outcome: str, seconds: float) -> None:
        metrics.observe_vendor_call(vendor, operation, outcome, seconds)
        traces.record_vendor_span(vendor, operation, outcome, seconds)

    limits = GuardLimits(
        failure_threshold=settings.circuit_breaker_failure_threshold,
        reset_timeout=settings.circuit_breaker_reset_seconds,
    )
    return {
        vendor: VendorGuard(vendor, limits, observe)
        for vendor in (settings.pms_provider, "apaleo", "tts", "livekit")
    }


def _policy(settings: Settings, guard: VendorGuard) -> CallPolicy:
    deadline = settings.vendor_timeout_seconds
    if guard.vendor in PMS_VENDORS:
        deadline = min(deadline, PMS_DEADLINE_SECONDS)
        return CallPolicy(guard=guard, total_timeout=deadline, attempt_timeout=deadline)
    return CallPolicy(guard=guard, total_timeout=deadline, attempt_timeout=deadline / 2)
