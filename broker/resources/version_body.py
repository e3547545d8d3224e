"""The representation of a version."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from broker.database import Row
from broker.resources.links import branch_version_link, pact_link, tag_link, version_link
from broker.store import branches, deployments, environments, pacts, tags
from broker.web import database, format_timestamp, link, url


def version_body(request: Request, version: Row, *, with_recording_links: bool = True) -> dict[str, Any]:
    """Return a version as a resource; in lists without the links that record deployments and releases."""
    db = database(request)
    path = ("pacticipants", version["name"], "versions", version["number"])
    results_path = ("verification-results", "consumer", path[1], "version", path[3], "latest")
    links: dict[str, Any] = {
        "self": version_link(request, version),
        "pb:pacticipant": link(url(request, *path[:2]), "Pacticipant", version["name"]),
        "pb:tag": link(url(request, *path, "tags", "{tag}"), templated=True),
        "pb:latest-verification-results-where-pacticipant-is-consumer": link(url(request, *results_path)),
        "pb:pact-versions": [pact_link(request, pact) for pact in pacts.list_for_version(db, version["id"])],
        "pb:deployed-environments": _environment_links(request, version, deployments.DEPLOYED),
        "pb:released-environments": _environment_links(request, version, deployments.RELEASED),
    }
    if with_recording_links:
        # lists, in which the official CLI looks for the environment by its name
        links["pb:record-deployment"] = _recording_links(request, (*path, "deployed-versions"))
        links["pb:record-release"] = _recording_links(request, (*path, "released-versions"))
    return {
        "number": version["number"],
        "buildUrl": version["build_url"],
        "createdAt": format_timestamp(version["created"]),
        "_embedded": {
            "branchVersions": [
                _branch_version(request, version, row) for row in branches.branches_of(db, version["id"])
            ],
            "tags": [_tag(request, version, row) for row in tags.tags_of(db, version["id"])],
        },
        "_links": links,
    }


def _branch_version(request: Request, version: Row, branch: Row) -> dict[str, Any]:
    self_link = branch_version_link(request, version["name"], branch["name"], version["number"])
    return {"name": branch["name"], "latest": bool(branch["latest"]), "_links": {"self": self_link}}


def _tag(request: Request, version: Row, tag: Row) -> dict[str, Any]:
    self_link = tag_link(request, version["name"], version["number"], tag["name"])
    return {"name": tag["name"], "_links": {"self": self_link}}


def _environment_links(request: Request, version: Row, kind: str) -> list[dict[str, Any]]:
    flag = "currently_deployed" if kind == deployments.DEPLOYED else "currently_supported"
    links = []
    for row in reversed(deployments.list_for_version(database(request), version["id"], kind)):
        href = url(request, f"{kind}-versions", row["uuid"])
        name = row["environment_display_name"] or row["environment_name"]
        instance = {} if row["instance"] is None else {"application_instance": row["instance"]}
        links.append({**link(href, name=name), flag: row["ended"] is None, **instance})
    return links


def _recording_links(request: Request, path: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        link(url(request, *path, "environment", row["uuid"]), name=row["name"])
        for row in environments.list_all(database(request))
    ]
