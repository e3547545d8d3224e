"""Links that several resources have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from broker.database import Row
from broker.web import link, url


def version_link(request: Request, version: Row | Mapping[str, Any]) -> dict[str, Any]:
    """A link to a version."""
    return link(
        url(request, "pacticipants", version["name"], "versions", version["number"]),
        "Version",
        version["number"],
    )


def pact_link(request: Request, pact: Row) -> dict[str, Any]:
    """A link to the pact of a consumer version."""
    return link(url(request, *pact_path(pact), "version", pact["version_number"]), "Pact", pact_name(pact))


def pact_path(pact: Row) -> tuple[str, ...]:
    """The path of all pacts of the pair."""
    return ("pacts", "provider", pact["provider_name"], "consumer", pact["consumer"])


def pact_name(pact: Row) -> str:
    """A pact in words."""
    return f"Pact between {pact['consumer']} ({pact['version_number']}) and {pact['provider_name']}"
