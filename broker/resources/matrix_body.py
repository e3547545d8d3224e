"""The representation of a matrix with its decision."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from broker.database import Row
from broker.domain.can_i_deploy import CanIDeployResult
from broker.domain.matrix import MatrixRow
from broker.domain.pact_url_metadata import PactUrlMetadata
from broker.resources.links import branch_version_link
from broker.store import branches, deployments, tags, versions
from broker.web import database, format_timestamp, link, url

MAX_LISTED_ROWS = 1000
"""Of more rows, and of more notices about them, the newest are listed; the decision and the counts are of all."""


def matrix_body(request: Request, result: CanIDeployResult) -> dict[str, Any]:
    """Return the summary, the notices and the newest rows of a result; ignored rows come last."""
    version_bodies: dict[int, dict[str, Any]] = {}
    rows = [_row(request, row, version_bodies) for row in result.considered[:MAX_LISTED_ROWS]]
    ignored = result.ignored[:MAX_LISTED_ROWS]
    rows += [{**_row(request, row, version_bodies), "ignored": True} for row in ignored]
    notices = _listed_notices(result)
    summary: dict[str, Any] = {
        "deployable": result.deployable,
        "reason": "\n".join(notice["text"] for notice in notices),
        "success": result.success,
        "failed": result.failed,
        "unknown": result.unknown,
    }
    if result.has_ignore_selectors:
        summary["ignored"] = len(result.ignored)
    return {"summary": summary, "notices": notices, "matrix": rows}


def _listed_notices(result: CanIDeployResult) -> list[dict[str, str]]:
    notices = [{"type": notice.type, "text": notice.text} for notice in result.notices[:MAX_LISTED_ROWS]]
    count = len(result.considered)
    if count <= MAX_LISTED_ROWS:
        return notices
    text = f"The summary counts all {count} rows, of which the newest {MAX_LISTED_ROWS} are listed"
    return [{"type": "warning", "text": text}, *notices]


def _row(request: Request, row: MatrixRow, version_bodies: dict[int, dict[str, Any]]) -> dict[str, Any]:
    def pacticipant(name: str, version: int | None) -> dict[str, Any]:
        # a version occurs in many rows, and each body takes four queries
        if version is not None and version not in version_bodies:
            version_bodies[version] = _version(request, name, version)
        body = None if version is None else version_bodies[version]
        return {"name": name, "version": body, "_links": {"self": link(url(request, "pacticipants", name))}}

    path = ("pacts", "provider", row.provider, "consumer", row.consumer)
    provider_version = row.provider_version_id if row.provider_version is not None else None
    return {
        "consumer": pacticipant(row.consumer, row.consumer_version_id),
        "provider": pacticipant(row.provider, provider_version),
        "pact": {
            "createdAt": format_timestamp(row.published),
            "_links": {"self": link(url(request, *path, "version", row.consumer_version))},
        },
        "verificationResult": _result(request, row, path),
    }


def _result(request: Request, row: MatrixRow, path: tuple[str, ...]) -> dict[str, Any] | None:
    if row.result is None or row.verified is None:
        return None
    metadata = PactUrlMetadata(consumer_version=row.consumer_version).encode()
    result_path = ("pact-version", row.sha, "metadata", metadata, "verification-results", str(row.result))
    return {
        "success": row.success,
        "verifiedAt": format_timestamp(row.verified),
        "_links": {"self": link(url(request, *path, *result_path))},
    }


def _version(request: Request, name: str, version: int) -> dict[str, Any]:
    db = database(request)
    row = versions.find_by_id(db, version)
    number = row["number"] if row else ""
    branch_bodies = [_branch(request, name, number, branch) for branch in branches.branches_of(db, version)]
    current = [item for item in deployments.list_for_version(db, version) if item["ended"] is None]
    return {
        "number": number,
        "branch": branch_bodies[-1]["name"] if branch_bodies else None,
        # the official broker sends the list under both names
        "branches": branch_bodies,
        "branchVersions": branch_bodies,
        "environments": [_environment(request, deployment) for deployment in current],
        "tags": [_tag(request, name, number, tag) for tag in tags.tags_of(db, version)],
        "_links": {"self": link(url(request, "pacticipants", name, "versions", number))},
    }


def _branch(request: Request, name: str, number: str, branch: Row) -> dict[str, Any]:
    self_link = branch_version_link(request, name, branch["name"], number)
    return {"name": branch["name"], "latest": bool(branch["latest"]), "_links": {"self": self_link}}


def _tag(request: Request, name: str, number: str, tag: Row) -> dict[str, Any]:
    href = url(request, "pacticipants", name, "versions", number, "tags", tag["name"])
    return {"name": tag["name"], "latest": bool(tag["latest"]), "_links": {"self": link(href)}}


def _environment(request: Request, deployment: Row) -> dict[str, Any]:
    href = url(request, "environments", deployment["environment_uuid"])
    return {
        "uuid": deployment["environment_uuid"],
        "name": deployment["environment_name"],
        "displayName": deployment["environment_display_name"] or deployment["environment_name"],
        "production": bool(deployment["production"]),
        "createdAt": format_timestamp(deployment["environment_created"]),
        "_links": {"self": link(href, "Environment", deployment["environment_name"])},
    }
