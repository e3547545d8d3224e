"""Environments."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.domain.json_document import decode_json, encode_json
from broker.domain.validation import (
    FieldErrors,
    add_error,
    validate_boolean,
    validate_named_objects,
    validate_strings,
)
from broker.errors import InvalidRequestError
from broker.resources.links import environment_links
from broker.resources.lookups import require, require_environment
from broker.routing import ResourceRouter
from broker.services import environments as environments_service
from broker.store import environments
from broker.web import (
    created_response,
    database,
    format_timestamp,
    hal_response,
    link,
    no_content,
    read_json_body,
    url,
)

router = ResourceRouter()


def environment_body(request: Request, row: Row) -> dict[str, Any]:
    """Return an environment as a resource."""
    return {
        "uuid": row["uuid"],
        "name": row["name"],
        "displayName": row["display_name"] or row["name"],
        "production": bool(row["production"]),
        "contacts": decode_json(row["contacts"]) or None,
        "createdAt": format_timestamp(row["created"]),
        "_links": environment_links(request, row["uuid"], row["name"]),
    }


@router.get("/environments")
async def list_environments(request: Request) -> Response:
    """List all environments, or the one with the `name`."""
    name = request.query_params.get("name")
    rows = [row for row in environments.list_all(database(request)) if name in {None, row["name"]}]
    bodies = [environment_body(request, row) for row in rows]
    links = {
        "self": link(url(request, "environments")),
        "pb:environments": [body["_links"]["self"] for body in bodies],
    }
    return hal_response({"_embedded": {"environments": bodies}, "_links": links})


@router.post("/environments")
async def create_environment(request: Request) -> Response:
    """Create an environment; its name must be unique."""
    columns, db = _parse_columns(await read_json_body(request)), database(request)
    async with db.write_transaction():
        identifier = environments_service.create(db, columns)
    row = require(environments.find_by_uuid(db, identifier))
    return created_response(environment_body(request, row), url(request, "environments", identifier))


@router.get("/environments/{environment:name}")
async def get_environment(request: Request) -> Response:
    """Return one environment."""
    return hal_response(environment_body(request, require_environment(request)))


@router.put("/environments/{environment:name}")
async def put_environment(request: Request) -> Response:
    """Replace the fields of an environment."""
    body, environment = await read_json_body(request), require_environment(request)
    columns, db = _parse_columns(body), database(request)
    async with db.write_transaction():
        environments_service.replace(db, environment, columns)
    return hal_response(environment_body(request, require_environment(request)))


@router.delete("/environments/{environment:name}")
async def delete_environment(request: Request) -> Response:
    """Delete an environment with its deployments and releases."""
    async with database(request).write_transaction():
        environments.delete(database(request), require_environment(request)["id"])
    return no_content()


def _parse_columns(body: dict[str, Any]) -> dict[str, Any]:
    errors: FieldErrors = {}
    validate_strings(body, errors, "name", required=True)
    validate_strings(body, errors, "displayName")
    if isinstance(body.get("name"), str) and " " in body["name"]:
        add_error(errors, "name", "cannot contain spaces")
    validate_boolean(body, errors, "production")
    validate_named_objects(body.get("contacts"), errors, "contacts")
    if errors:
        raise InvalidRequestError(errors)
    return {
        "name": body["name"],
        "display_name": body.get("displayName") or body["name"].title(),
        "production": int(body["production"]),
        "contacts": encode_json(body.get("contacts") or []),
    }
