"""The clients of all vendors, made from the settings over one connection pool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.settings import Settings
from orchestrator.vendors.apaleo.client import ApaleoClient
from orchestrator.vendors.apaleo.oauth import CachedTokenProvider, TokenEndpoint
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.tokens import AccessTokenFactory
from orchestrator.vendors.tts.client import TtsClient


@dataclass(frozen=True, slots=True)
class VendorClients:
    """One client for each vendor."""

    apaleo: ApaleoClient
    tts: TtsClient
    livekit: LiveKitClient


def create_vendor_clients(
    settings: Settings,
    http: httpx.AsyncClient,
    policy_for: Callable[[str], CallPolicy] = lambda _vendor: CallPolicy(),
) -> VendorClients:
    """Make the clients.

    Args:
        settings: addresses and credentials.
        http: the shared connection pool, closed by whoever made it.
        policy_for: a vendor's deadline, retries, breaker and bulkhead.
    """
    apaleo, tts, livekit = (policy_for(vendor) for vendor in ("apaleo", "tts", "livekit"))
    endpoint = TokenEndpoint(
        base_url=str(settings.apaleo_identity_url),
        client_id=settings.apaleo_client_id,
        client_secret=settings.apaleo_client_secret.get_secret_value(),
        http=http,
        policy=apaleo,
    )
    access = AccessTokenFactory(settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())
    return VendorClients(
        apaleo=ApaleoClient(
            base_url=str(settings.apaleo_api_url),
            tokens=CachedTokenProvider(endpoint),
            http=http,
            policy=apaleo,
        ),
        tts=TtsClient(
            base_url=str(settings.tts_service_url),
            api_key=settings.tts_api_key.get_secret_value(),
            http=http,
            policy=tts,
        ),
        livekit=LiveKitClient(base_url=str(settings.livekit_url), tokens=access, http=http, policy=livekit),
    )
