"""Branches and tags of versions."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.errors import BrokerHTTPError, not_found
from broker.resources.pacticipants import pacticipant
from broker.resources.versions import version
from broker.store import environments, pacticipants
from broker.web import (
    database,
    format_timestamp,
    hal_response,
    link,
    no_content,
    paginate,
    read_json_body,
    url,
)

router = APIRouter()


@router.get("/pacticipants/{a:name}/branches")
async def list_branches(request: Request) -> Response:
    """Newest first."""
    owner = pacticipant(request)
    rows = database(request).fetch_all(
        "SELECT * FROM branches WHERE pacticipant = ? ORDER BY id DESC", owner["id"]
    )
    part = request.query_params.get("q", "")
    found = [
        _branch_body(request, owner["name"], row)
        for row in paginate(request, [row for row in rows if part in row["name"]])
    ]
    own = link(url(request, "pacticipants", owner["name"], "branches"))
    links = [branch["_links"]["self"] for branch in found]
    return hal_response({"_embedded": {"branches": found}, "_links": {"self": own, "pb:branches": links}})


@router.get("/pacticipants/{a:name}/branches/{b:name}")
async def get_branch(request: Request) -> Response:
    """One branch."""
    return hal_response(_branch_body(request, request.path_params["a"], _branch(request)))


@router.delete("/pacticipants/{a:name}/branches/{b:name}")
async def delete_branch(request: Request) -> Response:
    """Its versions, pacts and results stay."""
    with database(request).write_transaction():
        database(request).execute("DELETE FROM branches WHERE id = ?", _branch(request)["id"])
    return no_content()


def _branch(request: Request) -> Row:
    owner = pacticipant(request)
    try:
        return pacticipants.find_branch(database(request), owner["id"], request.path_params["b"])
    except LookupError:
        raise not_found() from None


def _branch_body(request: Request, owner: str, row: Row) -> dict[str, Any]:
    own = ("pacticipants", owner, "branches", row["name"])
    links = {
        "self": link(url(request, *own), "Branch", row["name"]),
        "pb:latest-version": link(url(request, *own, "latest-version")),
    }
    return {"name": row["name"], "createdAt": format_timestamp(row["created"]), "_links": links}


@router.put("/pacticipants/{a:name}/branches/{b:name}/versions/{v:name}")
async def put_branch_version(request: Request) -> Response:
    """Put a version on a branch; pacticipant, version and branch are made if they are missing."""
    await read_json_body(request)
    _not_blank("branch", request.path_params["b"])
    db = database(request)
    with db.write_transaction():
        row, _ = pacticipants.find_or_create_version(db, request.path_params["a"], request.path_params["v"])
        made = pacticipants.add_branch(db, row, request.path_params["b"])
    answer = _branch_version(request)
    return hal_response(
        answer, 201 if made else 200, {"Location": answer["_links"]["self"]["href"]} if made else None
    )


@router.get("/pacticipants/{a:name}/branches/{b:name}/versions/{v:name}")
async def get_branch_version(request: Request) -> Response:
    """Whether a version is on a branch."""
    return hal_response(_branch_version(request))


def _branch_version(request: Request) -> dict[str, Any]:
    row = version(request)
    branch = request.path_params["b"]
    on = {one["name"]: one for one in pacticipants.branches_of(database(request), row["id"])}
    if branch not in on:
        raise not_found()
    own = ("pacticipants", row["name"], "branches", branch)
    links = {
        "self": link(url(request, *own, "versions", row["number"]), "Branch version", branch),
        "pb:branch": link(url(request, *own), name=branch),
        "pb:version": link(url(request, *own[:2], "versions", row["number"]), name=row["number"]),
    }
    return {"createdAt": format_timestamp(on[branch]["created"]), "_links": links}


@router.put("/pacticipants/{a:name}/versions/{v:name}/tags/{t:name}")
async def put_tag(request: Request) -> Response:
    """Tag a version; a tag named like an environment records a deployment there."""
    await read_json_body(request)
    tag = request.path_params["t"]
    _not_blank("tag", tag)
    db = database(request)
    with db.write_transaction():
        row, _ = pacticipants.find_or_create_version(db, request.path_params["a"], request.path_params["v"])
        made = pacticipants.add_tag(db, row, tag)
        environment = environments.by_name(db, tag)
        if environment:
            environments.deploy(db, row, environment["id"], None)
    answer = _tag_body(request)
    return hal_response(
        answer, 201 if made else 200, {"Location": answer["_links"]["self"]["href"]} if made else None
    )


@router.get("/pacticipants/{a:name}/versions/{v:name}/tags/{t:name}")
async def get_tag(request: Request) -> Response:
    """Whether a version has a tag."""
    return hal_response(_tag_body(request))


@router.delete("/pacticipants/{a:name}/versions/{v:name}/tags/{t:name}")
async def delete_tag(request: Request) -> Response:
    """The branch it may have become stays."""
    row = version(request)
    _tag_body(request)
    with database(request).write_transaction():
        database(request).execute(
            "DELETE FROM tags WHERE version = ? AND name = ?", row["id"], request.path_params["t"]
        )
    return no_content()


def _tag_body(request: Request) -> dict[str, Any]:
    row = version(request)
    tag = request.path_params["t"]
    if tag not in {one["name"] for one in pacticipants.tags_of(database(request), row["id"])}:
        raise not_found()
    own = ("pacticipants", row["name"], "versions", row["number"])
    links = {
        "self": link(url(request, *own, "tags", tag), "Tag", tag),
        "version": link(url(request, *own), name=row["number"]),
        "pacticipant": link(url(request, *own[:2]), name=row["name"]),
    }
    return {"name": tag, "_links": links}


def _not_blank(field: str, value: str) -> None:
    if not value.strip():
        raise BrokerHTTPError(400, {"errors": {field: ["can't be blank"]}})
