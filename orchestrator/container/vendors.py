"""Builds the clients of the vendors, and what protects them, from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from orchestrator.observability.metrics import Metrics
from orchestrator.pms.adapters.apaleo import ApaleoConnector
from orchestrator.pms.adapters.memory import InMemoryConnector
from orchestrator.pms.adapters.mews import MewsConnector
from orchestrator.pms.cache import CachingPmsConnector
from orchestrator.pms.interface import PmsConnector
from orchestrator.resilience.guard import CallObserver, GuardLimits, VendorGuard
from orchestrator.resilience.policy import CallPolicy
from orchestrator.settings import Settings
from orchestrator.settings.vendors import ApaleoSettings, LiveKitSettings, MewsSettings, TtsSettings
from orchestrator.speech.quota import QuotaWatch
from orchestrator.speech.service import SpeechService
from orchestrator.speech.synthesis import Synthesizer
from orchestrator.speech.voices import VoiceAvailability
from orchestrator.state.store import StateStore
from orchestrator.telephony.agents import LiveKitAgents
from orchestrator.telephony.livekit import LiveKitTelephony
from orchestrator.telephony.recorder import LiveKitRecorder
from orchestrator.vendors.apaleo.client import ApaleoClient
from orchestrator.vendors.apaleo.oauth import CachedTokenProvider, ClientCredentials, TokenEndpoint
from orchestrator.vendors.connection_pool import ConnectionPool
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.tokens import AccessTokenFactory
from orchestrator.vendors.mews.client import MewsClient
from orchestrator.vendors.mews.connection import MewsCredentials
from orchestrator.vendors.operation_groups import groups_of
from orchestrator.vendors.tts.client import TtsClient

PMS_VENDORS = frozenset({"apaleo", "mews"})
RINGING_MARGIN_SECONDS = 10
"""How much longer a response may take than the telephone rings."""
# more than the bulkheads of a vendor admit together (at most five groups, 50 calls each)
HTTP_POOL_LIMITS = httpx.Limits(max_connections=260)
T = TypeVar("T")
PolicyFactory = Callable[[str], CallPolicy]
"""Returns the time-outs, retries, circuit breakers and bulkheads of a vendor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorServices:
    """The services behind which the vendors are, their guards by vendor, and their connection pools by vendor."""

    pms: CachingPmsConnector
    speech: SpeechService
    quota: QuotaWatch
    telephony: LiveKitTelephony
    agents: LiveKitAgents
    recorder: LiveKitRecorder
    guards: dict[str, VendorGuard]
    http_pools: dict[str, httpx.AsyncClient]


def create_vendor_services(
    current: Callable[[], Settings], store: StateStore, metrics: Metrics, observe: CallObserver
) -> VendorServices:
    """Return the services of the PMS, of text to speech and of LiveKit.

    Args:
        current: returns the settings in use, whose credentials can be rotated; nothing else changes.
        store: the state store, in which the PMS caches of several processes agree.
        metrics: counts hits of the PMS cache.
        observe: receives the outcome of each vendor call.
    """
    settings = current()
    guards = _create_guards(settings, observe)
    # one pool per vendor, so that a vendor that hangs cannot take the connections of the others
    pools = {vendor: create_http_pool() for vendor in guards}

    def policy_for(vendor: str) -> CallPolicy:
        return _create_policy(settings, guards[vendor])

    hotel, tts = settings.hotel, settings.tts
    livekit = create_livekit_client(lambda: current().livekit, pools["livekit"], policy_for)
    ringing_seconds = settings.livekit.transfer_ringing_seconds
    transfer_client = create_ringing_livekit_client(current, guards, pools, ringing_seconds)
    pms = create_pms(current, pools[hotel.pms_provider], policy_for)
    cached_pms = CachingPmsConnector(
        pms, store, hotel.pms_cache_ttl_seconds, settings.limits.pms_timeout_seconds
    )
    metrics.register_pms_cache(cached_pms.stats.by_outcome)
    tts_client = create_tts_client(lambda: current().tts, pools["tts"], policy_for)
    quota = _create_quota_watch(tts, tts_client, metrics)
    return VendorServices(
        pms=cached_pms,
        speech=_create_speech(tts, tts_client, quota, metrics),
        quota=quota,
        telephony=LiveKitTelephony(livekit, settings.livekit.agent_name, transfer_client, ringing_seconds),
        agents=LiveKitAgents(livekit, settings.livekit.agent_name),
        recorder=LiveKitRecorder(livekit),
        guards=guards,
        http_pools=pools,
    )


def create_pms(
    current: Callable[[], Settings], http: httpx.AsyncClient, policy_for: PolicyFactory
) -> PmsConnector:
    """Return the connector of PMS_KIND."""
    settings = current()
    phone_region = settings.hotel.default_phone_region
    if settings.apaleo:
        return ApaleoConnector(
            create_apaleo_client(lambda: _required(current().apaleo), http, policy_for), phone_region
        )
    if settings.mews:
        mews = _create_mews_client(lambda: _required(current().mews), http, policy_for)
        return MewsConnector(mews, phone_region, settings.mews.service_id)
    return InMemoryConnector()


def create_apaleo_client(
    current: Callable[[], ApaleoSettings], http: httpx.AsyncClient, policy_for: PolicyFactory
) -> ApaleoClient:
    """Return a client that caches its OAuth2 token."""

    def credentials() -> ClientCredentials:
        settings = current()
        return ClientCredentials(settings.client_id, settings.client_secret.get_secret_value())

    policy = policy_for("apaleo")
    endpoint = TokenEndpoint(
        base_url=str(current().identity_url),
        credentials=credentials,
        http=http,
        policy=policy,
    )
    return ApaleoClient(
        base_url=str(current().api_url), tokens=CachedTokenProvider(endpoint), http=http, policy=policy
    )


def create_tts_client(
    current: Callable[[], TtsSettings], http: httpx.AsyncClient, policy_for: PolicyFactory
) -> TtsClient:
    """Return the text-to-speech client."""

    def api_key() -> str:
        return current().api_key.get_secret_value()

    return TtsClient(
        base_url=str(current().service_url),
        api_key=api_key,
        http=http,
        policy=policy_for("tts"),
    )


@dataclass(frozen=True, slots=True)
class _CurrentAccessTokens:
    """Creates LiveKit's access tokens with the API key that is valid now."""

    current: Callable[[], LiveKitSettings]

    def create(self, *, video: Mapping[str, Any] | None = None, sip: Mapping[str, Any] | None = None) -> str:
        """Return a token with exactly these grants."""
        settings = self.current()
        factory = AccessTokenFactory(settings.api_key, settings.api_secret.get_secret_value())
        return factory.create(video=video, sip=sip)


def _create_quota_watch(settings: TtsSettings, client: TtsClient, metrics: Metrics) -> QuotaWatch:
    return QuotaWatch(
        client.get_subscription,
        settings.quota_interval_seconds,
        settings.quota_warning_share,
        metrics.tts_characters_remaining.set,
    )


def _create_speech(
    settings: TtsSettings, client: TtsClient, quota: QuotaWatch, metrics: Metrics
) -> SpeechService:
    voices = VoiceAvailability(lambda reason: metrics.voice_fallbacks.labels(reason).inc())
    synthesizer = Synthesizer(client, quota, voices, settings.max_characters)
    return SpeechService(synthesizer, settings.voice_ids, settings.hotel_voice_ids)


def create_livekit_client(
    current: Callable[[], LiveKitSettings], http: httpx.AsyncClient, policy_for: PolicyFactory
) -> LiveKitClient:
    """Return the LiveKit client, which signs its own access tokens."""
    tokens = _CurrentAccessTokens(current)
    return LiveKitClient(base_url=str(current().url), tokens=tokens, http=http, policy=policy_for("livekit"))


def create_ringing_livekit_client(
    current: Callable[[], Settings],
    guards: Mapping[str, VendorGuard],
    pools: Mapping[str, httpx.AsyncClient],
    ringing_seconds: int,
) -> LiveKitClient:
    """Return a client for requests that LiveKit responds to when a telephone is answered, long after any other response."""
    seconds = ringing_response_seconds(ringing_seconds)
    policy = CallPolicy(guard=guards["livekit"], total_timeout=seconds, attempt_timeout=seconds)
    return create_livekit_client(lambda: current().livekit, pools["livekit"], lambda _vendor: policy)


def ringing_response_seconds(ringing_seconds: int) -> float:
    """Return how long a response may take that comes when a telephone is answered."""
    return ringing_seconds + RINGING_MARGIN_SECONDS


def _create_mews_client(
    current: Callable[[], MewsSettings], http: httpx.AsyncClient, policy_for: PolicyFactory
) -> MewsClient:
    def credentials() -> MewsCredentials:
        settings = current()
        return MewsCredentials(
            settings.client_token.get_secret_value(), settings.access_token.get_secret_value()
        )

    return MewsClient(
        base_url=str(current().api_url), credentials=credentials, http=http, policy=policy_for("mews")
    )


def _required(section: T | None) -> T:
    """Return a section that is set as long as the process runs, because PMS_KIND does not change."""
    if section is None:
        raise LookupError("the settings of the PMS are missing")
    return section


def create_http_pool() -> httpx.AsyncClient:
    """Return a connection pool whose requests carry the correlation id."""
    return ConnectionPool(HTTP_POOL_LIMITS)


def _create_policy(settings: Settings, guard: VendorGuard) -> CallPolicy:
    timeout = settings.limits.vendor_timeout_seconds
    if guard.vendor in PMS_VENDORS:
        # a guest on the phone waits for the PMS, so one slow attempt gets all the time
        timeout = min(timeout, settings.limits.pms_timeout_seconds)
        return CallPolicy(guard=guard, total_timeout=timeout, attempt_timeout=timeout)
    # half the time for one attempt, so that a second one fits
    return CallPolicy(guard=guard, total_timeout=timeout, attempt_timeout=timeout / 2)


def _create_guards(settings: Settings, observe: CallObserver) -> dict[str, VendorGuard]:
    limits = GuardLimits(
        failure_threshold=settings.limits.circuit_breaker_failure_threshold,
        reset_timeout=settings.limits.circuit_breaker_reset_seconds,
    )
    return {
        vendor: VendorGuard(vendor, groups_of(vendor), limits, observe)
        for vendor in (settings.hotel.pms_provider, "tts", "livekit")
    }
