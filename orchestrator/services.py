"""Everything the service is made of, put together from the settings."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from sqlalchemy.exc import SQLAlchemyError

from orchestrator.calls.flow import CallFlow
from orchestrator.calls.records import Records
from orchestrator.calls.store import Calls, Once
from orchestrator.calls.voice import Voice
from orchestrator.calls.wishes import House
from orchestrator.database import Database
from orchestrator.keyvalue import KeyValue, MemoryKeyValue, RedisKeyValue
from orchestrator.observability import logs
from orchestrator.observability.correlation import pass_on
from orchestrator.observability.metrics import Metrics
from orchestrator.observability.traces import Traces
from orchestrator.pms.cache import CachedPms
from orchestrator.pms.factory import Parts
from orchestrator.pms.factory import create as create_pms
from orchestrator.resilience.guard import Guard, GuardedPolicy, Limits
from orchestrator.security.api_keys import ApiKeys
from orchestrator.security.callers import Door
from orchestrator.security.passwords import Passwords
from orchestrator.security.roles import Role
from orchestrator.security.sessions import Sessions
from orchestrator.security.tokens import AccessTokens, SigningKeys
from orchestrator.security.users import Users
from orchestrator.settings import Settings
from orchestrator.vendors.connections import Vendors, connect

RETENTION_EVERY = 3600.0
"""Seconds between two searches for records that are too old."""
CONNECTIONS = httpx.Limits(max_connections=200, max_keepalive_connections=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """Who may."""

    tokens: AccessTokens
    sessions: Sessions
    users: Users
    api_keys: ApiKeys
    door: Door


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One service's parts."""

    settings: Settings
    http: httpx.AsyncClient
    store: KeyValue
    database: Database
    metrics: Metrics
    traces: Traces
    guards: dict[str, Guard]
    pms: CachedPms
    voice: Voice
    once: Once
    calls: Calls
    records: Records
    flow: CallFlow
    security: Security

    async def start(self) -> None:
        """Make what must be there: tables, and the first user."""
        await self.database.prepare()
        email, password = self.settings.admin_email, self.settings.admin_password
        if email and password:
            await self.security.users.create(email, password.get_secret_value(), [Role.ADMIN])

    async def keep_retention(self) -> None:
        """Forget records that are older than they may be, now and every hour, for as long as the service runs."""
        while True:
            try:
                gone = await self.records.expire(datetime.now(UTC), self.settings.retention_days)
            except (SQLAlchemyError, OSError) as failure:
                logs.error("retention", failure)
            else:
                logs.log("retention", expired=gone)
            await asyncio.sleep(RETENTION_EVERY)

    async def stop(self) -> None:
        """Let go of all connections."""
        await self.http.aclose()
        await self.store.close()
        await self.database.close()
        self.traces.close()


def build(settings: Settings) -> Services:
    """All parts; nothing is connected yet.

    Raises:
        UnknownPms, ValueError: a setting is wrong; the message says which.
    """
    http = httpx.AsyncClient(limits=CONNECTIONS, event_hooks={"request": [pass_on]})
    metrics, traces = Metrics(), Traces(settings)
    guards = _guards(settings, metrics, traces)

    def policy_of(vendor: str) -> GuardedPolicy:
        return _policy(settings, guards[vendor])

    vendors = connect(settings, http, policy_of)
    store: KeyValue = RedisKeyValue(str(settings.redis_url)) if settings.redis_url else MemoryKeyValue()
    database = Database(settings.database_url)
    pms = CachedPms(create_pms(Parts(settings, vendors, http, policy_of)), settings.pms_cache_seconds)
    voice = Voice(vendors.tts, vendors.livekit, settings.voices)
    once, calls, records = Once(store), Calls(store), Records(database)
    key = settings.privacy_key.get_secret_value().encode()
    return Services(
        settings=settings,
        http=http,
        store=store,
        database=database,
        metrics=metrics,
        traces=traces,
        guards=guards,
        pms=pms,
        voice=voice,
        once=once,
        calls=calls,
        records=records,
        flow=CallFlow(_house(settings, pms, vendors), voice, calls, once, records, metrics, key),
        security=_security(settings, store, database),
    )


def _house(settings: Settings, pms: CachedPms, vendors: Vendors) -> House:
    return House(
        pms=pms,
        livekit=vendors.livekit,
        services=settings.services,
        colleague=settings.transfer_number,
        today=lambda: datetime.now(settings.time_zone).date(),
    )


def _security(settings: Settings, store: KeyValue, database: Database) -> Security:
    keys = SigningKeys(settings.jwt_keys.get_secret_value())
    tokens = AccessTokens(keys, settings.access_token_seconds)
    sessions = Sessions(store, settings.session_seconds)
    api_keys = ApiKeys(database)
    users = Users(database, Passwords(least=settings.password_cost == "least"))  # noqa: S105 - a choice, no password
    return Security(
        tokens=tokens,
        sessions=sessions,
        users=users,
        api_keys=api_keys,
        door=Door(tokens, sessions, api_keys),
    )


def _guards(settings: Settings, metrics: Metrics, traces: Traces) -> dict[str, Guard]:
    def observe(vendor: str, operation: str, outcome: str, seconds: float) -> None:
        metrics.vendor_call(vendor, operation, outcome, seconds)
        traces.vendor_call(vendor, operation, outcome, seconds)

    limits = Limits(failures=settings.breaker_failures, open_for=settings.breaker_open_seconds)
    return {
        vendor: Guard(vendor, limits, observe) for vendor in (settings.pms_kind, "apaleo", "tts", "livekit")
    }


def _policy(settings: Settings, guard: Guard) -> GuardedPolicy:
    deadline = settings.vendor_deadline
    return GuardedPolicy(guard=guard, deadline=deadline, attempt_timeout=deadline / 2)
