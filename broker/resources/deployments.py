"""Deployments and releases of versions to environments."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.domain.json_document import ExactNumber
from broker.domain.validation import FieldErrors, validate_strings
from broker.errors import InvalidRequestError, IrreversibleChangeError
from broker.resources.deployment_body import deployment_body
from broker.resources.links import version_link
from broker.resources.lookups import require, require_deployment, require_environment
from broker.resources.paging import read_page
from broker.routing import ResourceRouter
from broker.store import deployments, versions
from broker.store.deployments import DEPLOYED, RELEASED
from broker.web import MERGE_PATCH, database, hal_response, link, read_json_body, request_url, url

router = ResourceRouter()
VERSION_PATH = "/pacticipants/{pacticipant:name}/versions/{version:name}"


@router.get("/environments/{environment:name}/deployed-versions/currently-deployed")
async def list_deployed(request: Request) -> Response:
    """List what is currently deployed in an environment."""
    return _list_current(request, DEPLOYED)


@router.get("/environments/{environment:name}/released-versions/currently-supported")
async def list_released(request: Request) -> Response:
    """List what is currently released and supported in an environment."""
    return _list_current(request, RELEASED)


@router.post(f"{VERSION_PATH}/deployed-versions/environment/{{environment:name}}")
async def record_deployment(request: Request) -> Response:
    """Record a deployment, which replaces the previous version; a current deployment is returned unchanged."""
    instance = await _read_instance(request)
    db = database(request)
    async with db.write_transaction():
        version, environment = _version_and_environment(request)
        identifier = deployments.deploy(db, version, environment["id"], instance)
    return _recorded(request, identifier, DEPLOYED, 201)


@router.post(f"{VERSION_PATH}/released-versions/environment/{{environment:name}}")
async def record_release(request: Request) -> Response:
    """Record a release; any number of versions can be released at the same time."""
    # not used, but an invalid body is a 400 at every resource
    await read_json_body(request)
    db = database(request)
    async with db.write_transaction():
        version, environment = _version_and_environment(request)
        identifier, created = deployments.release(db, version, environment["id"])
    return _recorded(request, identifier, RELEASED, 201 if created else 200)


@router.get(f"{VERSION_PATH}/deployed-versions/environment/{{environment:name}}")
async def list_deployments(request: Request) -> Response:
    """List all deployments of a version to an environment."""
    return _list_history(request, DEPLOYED)


@router.get(f"{VERSION_PATH}/released-versions/environment/{{environment:name}}")
async def list_releases(request: Request) -> Response:
    """List all releases of a version to an environment."""
    return _list_history(request, RELEASED)


@router.get("/deployed-versions/{uuid:name}")
async def get_deployment(request: Request) -> Response:
    """Return one deployment."""
    return hal_response(deployment_body(request, require_deployment(request, DEPLOYED)))


@router.get("/released-versions/{uuid:name}")
async def get_release(request: Request) -> Response:
    """Return one release."""
    return hal_response(deployment_body(request, require_deployment(request, RELEASED)))


@router.patch("/deployed-versions/{uuid:name}")
async def end_deployment(request: Request) -> Response:
    """End a deployment; it cannot be reopened."""
    return await _end(request, DEPLOYED, "currentlyDeployed")


@router.patch("/released-versions/{uuid:name}")
async def end_release(request: Request) -> Response:
    """End the support of a release; it cannot be reopened this way."""
    return await _end(request, RELEASED, "currentlySupported")


def _list_current(request: Request, kind: str) -> Response:
    query = request.query_params
    rows = deployments.list_current(database(request), require_environment(request)["id"], kind)
    if name := query.get("pacticipant"):
        rows = [row for row in rows if row["pacticipant_name"] == name]
    if number := query.get("version"):
        rows = [row for row in rows if row["number"] == number]
    instance = query.get("applicationInstance", query.get("target"))
    # an empty value asks for deployments without an instance
    if instance is not None:
        rows = [row for row in rows if (row["instance"] or "") == instance]
    page = read_page(request, rows)
    bodies = [deployment_body(request, row) for row in page.rows]
    links = {"self": link(request_url(request)), **page.links}
    return hal_response({**page.fields, "_embedded": {f"{kind}Versions": bodies}, "_links": links})


def _list_history(request: Request, kind: str) -> Response:
    version, environment = _version_and_environment(request)
    rows = deployments.list_for_version(database(request), version["id"], kind, environment["id"])
    page = read_page(request, rows)
    bodies = [deployment_body(request, row, embedded=False) for row in page.rows]
    links = {
        "self": link(request_url(request)),
        "pb:pacticipant-version": version_link(request, version),
        **page.links,
    }
    return hal_response({**page.fields, "_embedded": {f"{kind}Versions": bodies}, "_links": links})


async def _read_instance(request: Request) -> str | None:
    body = {key: _number_as_text(value) for key, value in (await read_json_body(request)).items()}
    errors: FieldErrors = {}
    validate_strings(body, errors, "applicationInstance", "target")
    if errors:
        raise InvalidRequestError(errors)
    return body.get("applicationInstance", body.get("target")) or None


def _number_as_text(value: Any) -> Any:
    # the number of a host or a port, which a client writes without quotation marks; true and false are numbers in Python
    is_number = isinstance(value, int | float | ExactNumber) and not isinstance(value, bool)
    return str(value) if is_number else value


def _version_and_environment(request: Request) -> tuple[Row, Row]:
    # an unknown pacticipant is the plain 404 here, as at the official broker
    name, number = request.path_params["pacticipant"], request.path_params["version"]
    version = require(versions.find_version(database(request), name, number))
    return version, require_environment(request)


def _recorded(request: Request, identifier: str, kind: str, status: int) -> Response:
    row = require(deployments.find(database(request), identifier, kind))
    location = url(request, f"{kind}-versions", identifier)
    return hal_response(deployment_body(request, row), status, {"Location": location})


async def _end(request: Request, kind: str, flag: str) -> Response:
    body = await read_json_body(request, MERGE_PATCH)
    identifier = require_deployment(request, kind)["uuid"]
    # rejected even if it is true now, as at the official broker
    if body.get(flag) is True:
        raise IrreversibleChangeError(flag)
    if flag in body:
        if body[flag] is not False:
            raise InvalidRequestError({flag: ["must be false"]})
        async with database(request).write_transaction():
            deployments.end(database(request), identifier)
    return hal_response(deployment_body(request, require_deployment(request, kind)))
