"""Pacticipants."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.domain.pacticipant_names import display_name
from broker.domain.validation import FieldErrors, add_error, validate_strings
from broker.errors import InvalidRequestError
from broker.resources.links import label_link, version_link
from broker.resources.lookups import require, require_pacticipant
from broker.resources.paging import read_page
from broker.routing import ResourceRouter
from broker.services import pacticipants as pacticipants_service
from broker.store import deployments, labels, pacticipants, versions
from broker.web import (
    JSON,
    MERGE_PATCH,
    created_response,
    database,
    format_timestamp,
    hal_response,
    link,
    no_content,
    read_json_body,
    request_url,
    url,
)

router = ResourceRouter()
FIELDS = {
    "displayName": "display_name",
    "mainBranch": "main_branch",
    "repositoryUrl": "repository_url",
    "repositoryName": "repository_name",
    "repositoryNamespace": "repository_namespace",
}
TAG_BADGE_PATH = ("latest-version", "{tag}", "can-i-deploy", "to", "{environmentTag}", "badge")
BRANCH_BADGE_PATH = (
    "branches", "{branch}", "latest-version", "can-i-deploy", "to-environment", "{environment}", "badge",
)  # fmt: skip


def pacticipant_body(request: Request, row: Row) -> dict[str, Any]:
    """Return a pacticipant as a resource."""
    latest = versions.latest_version(database(request), row["name"])
    row_labels = labels.labels_of(database(request), row["id"])
    embedded: dict[str, Any] = {"labels": [_label(request, row, label) for label in row_labels]}
    if latest:
        version = {"number": latest["number"], "_links": {"self": version_link(request, latest)}}
        # old Ruby clients read the second name
        embedded |= {
            "latestVersion": version,
            "latest-version": {**version, "name": "Replaced by latestVersion"},
        }
    return {
        "name": row["name"],
        # always sent, because the official CLI fails on a pacticipant without it
        "displayName": row["display_name"] or display_name(row["name"]),
        **{key: row[column] for key, column in FIELDS.items() if row[column] is not None},
        "createdAt": format_timestamp(row["created"]),
        "updatedAt": format_timestamp(row["updated"]) if row["updated"] != row["created"] else None,
        "_embedded": embedded,
        "_links": _links(request, row["name"]),
    }


def _respond(request: Request, row: Row) -> Response:
    body = pacticipant_body(request, row)
    deployed = deployments.list_current_of_pacticipant(database(request), row["id"])
    body["_links"]["pb:deployed-environments"] = [
        link(
            url(request, "deployed-versions", item["uuid"]),
            name=item["environment_display_name"] or item["environment_name"],
        )
        for item in deployed
    ]
    return hal_response(body)


def _label(request: Request, row: Row, label: Row) -> dict[str, Any]:
    return {"name": label["name"], "_links": {"self": label_link(request, row["name"], label["name"])}}


def _links(request: Request, name: str) -> dict[str, Any]:
    base = ("pacticipants", name)
    versions_link = link(url(request, *base, "versions"))
    tag_path = ("versions", "{version}", "tags", "{tag}")
    branch_version_path = ("branches", "{branch}", "versions", "{version}")
    return {
        "self": link(url(request, *base)),
        "pb:versions": versions_link,
        "pb:branches": link(url(request, *base, "branches")),
        "pb:version": link(url(request, *base, "versions", "{version}"), templated=True),
        "pb:version-tag": link(url(request, *base, *tag_path), templated=True),
        "pb:branch-version": link(url(request, *base, *branch_version_path), templated=True),
        "pb:label": link(url(request, *base, "labels", "{label}"), templated=True),
        "versions": versions_link,
        "pb:can-i-deploy-badge": link(url(request, *base, *TAG_BADGE_PATH), templated=True),
        "pb:can-i-deploy-branch-to-environment-badge": link(
            url(request, *base, *BRANCH_BADGE_PATH), templated=True
        ),
    }


@router.get("/pacticipants")
async def list_pacticipants(request: Request) -> Response:
    """List all pacticipants by name; `q` selects those whose name contains a text."""
    text = request.query_params.get("q", "").lower()
    rows = [row for row in pacticipants.list_all(database(request)) if text in row["name"].lower()]
    return _respond_with_list(request, rows)


@router.get("/pacticipants/label/{label:name}")
async def list_pacticipants_with_label(request: Request) -> Response:
    """List the pacticipants with a label, by name."""
    return _respond_with_list(
        request, labels.pacticipants_with(database(request), request.path_params["label"])
    )


def _respond_with_list(request: Request, rows: list[Row]) -> Response:
    page = read_page(request, rows)
    bodies = [pacticipant_body(request, row) for row in page.rows]
    hrefs = [(url(request, "pacticipants", body["name"]), body["name"]) for body in bodies]
    links = {
        "self": link(request_url(request).partition("?")[0]),
        "pb:pacticipants-with-label": link(url(request, "pacticipants", "label", "{label}"), templated=True),
        "pb:pacticipants": [link(href, "Pacticipant", name) for href, name in hrefs],
        # the former name of the relation, whose title is the name
        "pacticipants": [link(href, name, "Replaced by pb:pacticipants") for href, name in hrefs],
        **page.links,
    }
    # in both places, as the official broker sends it, because clients differ in where they read the list
    return hal_response(
        {**page.fields, "_embedded": {"pacticipants": bodies}, "pacticipants": bodies, "_links": links}
    )


@router.post("/pacticipants")
async def create_pacticipant(request: Request) -> Response:
    """Create a pacticipant; an existing one is returned unchanged."""
    body = await read_json_body(request)
    columns = _parse_columns(body, name_required=True)
    async with database(request).write_transaction():
        pacticipants_service.create(database(request), body["name"], columns)
    return _created(request, body["name"])


@router.get("/pacticipants/{pacticipant:name}")
async def get_pacticipant(request: Request) -> Response:
    """Return one pacticipant."""
    return _respond(request, require_pacticipant(request))


@router.patch("/pacticipants/{pacticipant:name}")
async def patch_pacticipant(request: Request) -> Response:
    """Change the given fields of a pacticipant, created if it is missing."""
    # the Ruby client patches with plain JSON
    columns = _parse_columns(await read_json_body(request, MERGE_PATCH, JSON))
    name = request.path_params["pacticipant"]
    async with database(request).write_transaction():
        created = pacticipants_service.create_or_update(database(request), name, columns)
    response = _respond(request, require_pacticipant(request))
    if created:
        response.status_code, response.headers["Location"] = 201, url(request, "pacticipants", name)
    return response


@router.put("/pacticipants/{pacticipant:name}")
async def put_pacticipant(request: Request) -> Response:
    """Replace all fields of an existing pacticipant."""
    columns = {**dict.fromkeys(FIELDS.values()), **_parse_columns(await read_json_body(request))}
    async with database(request).write_transaction():
        pacticipants.update(database(request), require_pacticipant(request)["id"], columns)
    return _respond(request, require_pacticipant(request))


@router.delete("/pacticipants/{pacticipant:name}")
async def delete_pacticipant(request: Request) -> Response:
    """Delete a pacticipant with its versions, pacts and results."""
    async with database(request).write_transaction():
        pacticipants.delete(database(request), require_pacticipant(request)["id"])
    return no_content()


def _created(request: Request, name: str) -> Response:
    row = require(pacticipants.find_by_name(database(request), name))
    return created_response(pacticipant_body(request, row), url(request, "pacticipants", name))


def _parse_columns(body: dict[str, Any], *, name_required: bool = False) -> dict[str, Any]:
    errors: FieldErrors = {}
    validate_strings(body, errors, "name", required=name_required)
    validate_strings(body, errors, *FIELDS)
    main_branch = body.get("mainBranch")
    if isinstance(main_branch, str) and " " in main_branch:
        add_error(errors, "mainBranch", "cannot contain spaces")
    if errors:
        raise InvalidRequestError(errors)
    return {column: body[key] for key, column in FIELDS.items() if key in body}
