"""Verification results of pacts."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.domain.json_document import decode_json
from broker.domain.pact_url_metadata import PactUrlMetadata, decode_metadata
from broker.domain.validation import FieldErrors, add_error, is_web_url, validate_boolean, validate_strings
from broker.errors import InvalidRequestError
from broker.resources.links import pact_name, pact_path
from broker.resources.lookups import (
    require,
    require_latest_pact,
    require_pact_by_sha,
    require_pact_by_version,
    require_version,
)
from broker.resources.pacts import INTEGRATION_PATH, PACT_VERSION_PATH
from broker.resources.webhooks import wake_worker
from broker.routing import ResourceRouter
from broker.services.webhook_events import trigger_result_events
from broker.store import pacts, verification_results, versions
from broker.web import (
    created_response,
    database,
    format_timestamp,
    hal_response,
    link,
    no_content,
    parse_positive_integer,
    read_json_body,
    request_url,
    url,
)

router = ResourceRouter()


@router.post(f"{PACT_VERSION_PATH}/verification-results")
@router.post(f"{PACT_VERSION_PATH}/metadata/{{metadata:name}}/verification-results")
async def publish_result(request: Request) -> Response:
    """Store a provider version's result for a content; it counts for every pact with that content."""
    body, db = await read_json_body(request), database(request)
    pact = require_pact_by_sha(request)
    # after the pact is looked up: an unknown pact is a 404 whatever the body
    _check(body)
    metadata = decode_metadata(request.path_params.get("metadata", ""))
    async with db.write_transaction():
        version, _ = versions.find_or_create_version(
            db, pact["provider_name"], body["providerApplicationVersion"]
        )
        number = verification_results.add_result(db, pact, version, body, wip=metadata.wip)
        verified_pact = _pact_of_metadata(request, pact, metadata)
        trigger_result_events(db, verified_pact, number, url(request), success=body["success"])
    wake_worker(request)
    result = require(verification_results.find_result(db, pact["content"], number))
    return created_response(_result_body(request, pact, result), url(request, *_path(pact, result)))


@router.get(f"{PACT_VERSION_PATH}/verification-results/latest")
async def get_latest_of_content(request: Request) -> Response:
    """Return the newest result for a content."""
    return _respond_with_latest(request, require_pact_by_sha(request))


@router.get(f"{PACT_VERSION_PATH}/verification-results/{{number:name}}")
@router.get(f"{PACT_VERSION_PATH}/metadata/{{metadata:name}}/verification-results/{{number:name}}")
async def get_result(request: Request) -> Response:
    """Return one result."""
    pact = require_pact_by_sha(request)
    number = require(parse_positive_integer(request.path_params["number"]))
    result = verification_results.find_result(database(request), pact["content"], number)
    return hal_response(_result_body(request, pact, require(result)))


@router.get(f"{INTEGRATION_PATH}/version/{{version:name}}/verification-results/latest")
async def get_latest_of_version(request: Request) -> Response:
    """Return the newest result for the pact of a consumer version."""
    return _respond_with_latest(request, require_pact_by_version(request))


@router.get(f"{INTEGRATION_PATH}/latest/verification-results/latest")
@router.get(f"{INTEGRATION_PATH}/latest/{{tag:name}}/verification-results/latest")
async def get_latest_of_latest(request: Request) -> Response:
    """Return the newest result for the latest pact, of those with the tag if one is given."""
    return _respond_with_latest(request, require_latest_pact(request))


def _pact_of_metadata(request: Request, pact: Row, metadata: PactUrlMetadata) -> Row:
    """Return the pact that was verified: that of the consumer version the verifier read it for, if it still has it."""
    number = metadata.consumer_version
    names = pact["provider_name"], pact["consumer"]
    of_version = None if number is None else pacts.find_by_version(database(request), *names, number)
    return of_version if of_version and of_version["content"] == pact["content"] else pact


@router.delete(f"{PACT_VERSION_PATH}/verification-results/{{number:name}}")
@router.delete(f"{PACT_VERSION_PATH}/metadata/{{metadata:name}}/verification-results/{{number:name}}")
async def delete_result(request: Request) -> Response:
    """Delete one result; the newest of the others of its provider version counts again."""
    db = database(request)
    async with db.write_transaction():
        pact = require_pact_by_sha(request)
        number = require(parse_positive_integer(request.path_params["number"]))
        verification_results.delete(
            db, require(verification_results.find_result(db, pact["content"], number))
        )
    return no_content()


@router.get("/verification-results/consumer/{pacticipant:name}/version/{version:name}/latest")
async def summarize_results(request: Request) -> Response:
    """Return the newest result of each provider for the pacts of a consumer version, and whether all succeeded."""
    db, version = database(request), require_version(request)
    summary: dict[str, list[str]] = {"successful": [], "failed": [], "unknown": []}
    bodies = []
    for row in pacts.list_for_version(db, version["id"]):
        result = verification_results.latest_result(db, row["content"])
        if result is None:
            summary["unknown"].append(row["provider_name"])
            continue
        summary["successful" if result["success"] else "failed"].append(row["provider_name"])
        bodies.append(_result_body(request, row, result))
    return hal_response(
        {
            "success": bool(summary["successful"]) and not summary["failed"] and not summary["unknown"],
            "providerSummary": summary,
            "_embedded": {"verificationResults": bodies},
            "_links": {"self": link(request_url(request))},
        }
    )


def _respond_with_latest(request: Request, pact: Row) -> Response:
    result = require(verification_results.latest_result(database(request), pact["content"]))
    return hal_response(_result_body(request, pact, result))


def _check(body: dict[str, Any]) -> None:
    errors: FieldErrors = {}
    validate_boolean(body, errors, "success")
    validate_strings(body, errors, "providerApplicationVersion", required=True)
    validate_strings(body, errors, "buildUrl")
    if "buildUrl" not in errors and body.get("buildUrl") and not is_web_url(body["buildUrl"]):
        add_error(errors, "buildUrl", "must be a URL such as https://ci.example.org/1")
    if not isinstance(body.get("verifiedBy"), dict | None):
        add_error(errors, "verifiedBy", "must be an object")
    # old clients send an object
    if not isinstance(body.get("testResults"), list | dict | None):
        add_error(errors, "testResults", "must be a list or an object")
    if errors:
        raise InvalidRequestError(errors)


def _path(pact: Row, result: Row) -> tuple[str, ...]:
    return (*pact_path(pact), "pact-version", pact["sha"], "verification-results", str(result["id"]))


def _result_body(request: Request, pact: Row, result: Row) -> dict[str, Any]:
    metadata = PactUrlMetadata(consumer_version=pact["version_number"]).encode()
    pact_href = url(request, *pact_path(pact), "pact-version", pact["sha"], "metadata", metadata)
    name = f"Verification result {result['id']} for {pact_name(pact)}"
    return {
        "providerName": result["provider_name"],
        "providerApplicationVersion": result["version_number"],
        "success": bool(result["success"]),
        "verificationDate": format_timestamp(result["created"]),
        "buildUrl": result["build_url"],
        "testResults": decode_json(result["test_results"]) if result["test_results"] else None,
        "verifiedBy": decode_json(result["verified_by"]),
        "_links": {
            "self": link(url(request, *_path(pact, result)), "Verification result", name),
            "pb:pact-version": link(pact_href, "Pact", pact_name(pact)),
            "pb:triggered-webhooks": link(
                url(request, *_path(pact, result), "triggered-webhooks"), "Triggered webhooks"
            ),
        },
    }
