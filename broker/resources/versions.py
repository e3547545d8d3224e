"""Versions of pacticipants."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.domain.validation import FieldErrors, validate_named_objects, validate_strings
from broker.errors import InvalidRequestError, NotFoundError
from broker.resources.links import version_link
from broker.resources.lookups import require, require_branch, require_pacticipant, require_version
from broker.resources.paging import read_page
from broker.resources.version_body import version_body
from broker.routing import ResourceRouter
from broker.services import versions as versions_service
from broker.store import branches, versions
from broker.web import (
    MERGE_PATCH,
    database,
    hal_response,
    link,
    no_content,
    read_json_body,
    request_url,
    url,
)

router = ResourceRouter()


@router.get("/pacticipants/{pacticipant:name}/versions")
@router.get("/pacticipants/{pacticipant:name}/branches/{branch:name}/versions")
@router.get("/pacticipants/{pacticipant:name}/tags/{tag:name}/versions")
async def list_versions(request: Request) -> Response:
    """List the versions of a pacticipant, newest first; on the branch or with the tag if one is given."""
    pacticipant, names = require_pacticipant(request), request.path_params
    rows = versions.list_for_pacticipant(
        database(request), pacticipant["id"], branch=names.get("branch"), tag=names.get("tag")
    )
    if "branch" in names:
        require_branch(request)
    if "tag" in names and not rows:
        raise NotFoundError
    page = read_page(request, rows)
    href = url(request, "pacticipants", pacticipant["name"])
    version_links = [version_link(request, row) for row in page.rows]
    links = {
        "self": link(request_url(request)),
        "pb:pacticipant": link(href, pacticipant["name"]),
        "pb:versions": version_links,
        # the former names of the relations
        "pacticipant": link(href, pacticipant["name"]),
        "versions": version_links,
        **page.links,
    }
    bodies = [version_body(request, row, with_recording_links=False) for row in page.rows]
    return hal_response({**page.fields, "_embedded": {"versions": bodies}, "_links": links})


@router.get("/pacticipants/{pacticipant:name}/versions/{version:name}")
async def get_version(request: Request) -> Response:
    """Return one version."""
    return hal_response(version_body(request, require_version(request)))


@router.put("/pacticipants/{pacticipant:name}/versions/{version:name}")
async def put_version(request: Request) -> Response:
    """Create or replace a version; its tags are replaced if tags are given."""
    return await _write_version(request, await read_json_body(request), {"build_url": None})


@router.patch("/pacticipants/{pacticipant:name}/versions/{version:name}")
async def patch_version(request: Request) -> Response:
    """Create a version, or change the given fields."""
    return await _write_version(request, await read_json_body(request, MERGE_PATCH), {})


async def _write_version(request: Request, body: dict[str, Any], defaults: dict[str, Any]) -> Response:
    fields = defaults | _parse_fields(body)
    db, names = database(request), request.path_params
    async with db.write_transaction():
        created = versions_service.write_version(db, names["pacticipant"], names["version"], fields)
    return hal_response(version_body(request, require_version(request)), 201 if created else 200)


def _parse_fields(body: dict[str, Any]) -> dict[str, Any]:
    errors: FieldErrors = {}
    validate_named_objects(body.get("tags"), errors, "tags")
    validate_strings(body, errors, "buildUrl")
    if errors:
        raise InvalidRequestError(errors)
    fields: dict[str, Any] = {"build_url": body["buildUrl"]} if "buildUrl" in body else {}
    if body.get("tags") is not None:
        fields["tags"] = [tag["name"] for tag in body["tags"]]
    return fields


@router.delete("/pacticipants/{pacticipant:name}/versions/{version:name}")
async def delete_version(request: Request) -> Response:
    """Delete a version with its pacts, results, tags and deployments."""
    async with database(request).write_transaction():
        versions.delete(database(request), require_version(request)["id"])
    return no_content()


@router.get("/pacticipants/{pacticipant:name}/latest-version")
@router.get("/pacticipants/{pacticipant:name}/latest-version/{tag:name}")
async def get_latest_version(request: Request) -> Response:
    """Return the newest version, of those with the tag if one is given."""
    name = require_pacticipant(request)["name"]
    return _respond(request, versions.latest_version(database(request), name, request.path_params.get("tag")))


@router.get("/pacticipants/{pacticipant:name}/branches/{branch:name}/latest-version")
async def get_branch_head(request: Request) -> Response:
    """Return the head of a branch."""
    db, pacticipant = database(request), require_pacticipant(request)
    head = branches.branch_head(db, pacticipant["id"], request.path_params["branch"])
    return _respond(request, versions.find_by_id(db, head))


def _respond(request: Request, version: Row | None) -> Response:
    body = version_body(request, require(version))
    # the URL that was asked for, whose version changes
    body["_links"]["self"]["href"] = request_url(request)
    return hal_response(body)
