"""Pacticipants."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row, now_microseconds
from broker.errors import bad_request, not_found, pacticipant_not_found
from broker.resources.links import version_link
from broker.store import pacticipants
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
FIELDS = {
    "displayName": "display_name",
    "mainBranch": "main_branch",
    "repositoryUrl": "repository_url",
    "repositoryName": "repository_name",
    "repositoryNamespace": "repository_namespace",
}
MERGE_PATCH = "application/merge-patch+json"


def pacticipant_body(request: Request, row: Row) -> dict[str, Any]:
    """A pacticipant as a resource."""
    name = row["name"]
    own = ("pacticipants", name)
    newest = pacticipants.latest_version(database(request), name)
    version = (
        {}
        if newest is None
        else {"number": newest["number"], "_links": {"self": version_link(request, newest)}}
    )
    return {
        "name": name,
        **{key: row[column] for key, column in FIELDS.items() if row[column] is not None},
        "createdAt": format_timestamp(row["created"]),
        "updatedAt": format_timestamp(row["updated"]) if row["updated"] != row["created"] else None,
        "_embedded": {
            "labels": [],
            **({"latestVersion": version, "latest-version": version} if version else {}),
        },
        "_links": {
            "self": link(url(request, *own)),
            "pb:versions": link(url(request, *own, "versions")),
            "pb:branches": link(url(request, *own, "branches")),
            "pb:version": link(url(request, *own, "versions", "{version}"), templated=True),
            "pb:version-tag": link(
                url(request, *own, "versions", "{version}", "tags", "{tag}"), templated=True
            ),
            "pb:branch-version": link(
                url(request, *own, "branches", "{branch}", "versions", "{version}"), templated=True
            ),
            "versions": link(url(request, *own, "versions")),
        },
    }


def pacticipant(request: Request) -> Row:
    """The pacticipant of the path.

    Raises:
        Refused: 404.
    """
    name = request.path_params["a"]
    found = pacticipants.find_by_name(database(request), name)
    if found is None:
        raise pacticipant_not_found("pacticipant", name)
    return found


@router.get("/pacticipants")
async def list_pacticipants(request: Request) -> Response:
    """All of them, by name."""
    rows = database(request).fetch_all("SELECT * FROM pacticipants ORDER BY lower(name), name")
    part = request.query_params.get("q", "").lower()
    found = [
        pacticipant_body(request, row)
        for row in paginate(request, [row for row in rows if part in row["name"].lower()])
    ]
    links = [link(url(request, "pacticipants", one["name"]), "Pacticipant", one["name"]) for one in found]
    own = {"self": link(url(request, "pacticipants")), "pb:pacticipants": links, "pacticipants": links}
    return hal_response({"_embedded": {"pacticipants": found}, "pacticipants": found, "_links": own})


@router.post("/pacticipants")
async def create_pacticipant(request: Request) -> Response:
    """Make one; a known name gives the old one unchanged."""
    given = await read_json_body(request)
    _check(given, named=True)
    db = database(request)
    with db.write_transaction():
        known = pacticipants.find_by_name(db, given["name"])
        row = known or pacticipants.find_or_create(db, given["name"])
        if not known:
            _update(request, row, given)
    return _created(request, given["name"])


@router.get("/pacticipants/{a:name}")
async def get_pacticipant(request: Request) -> Response:
    """One of them."""
    return hal_response(pacticipant_body(request, pacticipant(request)))


@router.patch("/pacticipants/{a:name}")
async def patch_pacticipant(request: Request) -> Response:
    """Change what is given; made if it is missing."""
    given = await read_json_body(request, MERGE_PATCH, "application/json")
    _check(given, named=False)
    db, name = database(request), request.path_params["a"]
    with db.write_transaction():
        known = pacticipants.find_by_name(db, name)
        _update(request, known or pacticipants.find_or_create(db, name), given)
    return hal_response(pacticipant_body(request, pacticipant(request))) if known else _created(request, name)


@router.put("/pacticipants/{a:name}")
async def put_pacticipant(request: Request) -> Response:
    """Replace all its fields."""
    given = await read_json_body(request)
    _check(given, named=False)
    with database(request).write_transaction():
        _update(request, pacticipant(request), {**dict.fromkeys(FIELDS), **given})
    return hal_response(pacticipant_body(request, pacticipant(request)))


@router.delete("/pacticipants/{a:name}")
async def delete_pacticipant(request: Request) -> Response:
    """With its versions, pacts and results."""
    with database(request).write_transaction():
        database(request).execute("DELETE FROM pacticipants WHERE id = ?", pacticipant(request)["id"])
    return no_content()


def _created(request: Request, name: str) -> Response:
    row = pacticipants.find_by_name(database(request), name)
    if row is None:
        raise not_found()
    return hal_response(pacticipant_body(request, row), 201, {"Location": url(request, "pacticipants", name)})


def _check(given: dict[str, Any], *, named: bool) -> None:
    errors: dict[str, list[str]] = {}
    validate_strings(given, errors, "name", required=named)
    validate_strings(given, errors, *FIELDS)
    main = given.get("mainBranch")
    if isinstance(main, str) and " " in main:
        errors.setdefault("mainBranch", []).append("cannot contain spaces")
    if errors:
        raise bad_request(errors)


def _update(request: Request, row: Row, given: dict[str, Any]) -> None:
    changes = {column: given[key] for key, column in FIELDS.items() if key in given}
    if changes:
        sets = ", ".join(f"{column} = ?" for column in changes)
        values = (*changes.values(), now_microseconds(), row["id"])
        database(request).execute(f"UPDATE pacticipants SET {sets}, updated = ? WHERE id = ?", *values)
