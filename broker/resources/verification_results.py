"""Verification results of pacts."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.errors import bad_request, not_found
from broker.resources.links import pact_name, pact_path
from broker.resources.metadata import PactUrlMetadata, decode_metadata
from broker.resources.pacts import (
    INTEGRATION_PATH,
    PACT_VERSION_PATH,
    require_latest_pact,
    require_pact_by_sha,
    require_pact_by_version,
)
from broker.store import pacticipants, pacts
from broker.web import database, format_timestamp, hal_response, link, read_json_body, url, validate_strings

router = APIRouter()


@router.post(f"{PACT_VERSION_PATH}/verification-results")
@router.post(f"{PACT_VERSION_PATH}/metadata/{{m:name}}/verification-results")
async def publish_result(request: Request) -> Response:
    """Store what a provider version's verification of this content found; it counts for every pact that has it."""
    given = await read_json_body(request)
    pact = require_pact_by_sha(request)
    _check(given)
    db, wip = database(request), decode_metadata(request.path_params.get("m", "")).wip
    with db.write_transaction():
        version, _ = pacticipants.find_or_create_version(
            db, pact["provider_name"], given["providerApplicationVersion"]
        )
        number = pacts.add_result(db, pact, version, given, wip=wip)
    result = _found(pacts.find_result(db, pact["content"], number))
    return hal_response(_body(request, pact, result), 201, {"Location": url(request, *_path(pact, result))})


@router.get(f"{PACT_VERSION_PATH}/verification-results/latest")
async def get_latest_of_content(request: Request) -> Response:
    """The newest result of a content."""
    return _latest(request, require_pact_by_sha(request))


@router.get(f"{PACT_VERSION_PATH}/verification-results/{{n:int}}")
@router.get(f"{PACT_VERSION_PATH}/metadata/{{m:name}}/verification-results/{{n:int}}")
async def get_result(request: Request) -> Response:
    """One result."""
    pact = require_pact_by_sha(request)
    result = pacts.find_result(database(request), pact["content"], request.path_params["n"])
    return hal_response(_body(request, pact, _found(result)))


@router.get(f"{INTEGRATION_PATH}/version/{{v:name}}/verification-results/latest")
async def get_latest_of_version(request: Request) -> Response:
    """The newest result of a consumer version's pact."""
    return _latest(request, require_pact_by_version(request))


@router.get(f"{INTEGRATION_PATH}/latest/verification-results/latest")
@router.get(f"{INTEGRATION_PATH}/latest/{{t:name}}/verification-results/latest")
async def get_latest_of_latest(request: Request) -> Response:
    """The newest result of the latest pact, of those with the tag if one is given."""
    return _latest(request, require_latest_pact(request))


def _latest(request: Request, pact: Row) -> Response:
    return hal_response(_body(request, pact, _found(pacts.latest_result(database(request), pact["content"]))))


def _found(result: Row | None) -> Row:
    if result is None:
        raise not_found()
    return result


def _check(given: dict[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    if "success" not in given:
        errors["success"] = ["is missing"]
    elif not isinstance(given["success"], bool):
        errors["success"] = ["must be true or false"]
    validate_strings(given, errors, "providerApplicationVersion", required=True)
    validate_strings(given, errors, "buildUrl")
    if errors:
        raise bad_request(errors)


def _path(pact: Row, result: Row) -> tuple[str, ...]:
    return (*pact_path(pact), "pact-version", pact["sha"], "verification-results", str(result["id"]))


def _body(request: Request, pact: Row, result: Row) -> dict[str, Any]:
    content = (*pact_path(pact), "pact-version", pact["sha"])
    metadata = PactUrlMetadata(consumer_version=pact["version_number"]).encode()
    named = f"Verification result {result['id']} for {pact_name(pact)}"
    return {
        "providerName": result["provider_name"],
        "providerApplicationVersion": result["version_number"],
        "success": bool(result["success"]),
        "verificationDate": format_timestamp(result["created"]),
        "buildUrl": result["build_url"],
        "testResults": json.loads(result["test_results"]) if result["test_results"] else None,
        "verifiedBy": json.loads(result["verified_by"]),
        "_links": {
            "self": link(url(request, *_path(pact, result)), "Verification result", named),
            "pb:pact-version": link(url(request, *content, "metadata", metadata), "Pact", pact_name(pact)),
        },
    }
