"""Branches of pacticipants, and versions on them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.errors import NotFoundError
from broker.resources.links import branch_version_link
from broker.resources.lookups import (
    require,
    require_branch,
    require_pacticipant,
    require_version,
)
from broker.resources.paging import DEFAULT_PAGE_SIZE, read_page
from broker.routing import ResourceRouter
from broker.services import versions as versions_service
from broker.store import branches
from broker.web import (
    database,
    format_timestamp,
    hal_response,
    link,
    no_content,
    put_without_body,
    request_url,
    url,
)

router = ResourceRouter()


@router.get("/pacticipants/{pacticipant:name}/branches")
async def list_branches(request: Request) -> Response:
    """List the branches of a pacticipant, newest first; `q` selects those whose name contains a text."""
    pacticipant = require_pacticipant(request)
    text = request.query_params.get("q", "")
    rows = branches.list_for_pacticipant(database(request), pacticipant["id"])
    # the only list of the official broker that always has pages
    page = read_page(request, [row for row in reversed(rows) if text in row["name"]], DEFAULT_PAGE_SIZE)
    bodies = [_branch_body(request, pacticipant["name"], row) for row in page.rows]
    links = {
        "self": link(request_url(request)),
        "pb:branches": [body["_links"]["self"] for body in bodies],
        **page.links,
    }
    return hal_response({**page.fields, "_embedded": {"branches": bodies}, "_links": links})


@router.delete("/pacticipants/{pacticipant:name}/branches")
async def delete_branches(request: Request) -> Response:
    """Delete the branches of a pacticipant except its main branch and those in `exclude[]`."""
    db, pacticipant = database(request), require_pacticipant(request)
    query = request.query_params
    excluded = {*query.getlist("exclude[]"), *query.getlist("exclude"), pacticipant["main_branch"]}
    async with db.write_transaction():
        rows = branches.list_for_pacticipant(db, pacticipant["id"])
        deleted = [row for row in rows if row["name"] not in excluded]
        for row in deleted:
            branches.delete(db, row["id"])
    remaining = ", ".join(row["name"] for row in rows if row["name"] in excluded) or "none"
    text = f"Deleted {len(deleted)} branches of {pacticipant['name']}. Remaining branches: {remaining}"
    return hal_response({"notices": [{"type": "success", "text": text}]}, 202)


@router.get("/pacticipants/{pacticipant:name}/branches/{branch:name}")
async def get_branch(request: Request) -> Response:
    """Return one branch."""
    return hal_response(_branch_body(request, request.path_params["pacticipant"], require_branch(request)))


@router.delete("/pacticipants/{pacticipant:name}/branches/{branch:name}")
async def delete_branch(request: Request) -> Response:
    """Delete a branch; its versions, pacts and results stay."""
    async with database(request).write_transaction():
        branches.delete(database(request), require_branch(request)["id"])
    return no_content()


@router.put("/pacticipants/{pacticipant:name}/branches/{branch:name}/versions/{version:name}")
async def put_branch_version(request: Request) -> Response:
    """Add a version to a branch; pacticipant, version and branch are created if they are missing."""
    names = [request.path_params[key] for key in ("pacticipant", "version", "branch")]
    return await put_without_body(
        request, lambda db: versions_service.add_to_branch(db, *names), _branch_version_body
    )


@router.get("/pacticipants/{pacticipant:name}/branches/{branch:name}/versions/{version:name}")
async def get_branch_version(request: Request) -> Response:
    """Return a version on a branch, or 404 if it is not on it."""
    return hal_response(_branch_version_body(request))


@router.delete("/pacticipants/{pacticipant:name}/branches/{branch:name}/versions/{version:name}")
async def delete_branch_version(request: Request) -> Response:
    """Take a version off a branch; the version stays."""
    db = database(request)
    async with db.write_transaction():
        version, branch = require_version(request), require_branch(request)
        if not branches.remove_version(db, branch["id"], version["id"]):
            raise NotFoundError
    return no_content()


def _branch_body(request: Request, pacticipant: str, branch: Row) -> dict[str, Any]:
    path = ("pacticipants", pacticipant, "branches", branch["name"])
    links = {
        "self": link(url(request, *path), "Branch", branch["name"]),
        "pb:latest-version": link(url(request, *path, "latest-version")),
    }
    return {"name": branch["name"], "createdAt": format_timestamp(branch["created"]), "_links": links}


def _branch_version_body(request: Request) -> dict[str, Any]:
    version, name = require_version(request), request.path_params["branch"]
    rows = branches.branches_of(database(request), version["id"])
    branch = require(next((row for row in rows if row["name"] == name), None))
    path = ("pacticipants", version["name"])
    links = {
        "self": branch_version_link(request, version["name"], name, version["number"]),
        "pb:branch": link(url(request, *path, "branches", name), name=name),
        "pb:version": link(url(request, *path, "versions", version["number"]), name=version["number"]),
    }
    return {"createdAt": format_timestamp(branch["created"]), "_links": links}
