"""Links that several resources have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from broker.database import Row
from broker.web import link, url


def version_link(request: Request, version: Row | Mapping[str, Any]) -> dict[str, Any]:
    """Return a link to a version (`name` of the pacticipant, `number`)."""
    return link(
        url(request, "pacticipants", version["name"], "versions", version["number"]),
        "Version",
        version["number"],
    )


def branch_version_link(request: Request, pacticipant: str, branch: str, number: str) -> dict[str, Any]:
    """Return a link to a version on a branch."""
    path = ("pacticipants", pacticipant, "branches", branch, "versions", number)
    return link(url(request, *path), "Branch version", branch)


def tag_link(request: Request, pacticipant: str, number: str, tag: str) -> dict[str, Any]:
    """Return a link to a tag of a version."""
    return link(url(request, "pacticipants", pacticipant, "versions", number, "tags", tag), "Tag", tag)


def label_link(request: Request, pacticipant: str, label: str) -> dict[str, Any]:
    """Return a link to a label of a pacticipant."""
    return link(url(request, "pacticipants", pacticipant, "labels", label), "Label", label)


def environment_links(request: Request, uuid: str, name: str) -> dict[str, Any]:
    """Return the links of an environment."""
    path = ("environments", uuid)
    return {
        "self": link(url(request, *path), "Environment", name),
        "pb:currently-deployed-deployed-versions": link(
            url(request, *path, "deployed-versions", "currently-deployed")
        ),
        "pb:currently-supported-released-versions": link(
            url(request, *path, "released-versions", "currently-supported")
        ),
        "pb:environments": link(url(request, "environments")),
    }


def pact_link(request: Request, pact: Row) -> dict[str, Any]:
    """Return a link to the pact of a consumer version."""
    return link(url(request, *pact_path(pact), "version", pact["version_number"]), "Pact", pact_name(pact))


def pact_path(pact: Row) -> tuple[str, ...]:
    """Return the path of all pacts of an integration."""
    return ("pacts", "provider", pact["provider_name"], "consumer", pact["consumer"])


def pact_name(pact: Row) -> str:
    """Return the name of a pact for display."""
    return f"Pact between {pact['consumer']} ({pact['version_number']}) and {pact['provider_name']}"
