"""The clients of all vendors, made from the settings over one connection pool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from orchestrator.resilience.policy import Policy
from orchestrator.settings import Settings
from orchestrator.vendors.apaleo.client import ApaleoClient
from orchestrator.vendors.apaleo.tokens import TokenEndpoint, TokenSource
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.tokens import AccessTokens
from orchestrator.vendors.tts.client import TtsClient


@dataclass(frozen=True, slots=True)
class Vendors:
    """One client for each vendor."""

    apaleo: ApaleoClient
    tts: TtsClient
    livekit: LiveKitClient


def connect(
    settings: Settings, http: httpx.AsyncClient, policy_of: Callable[[str], Policy] = lambda _vendor: Policy()
) -> Vendors:
    """Make the clients.

    Args:
        settings: addresses and credentials.
        http: the shared connection pool, closed by whoever made it.
        policy_of: a vendor's deadline, retries, breaker and bulkhead.
    """
    apaleo, tts, livekit = (policy_of(vendor) for vendor in ("apaleo", "tts", "livekit"))
    endpoint = TokenEndpoint(
        base_url=str(settings.pms_identity_url),
        client_id=settings.pms_client_id,
        client_secret=settings.pms_client_secret.get_secret_value(),
        http=http,
        policy=apaleo,
    )
    access = AccessTokens(settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())
    return Vendors(
        apaleo=ApaleoClient(
            base_url=str(settings.pms_api_url), tokens=TokenSource(endpoint), http=http, policy=apaleo
        ),
        tts=TtsClient(
            base_url=str(settings.tts_service_url),
            api_key=settings.tts_api_key.get_secret_value(),
            http=http,
            policy=tts,
        ),
        livekit=LiveKitClient(base_url=str(settings.livekit_url), tokens=access, http=http, policy=livekit),
    )
