"""Makes the PMS that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from orchestrator.pms.apaleo import ApaleoPms
from orchestrator.pms.connector import Pms
from orchestrator.pms.memory import MemoryPms
from orchestrator.pms.mews import MewsPms
from orchestrator.resilience.policy import Policy
from orchestrator.settings import Settings
from orchestrator.vendors.connections import Vendors
from orchestrator.vendors.mews.client import Credentials, MewsClient


@dataclass(frozen=True, slots=True)
class Parts:
    """What a PMS is made of."""

    settings: Settings
    vendors: Vendors
    http: httpx.AsyncClient
    policy_of: Callable[[str], Policy]


class UnknownPms(Exception):
    """There is no PMS of this kind, or its settings are missing; the message names what would be right."""


def create(parts: Parts) -> Pms:
    """The PMS of `PMS_KIND`.

    Raises:
        UnknownPms: there is none of this kind, or its settings are missing.
    """
    kind = parts.settings.pms_kind
    if kind not in KINDS:
        raise UnknownPms(f"PMS_KIND should be one of {', '.join(KINDS)}, it is '{kind}'")
    return KINDS[kind](parts)


def _apaleo(parts: Parts) -> Pms:
    return ApaleoPms(parts.vendors.apaleo, parts.settings.default_region)


def _mews(parts: Parts) -> Pms:
    url, client, access = (
        parts.settings.mews_api_url,
        parts.settings.mews_client_token,
        parts.settings.mews_access_token,
    )
    if url is None or client is None or access is None:
        raise UnknownPms("MEWS_API_URL, MEWS_CLIENT_TOKEN and MEWS_ACCESS_TOKEN should be set for Mews")
    credentials = Credentials(client.get_secret_value(), access.get_secret_value())
    mews = MewsClient(
        base_url=str(url), credentials=credentials, http=parts.http, policy=parts.policy_of("mews")
    )
    return MewsPms(mews, parts.settings.default_region)


def _memory(_: Parts) -> Pms:
    return MemoryPms()


KINDS: dict[str, Callable[[Parts], Pms]] = {"apaleo": _apaleo, "mews": _mews, "memory": _memory}
