"""Versions of pacticipants."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.errors import bad_request, not_found
from broker.resources.links import pact_link, version_link
from broker.resources.pacticipants import MERGE_PATCH, pacticipant
from broker.store import environments, pacticipants, pacts
from broker.web import (
    database,
    format_timestamp,
    hal_response,
    link,
    no_content,
    paginate,
    read_json_body,
    url,
    validate_strings,
)

router = APIRouter()


def version_body(request: Request, version: Row, *, whole: bool = True) -> dict[str, Any]:
    """A version as a resource; in lists without the links that record something."""
    db = database(request)
    own = ("pacticipants", version["name"], "versions", version["number"])
    branches = [_branch_of(request, version, row) for row in pacticipants.branches_of(db, version["id"])]
    tags = [_tag_of(request, version, row) for row in pacticipants.tags_of(db, version["id"])]
    made = pacts.list_for_version(db, version["id"])
    links: dict[str, Any] = {
        "self": version_link(request, version),
        "pb:pacticipant": link(url(request, *own[:2]), "Pacticipant", version["name"]),
        "pb:tag": link(url(request, *own, "tags", "{tag}"), templated=True),
        "pb:pact-versions": [pact_link(request, pact) for pact in made],
        "pb:deployed-environments": _presence(request, version, "deployed"),
        "pb:released-environments": _presence(request, version, "released"),
    }
    if whole:
        links["pb:record-deployment"] = _recording(request, own, "deployed-versions")
        links["pb:record-release"] = _recording(request, own, "released-versions")
    return {
        "number": version["number"],
        "buildUrl": version["build_url"],
        "createdAt": format_timestamp(version["created"]),
        "_embedded": {"branchVersions": branches, "tags": tags},
        "_links": links,
    }


def _branch_of(request: Request, version: Row, row: Row) -> dict[str, Any]:
    href = url(
        request, "pacticipants", version["name"], "branches", row["name"], "versions", version["number"]
    )
    return {
        "name": row["name"],
        "latest": bool(row["latest"]),
        "_links": {"self": link(href, "Branch version", row["name"])},
    }


def _tag_of(request: Request, version: Row, row: Row) -> dict[str, Any]:
    href = url(request, "pacticipants", version["name"], "versions", version["number"], "tags", row["name"])
    return {"name": row["name"], "_links": {"self": link(href, "Tag", row["name"])}}


def _presence(request: Request, version: Row, kind: str) -> list[dict[str, Any]]:
    flag = "currently_deployed" if kind == "deployed" else "currently_supported"
    return [
        {
            **link(
                url(request, f"{kind}-versions", row["uuid"]),
                name=row["environment_display_name"] or row["environment_name"],
            ),
            flag: row["ended"] is None,
        }
        for row in environments.list_for_version(database(request), version["id"], kind)
    ]


def _recording(request: Request, own: tuple[str, ...], what: str) -> list[dict[str, Any]]:
    return [
        link(url(request, *own, what, "environment", row["uuid"]), name=row["name"])
        for row in environments.list_all(database(request))
    ]


def version(request: Request) -> Row:
    """The version of the path.

    Raises:
        Refused: 404.
    """
    pacticipant(request)
    found = pacticipants.find_version(database(request), request.path_params["a"], request.path_params["v"])
    if found is None:
        raise not_found()
    return found


@router.get("/pacticipants/{a:name}/versions")
async def list_versions(request: Request) -> Response:
    """Newest first."""
    owner = pacticipant(request)
    rows = database(request).fetch_all(
        "SELECT v.*, ? AS name FROM versions v WHERE pacticipant = ? ORDER BY id DESC",
        owner["name"],
        owner["id"],
    )
    found = [version_body(request, row, whole=False) for row in paginate(request, rows)]
    return hal_response(
        {
            "_embedded": {"versions": found},
            "_links": {"self": link(url(request, "pacticipants", owner["name"], "versions"))},
        }
    )


@router.get("/pacticipants/{a:name}/versions/{v:name}")
async def get_version(request: Request) -> Response:
    """One version."""
    return hal_response(version_body(request, version(request)))


@router.put("/pacticipants/{a:name}/versions/{v:name}")
async def put_version(request: Request) -> Response:
    """Make or change a version; its tags are replaced if tags are given."""
    return await _write_version(request, await read_json_body(request), replace=True)


@router.patch("/pacticipants/{a:name}/versions/{v:name}")
async def patch_version(request: Request) -> Response:
    """Make or change a version, other fields kept."""
    return await _write_version(request, await read_json_body(request, MERGE_PATCH), replace=False)


async def _write_version(request: Request, given: dict[str, Any], *, replace: bool) -> Response:
    tags = given.get("tags")
    named = isinstance(tags, list) and all(
        isinstance(tag, dict) and isinstance(tag.get("name"), str) for tag in tags
    )
    if tags is not None and not named:
        raise bad_request({"tags": ["should be a list of objects with a name"]})
    errors: dict[str, list[str]] = {}
    validate_strings(given, errors, "buildUrl")
    if errors:
        raise bad_request(errors)
    db = database(request)
    with db.write_transaction():
        row, made = pacticipants.find_or_create_version(
            db, request.path_params["a"], request.path_params["v"]
        )
        if replace or "buildUrl" in given:
            db.execute("UPDATE versions SET build_url = ? WHERE id = ?", given.get("buildUrl"), row["id"])
        if tags is not None:
            db.execute("DELETE FROM tags WHERE version = ?", row["id"])
            for tag in tags:
                pacticipants.add_tag(db, row, tag["name"], may_be_branch=False)
    return hal_response(version_body(request, version(request)), 201 if made else 200)


@router.delete("/pacticipants/{a:name}/versions/{v:name}")
async def delete_version(request: Request) -> Response:
    """With its pacts, results, tags and deployments."""
    with database(request).write_transaction():
        database(request).execute("DELETE FROM versions WHERE id = ?", version(request)["id"])
    return no_content()


@router.get("/pacticipants/{a:name}/latest-version")
@router.get("/pacticipants/{a:name}/latest-version/{t:name}")
async def get_latest_version(request: Request) -> Response:
    """The newest, of those with the tag if one is given."""
    pacticipant(request)
    return _one_version(
        request,
        pacticipants.latest_version(
            database(request), request.path_params["a"], request.path_params.get("t")
        ),
    )


@router.get("/pacticipants/{a:name}/branches/{b:name}/latest-version")
async def get_branch_head(request: Request) -> Response:
    """The head of a branch."""
    owner = pacticipant(request)
    head = pacticipants.branch_head(database(request), owner["id"], request.path_params["b"])
    row = database(request).fetch_one(
        "SELECT v.*, ? AS name FROM versions v WHERE id = ?", owner["name"], head
    )
    return _one_version(request, row)


def _one_version(request: Request, row: Row | None) -> Response:
    if row is None:
        raise not_found()
    return hal_response(version_body(request, row))
