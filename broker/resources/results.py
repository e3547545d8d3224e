"""Verification results of pacts."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.errors import invalid, not_found
from broker.resources.links import pact_name, pact_path
from broker.resources.metadata import Metadata, decode
from broker.resources.pacts import CONTENT, PAIR, latest_pact, pact_of_content, pact_of_version
from broker.store import pacts, participants
from broker.web import body, database, hal, link, moment, texts, url

router = APIRouter()


@router.post(f"{CONTENT}/verification-results")
@router.post(f"{CONTENT}/metadata/{{m:name}}/verification-results")
async def publish_result(request: Request) -> Response:
    """Store what a provider version's verification of this content found; it counts for every pact that has it."""
    given = await body(request)
    pact = pact_of_content(request)
    _check(given)
    db, wip = database(request), decode(request.path_params.get("m", "")).wip
    with db.writing():
        version, _ = participants.ensure_version(
            db, pact["provider_name"], given["providerApplicationVersion"]
        )
        number = pacts.add_result(db, pact, version, given, wip=wip)
    result = _found(pacts.find_result(db, pact["content"], number))
    return hal(_body(request, pact, result), 201, {"Location": url(request, *_path(pact, result))})


@router.get(f"{CONTENT}/verification-results/latest")
async def get_latest_of_content(request: Request) -> Response:
    """The newest result of a content."""
    return _latest(request, pact_of_content(request))


@router.get(f"{CONTENT}/verification-results/{{n:int}}")
@router.get(f"{CONTENT}/metadata/{{m:name}}/verification-results/{{n:int}}")
async def get_result(request: Request) -> Response:
    """One result."""
    pact = pact_of_content(request)
    result = pacts.find_result(database(request), pact["content"], request.path_params["n"])
    return hal(_body(request, pact, _found(result)))


@router.get(f"{PAIR}/version/{{v:name}}/verification-results/latest")
async def get_latest_of_version(request: Request) -> Response:
    """The newest result of a consumer version's pact."""
    return _latest(request, pact_of_version(request))


@router.get(f"{PAIR}/latest/verification-results/latest")
@router.get(f"{PAIR}/latest/{{t:name}}/verification-results/latest")
async def get_latest_of_latest(request: Request) -> Response:
    """The newest result of the latest pact, of those with the tag if one is given."""
    return _latest(request, latest_pact(request))


def _latest(request: Request, pact: Row) -> Response:
    return hal(_body(request, pact, _found(pacts.latest_result(database(request), pact["content"]))))


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
    texts(given, errors, "providerApplicationVersion", required=True)
    texts(given, errors, "buildUrl")
    if errors:
        raise invalid(errors)


def _path(pact: Row, result: Row) -> tuple[str, ...]:
    return (*pact_path(pact), "pact-version", pact["sha"], "verification-results", str(result["id"]))


def _body(request: Request, pact: Row, result: Row) -> dict[str, Any]:
    content = (*pact_path(pact), "pact-version", pact["sha"])
    metadata = Metadata(consumer_version=pact["version_number"]).encode()
    named = f"Verification result {result['id']} for {pact_name(pact)}"
    return {
        "providerName": result["provider_name"],
        "providerApplicationVersion": result["version_number"],
        "success": bool(result["success"]),
        "verificationDate": moment(result["created"]),
        "buildUrl": result["build_url"],
        "testResults": json.loads(result["test_results"]) if result["test_results"] else None,
        "verifiedBy": json.loads(result["verified_by"]),
        "_links": {
            "self": link(url(request, *_path(pact, result)), "Verification result", named),
            "pb:pact-version": link(url(request, *content, "metadata", metadata), "Pact", pact_name(pact)),
        },
    }
