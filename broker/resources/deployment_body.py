"""The representation of a deployment or a release."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from broker.database import Row
from broker.resources.links import environment_links, version_link
from broker.store.deployments import DEPLOYED
from broker.web import format_timestamp, link, url


def deployment_body(request: Request, row: Row, *, embedded: bool = True) -> dict[str, Any]:
    """Return a deployment or release as a resource, with its version and environment if `embedded`."""
    kind, is_current = row["kind"], row["ended"] is None
    ended = format_timestamp(row["ended"]) if row["ended"] else None
    if kind == DEPLOYED:
        status = {"currentlyDeployed": is_current, "undeployedAt": ended}
    else:
        # currentlyReleased is what describe-version of the Rust CLI reads
        status = {"currentlySupported": is_current, "currentlyReleased": is_current, "supportEndedAt": ended}
    body: dict[str, Any] = {
        "uuid": row["uuid"],
        **status,
        "applicationInstance": row["instance"],
        # the former name of the instance, which clients still read
        "target": row["instance"],
        "createdAt": format_timestamp(row["created"]),
        "_links": {"self": link(url(request, f"{kind}-versions", row["uuid"]))},
    }
    return {**body, "_embedded": _embedded(request, row)} if embedded else body


def _embedded(request: Request, row: Row) -> dict[str, Any]:
    name, number = row["pacticipant_name"], row["number"]
    pacticipant_link = link(url(request, "pacticipants", name))
    return {
        "pacticipant": {"name": name, "_links": {"self": pacticipant_link}},
        "version": {
            "number": number,
            "_links": {"self": version_link(request, {"name": name, "number": number})},
        },
        "environment": {
            "uuid": row["environment_uuid"],
            "name": row["environment_name"],
            "displayName": row["environment_display_name"] or row["environment_name"],
            "production": bool(row["production"]),
            "createdAt": format_timestamp(row["environment_created"]),
            "_links": environment_links(request, row["environment_uuid"], row["environment_name"]),
        },
    }
