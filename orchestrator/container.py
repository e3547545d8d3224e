"""Everything the service is made of, put together from the settings."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.calls.intents.registry import IntentContext
from orchestrator.calls.repository import CallRepository, IdempotentExecutor
from orchestrator.calls.service import CallService
from orchestrator.observability import logging
from orchestrator.observability.correlation import add_correlation_header
from orchestrator.observability.metrics import Metrics
from orchestrator.observability.tracing import Tracing
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.database import Database
from orchestrator.pms.cache import CachingPmsConnector
from orchestrator.pms.factory import PmsDependencies
from orchestrator.pms.factory import create_connector as create_pms
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
from orchestrator.vendors.connections import VendorClients, create_vendor_clients

RETENTION_INTERVAL_SECONDS = 3600.0
"""Seconds between two searches for records that are too old."""
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
    call_store: CallRepository
    call_records: CallRecordRepository
    call_service: CallService
    security: SecurityServices

    async def startup(self) -> None:
        """Make what must be there: tables, and the first user."""
        await self.database.create_tables()
        email, password = self.settings.admin_email, self.settings.admin_password
        if email and password:
            await self.security.users.create(email, password.get_secret_value(), [Role.ADMIN])

    async def run_retention_loop(self) -> None:
        """Forget records that are older than they may be, now and every hour, for as long as the service runs."""
        while True:
            try:
                gone = await self.call_records.delete_older_than(
                    datetime.now(UTC), self.settings.retention_days
                )
            except (SQLAlchemyError, OSError) as failure:
                logging.exception("retention", failure)
            else:
                logging.info("retention", expired=gone)
            await asyncio.sleep(RETENTION_INTERVAL_SECONDS)

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
        create_pms(PmsDependencies(settings, vendors, http, policy_for)), settings.pms_cache_ttl_seconds
    )
    metrics.register_pms_cache(
        lambda: {"hit": pms.counts.hits, "miss": pms.counts.misses, "coalesced": pms.counts.coalesced}
    )
    voice = SpeechService(vendors.tts, vendors.livekit, settings.tts_voice_ids)
    once, calls, records = IdempotentExecutor(store), CallRepository(store), CallRecordRepository(database)
    key = settings.pseudonymization_key.get_secret_value().encode()
    return Container(
        settings=settings,
        http=http,
        state_store=store,
        database=database,
        metrics=metrics,
        traces=traces,
        vendor_guards=guards,
        pms=pms,
        speech=voice,
        idempotency=once,
        call_store=calls,
        call_records=records,
        call_service=CallService(
            _intent_context(settings, pms, vendors), voice, calls, once, records, metrics, key
        ),
        security=_security(settings, store, database),
    )


def _intent_context(settings: Settings, pms: CachingPmsConnector, vendors: VendorClients) -> IntentContext:
    return IntentContext(
        pms=pms,
        livekit=vendors.livekit,
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
    return CallPolicy(guard=guard, total_timeout=deadline, attempt_timeout=deadline / 2)
