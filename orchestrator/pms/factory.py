"""Makes the PMS that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from orchestrator.pms.adapters.apaleo import ApaleoConnector
from orchestrator.pms.adapters.memory import InMemoryConnector
from orchestrator.pms.adapters.mews import MewsConnector
from orchestrator.pms.interface import PmsConnector
from orchestrator.resilience.policy import CallPolicy
from orchestrator.settings import Settings
from orchestrator.vendors.connections import VendorClients
from orchestrator.vendors.mews.client import MewsClient, MewsCredentials


@dataclass(frozen=True, slots=True)
class PmsDependencies:
    """What a PMS is made of."""

    settings: Settings
    vendors: VendorClients
    http: httpx.AsyncClient
    policy_of: Callable[[str], CallPolicy]


class PmsConfigurationError(Exception):
    """There is no PMS of this kind, or its settings are missing; the message names what would be right."""


def create_connector(parts: PmsDependencies) -> PmsConnector:
    """The PMS of `PMS_KIND`.

    Raises:
        PmsConfigurationError: there is none of this kind, or its settings are missing.
    """
    kind = parts.settings.pms_provider
    if kind not in CONNECTOR_FACTORIES:
        raise PmsConfigurationError(
            f"PMS_KIND should be one of {', '.join(CONNECTOR_FACTORIES)}, it is '{kind}'"
        )
    return CONNECTOR_FACTORIES[kind](parts)


def _apaleo(parts: PmsDependencies) -> PmsConnector:
    return ApaleoConnector(parts.vendors.apaleo, parts.settings.default_phone_region)


def _mews(parts: PmsDependencies) -> PmsConnector:
    url, client, access = (
        parts.settings.mews_api_url,
        parts.settings.mews_client_token,
        parts.settings.mews_access_token,
    )
    if url is None or client is None or access is None:
        raise PmsConfigurationError(
            "MEWS_API_URL, MEWS_CLIENT_TOKEN and MEWS_ACCESS_TOKEN should be set for Mews"
        )
    credentials = MewsCredentials(client.get_secret_value(), access.get_secret_value())
    mews = MewsClient(
        base_url=str(url), credentials=credentials, http=parts.http, policy=parts.policy_of("mews")
    )
    return MewsConnector(mews, parts.settings.default_phone_region)


def _memory(_: PmsDependencies) -> PmsConnector:
    return InMemoryConnector()


CONNECTOR_FACTORIES: dict[str, Callable[[PmsDependencies], PmsConnector]] = {
    "apaleo": _apaleo,
    "mews": _mews,
    "memory": _memory,
}
