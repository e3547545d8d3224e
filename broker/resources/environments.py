"""Environments, deployments and releases."""

from __future__ import annotations

import json
import uuid
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row, now_microseconds
from broker.errors import BrokerHTTPError, bad_request, not_found
from broker.resources.links import version_link
from broker.store import environments, pacticipants
from broker.web import (
    database,
    format_timestamp,
    hal_response,
    link,
    no_content,
    read_json_body,
    url,
    validate_strings,
)

router = APIRouter()
MERGE_PATCH = "application/merge-patch+json"
LIST_PATHS = {"deployed": "currently-deployed", "released": "currently-supported"}


def environment_body(request: Request, row: Row) -> dict[str, Any]:
    """An environment as a resource."""
    own = ("environments", row["uuid"])
    return {
        "uuid": row["uuid"],
        "name": row["name"],
        "displayName": row["display_name"] or row["name"],
        "production": bool(row["production"]),
        "contacts": json.loads(row["contacts"]) or None,
        "createdAt": format_timestamp(row["created"]),
        "_links": {
            "self": link(url(request, *own), "Environment", row["name"]),
            "pb:currently-deployed-deployed-versions": link(
                url(request, *own, "deployed-versions", "currently-deployed")
            ),
            "pb:currently-supported-released-versions": link(
                url(request, *own, "released-versions", "currently-supported")
            ),
            "pb:environments": link(url(request, "environments")),
        },
    }


def deployment_body(request: Request, row: Row, *, embedded: bool = True) -> dict[str, Any]:
    """A deployment or release as a resource."""
    kind, here = row["kind"], row["ended"] is None
    flags = (
        {"currentlyDeployed": here}
        if kind == "deployed"
        else {"currentlySupported": here, "currentlyReleased": here}
    )
    ended = format_timestamp(row["ended"]) if row["ended"] else None
    whole: dict[str, Any] = {
        "uuid": row["uuid"],
        **flags,
        "applicationInstance": row["instance"],
        "target": row["instance"],
        "undeployedAt" if kind == "deployed" else "supportEndedAt": ended,
        "createdAt": format_timestamp(row["created"]),
        "_links": {"self": link(url(request, f"{kind}-versions", row["uuid"]))},
    }
    if embedded:
        name = row["pacticipant_name"]
        number = {"name": name, "number": row["number"]}
        version = {
            "number": row["number"],
            "_links": {
                "self": link(
                    url(request, "pacticipants", name, "versions", row["number"]), name=number["number"]
                )
            },
        }
        environment = {
            "uuid": row["environment_uuid"],
            "name": row["environment_name"],
            "displayName": row["environment_display_name"],
            "production": bool(row["production"]),
        }
        whole["_embedded"] = {"pacticipant": {"name": name}, "version": version, "environment": environment}
    return whole


@router.get("/environments")
async def list_environments(request: Request) -> Response:
    """All of them, or the one of a name."""
    name = request.query_params.get("name")
    rows = [row for row in environments.list_all(database(request)) if name in {None, row["name"]}]
    found = [environment_body(request, row) for row in rows]
    links = [one["_links"]["self"] for one in found]
    return hal_response(
        {
            "_embedded": {"environments": found},
            "_links": {"self": link(url(request, "environments")), "pb:environments": links},
        }
    )


@router.post("/environments")
async def create_environment(request: Request) -> Response:
    """Make one; its name is its own."""
    given = await read_json_body(request)
    _check(given)
    db, identifier = database(request), str(uuid.uuid4())
    with db.write_transaction():
        _free(request, given["name"])
        at = now_microseconds()
        db.insert("environments", uuid=identifier, **_columns(given), created=at, updated=at)
    return hal_response(
        environment_body(request, _environment(request, identifier)),
        201,
        {"Location": url(request, "environments", identifier)},
    )


@router.get("/environments/{e:name}")
async def get_environment(request: Request) -> Response:
    """One of them."""
    return hal_response(environment_body(request, _environment(request)))


@router.put("/environments/{e:name}")
async def put_environment(request: Request) -> Response:
    """Replace its fields."""
    given = await read_json_body(request)
    row = _environment(request)
    _check(given)
    db = database(request)
    with db.write_transaction():
        if given["name"] != row["name"]:
            _free(request, given["name"])
        columns = _columns(given)
        sets = ", ".join(f"{name} = ?" for name in columns)
        db.execute(
            f"UPDATE environments SET {sets}, updated = ? WHERE id = ?",
            *columns.values(),
            now_microseconds(),
            row["id"],
        )
    return hal_response(environment_body(request, _environment(request)))


@router.delete("/environments/{e:name}")
async def delete_environment(request: Request) -> Response:
    """With what was deployed there."""
    with database(request).write_transaction():
        database(request).execute("DELETE FROM environments WHERE id = ?", _environment(request)["id"])
    return no_content()


def _environment(request: Request, identifier: str | None = None) -> Row:
    found = environments.by_uuid(database(request), identifier or request.path_params["e"])
    if found is None:
        raise not_found()
    return found


def _free(request: Request, name: str) -> None:
    if environments.by_name(database(request), name):
        raise bad_request({"name": [f"There is already an environment '{name}'"]})


def _check(given: dict[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    validate_strings(given, errors, "name", required=True)
    validate_strings(given, errors, "displayName")
    if isinstance(given.get("name"), str) and " " in given["name"]:
        errors.setdefault("name", []).append("cannot contain spaces")
    if not isinstance(given.get("production"), bool):
        errors["production"] = ["is missing" if given.get("production") is None else "must be true or false"]
    contacts = given.get("contacts")
    if contacts is not None and not (
        isinstance(contacts, list) and all(isinstance(one, dict) for one in contacts)
    ):
        errors["contacts"] = ["should be a list of objects with a name"]
    elif contacts:
        lacking = [index for index, one in enumerate(contacts) if not isinstance(one.get("name"), str)]
        if lacking:
            errors["contacts"] = [f"name is missing (at index {index})" for index in lacking]
    if errors:
        raise bad_request(errors)


def _columns(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": given["name"],
        "display_name": given.get("displayName") or given["name"].title(),
        "production": int(given["production"]),
        "contacts": json.dumps(given.get("contacts") or []),
    }


@router.get("/environments/{e:name}/deployed-versions/currently-deployed")
async def list_deployed(request: Request) -> Response:
    """What is deployed there now."""
    return _present(request, "deployed")


@router.get("/environments/{e:name}/released-versions/currently-supported")
async def list_released(request: Request) -> Response:
    """What is released and supported there now."""
    return _present(request, "released")


def _present(request: Request, kind: str) -> Response:
    query = request.query_params
    rows = environments.list_current(database(request), _environment(request)["id"], kind)
    if name := query.get("pacticipant"):
        rows = [row for row in rows if row["pacticipant_name"] == name]
    if number := query.get("version"):
        rows = [row for row in rows if row["number"] == number]
    instance = query.get("applicationInstance", query.get("target"))
    if instance is not None:
        rows = [row for row in rows if (row["instance"] or "") == instance]
    found = [deployment_body(request, row) for row in rows]
    return hal_response({"_embedded": {f"{kind}Versions": found}, "_links": {"self": link(str(request.url))}})


@router.post("/pacticipants/{a:name}/versions/{v:name}/deployed-versions/environment/{e:name}")
async def record_deployment(request: Request) -> Response:
    """It takes the place of the version before; already deployed, nothing changes."""
    given = await read_json_body(request)
    instance = given.get("applicationInstance", given.get("target"))
    if isinstance(instance, dict | list):
        raise bad_request({"applicationInstance": ["must be a string"]})
    db = database(request)
    with db.write_transaction():
        version, environment = _target(request)
        identifier = environments.deploy(
            db, version, environment["id"], None if instance in {None, ""} else str(instance)
        )
    return _recorded(request, identifier, "deployed", 201)


@router.post("/pacticipants/{a:name}/versions/{v:name}/released-versions/environment/{e:name}")
async def record_release(request: Request) -> Response:
    """Any number of versions may be released at a time."""
    await read_json_body(request)
    db = database(request)
    with db.write_transaction():
        version, environment = _target(request)
        identifier, made = environments.release(db, version, environment["id"])
    return _recorded(request, identifier, "released", 201 if made else 200)


@router.get("/pacticipants/{a:name}/versions/{v:name}/deployed-versions/environment/{e:name}")
async def list_deployments(request: Request) -> Response:
    """Every time a version was deployed there."""
    return _history(request, "deployed")


@router.get("/pacticipants/{a:name}/versions/{v:name}/released-versions/environment/{e:name}")
async def list_releases(request: Request) -> Response:
    """Whether a version was released there."""
    return _history(request, "released")


def _history(request: Request, kind: str) -> Response:
    version, environment = _target(request)
    rows = environments.list_for_version(database(request), version["id"], kind, environment["id"])
    found = [deployment_body(request, row, embedded=False) for row in rows]
    own = {"self": link(str(request.url)), "pb:pacticipant-version": version_link(request, version)}
    return hal_response({"_embedded": {f"{kind}Versions": found}, "_links": own})


def _target(request: Request) -> tuple[Row, Row]:
    version = pacticipants.find_version(database(request), request.path_params["a"], request.path_params["v"])
    if version is None:
        raise not_found()
    return version, _environment(request)


def _recorded(request: Request, identifier: str, kind: str, status: int) -> Response:
    href = url(request, f"{kind}-versions", identifier)
    return hal_response(
        deployment_body(request, _presence(request, identifier, kind)), status, {"Location": href}
    )


@router.get("/deployed-versions/{u:name}")
async def get_deployment(request: Request) -> Response:
    """One deployment."""
    return hal_response(deployment_body(request, _presence(request, request.path_params["u"], "deployed")))


@router.get("/released-versions/{u:name}")
async def get_release(request: Request) -> Response:
    """One release."""
    return hal_response(deployment_body(request, _presence(request, request.path_params["u"], "released")))


@router.patch("/deployed-versions/{u:name}")
async def end_deployment(request: Request) -> Response:
    """It is no longer deployed; that cannot be taken back."""
    return await _end(request, "deployed", "currentlyDeployed")


@router.patch("/released-versions/{u:name}")
async def end_release(request: Request) -> Response:
    """It is no longer supported; that cannot be taken back."""
    return await _end(request, "released", "currentlySupported")


async def _end(request: Request, kind: str, flag: str) -> Response:
    given = await read_json_body(request, MERGE_PATCH)
    identifier = request.path_params["u"]
    _presence(request, identifier, kind)
    if given.get(flag) is True:
        raise BrokerHTTPError(422, {"errors": {flag: ["cannot be set back to true: record it anew"]}})
    if flag in given and given[flag] is not False:
        raise bad_request({flag: ["should be false"]})
    if flag in given:
        with database(request).write_transaction():
            environments.end_deployment(database(request), identifier)
    return hal_response(deployment_body(request, _presence(request, identifier, kind)))


def _presence(request: Request, identifier: str, kind: str) -> Row:
    found = environments.find(database(request), identifier, kind)
    if found is None:
        raise not_found()
    return found
