"""The representation of a deployment or a release."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from broker.database import Row
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
    version_link = link(url(request, "pacticipants", name, "versions", number), name=name)
    return {
        "pacticipant": {"name": name},
        "version": {"number": number, "_links": {"self": version_link}},
        "environment": {
            "uuid": row["environment_uuid"],
            "name": row["environment_name"],
            "displayName": row["environment_display_name"],
            "production": bool(row["production"]),
        },
    }
