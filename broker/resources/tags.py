"""Tags of versions."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.resources.links import tag_link
from broker.resources.lookups import require, require_version
from broker.routing import ResourceRouter
from broker.services import versions as versions_service
from broker.store import tags
from broker.web import database, format_timestamp, hal_response, link, no_content, put_without_body, url

router = ResourceRouter()


@router.put("/pacticipants/{pacticipant:name}/versions/{version:name}/tags/{tag:name}")
async def put_tag(request: Request) -> Response:
    """Tag a version; a tag named like an environment records a deployment there."""
    names = [request.path_params[key] for key in ("pacticipant", "version", "tag")]
    return await put_without_body(request, lambda db: versions_service.tag_version(db, *names), _tag_body)


@router.get("/pacticipants/{pacticipant:name}/versions/{version:name}/tags/{tag:name}")
async def get_tag(request: Request) -> Response:
    """Return a tag of a version, or 404 if the version does not have it."""
    return hal_response(_tag_body(request))


@router.delete("/pacticipants/{pacticipant:name}/versions/{version:name}/tags/{tag:name}")
async def delete_tag(request: Request) -> Response:
    """Remove a tag; the branch that was created from it stays."""
    version, tag = require_version(request), _tag_body(request)["name"]
    async with database(request).write_transaction():
        tags.delete(database(request), version["id"], tag)
    return no_content()


def _tag_body(request: Request) -> dict[str, Any]:
    version, tag = require_version(request), request.path_params["tag"]
    row = require(
        next((row for row in tags.tags_of(database(request), version["id"]) if row["name"] == tag), None)
    )
    path = ("pacticipants", version["name"], "versions", version["number"])
    links = {
        "self": tag_link(request, version["name"], version["number"], tag),
        "version": link(url(request, *path), name=version["number"]),
        "pacticipant": link(url(request, *path[:2]), name=version["name"]),
    }
    return {"name": tag, "createdAt": format_timestamp(row["created"]), "_links": links}
