"""Single pacts: by consumer version, by content, and the latest."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.domain.json_document import decode_json
from broker.resources.links import pact_link, pact_path, version_link
from broker.resources.lookups import (
    provider_and_consumer,
    require,
    require_latest_pact,
    require_pact_by_sha,
    require_pact_by_version,
)
from broker.resources.metadata import PactUrlMetadata, decode_metadata
from broker.store import pacts
from broker.web import database, format_timestamp, hal_response, header_value, link, url

router = APIRouter()
INTEGRATION_PATH = "/pacts/provider/{provider:name}/consumer/{consumer:name}"
PACT_VERSION_PATH = f"{INTEGRATION_PATH}/pact-version/{{sha:name}}"


@router.get(f"{INTEGRATION_PATH}/version/{{version:name}}")
async def get_pact(request: Request) -> Response:
    """Return the pact of a consumer version."""
    return hal_response(pact_body(request, require_pact_by_version(request), None))


@router.get(f"{INTEGRATION_PATH}/latest")
@router.get(f"{INTEGRATION_PATH}/latest/{{tag:name}}")
async def get_latest(request: Request) -> Response:
    """Return the pact of the newest version that has one, of those with the tag if one is given."""
    return _respond_with_metadata(request, require_latest_pact(request))


@router.get(f"{INTEGRATION_PATH}/branch/{{branch:name}}/latest")
async def get_latest_on_branch(request: Request) -> Response:
    """Return the pact of the newest version on a branch that has one."""
    names = provider_and_consumer(request)
    pact = pacts.latest_on_branch(database(request), *names, request.path_params["branch"])
    return _respond_with_metadata(request, require(pact))


@router.get(PACT_VERSION_PATH)
@router.get(f"{PACT_VERSION_PATH}/metadata/{{metadata:name}}")
async def get_content(request: Request) -> Response:
    """Return a content as the pact of the version in the metadata, or else of the newest version that has it."""
    pact = require_pact_by_sha(request)
    metadata = request.path_params.get("metadata")
    number = decode_metadata(metadata).consumer_version if metadata else None
    if number is not None:
        names = pact["provider_name"], pact["consumer"]
        of_version = pacts.find_by_version(database(request), *names, number)
        # since this URL was given out, the version may have been deleted and published again
        if of_version and of_version["sha"] == pact["sha"]:
            pact = of_version
    return hal_response(pact_body(request, pact, metadata))


def pact_body(request: Request, pact: Row, metadata: str | None) -> dict[str, Any]:
    """Return the pact as it was stored, with its links.

    Args:
        request: the request to respond to.
        pact: a row of the store.
        metadata: the metadata segment for the URL of its verification results.
    """
    path = pact_path(pact)
    content_path = (*path, "pact-version", pact["sha"])
    results_path = (*content_path, "metadata", metadata) if metadata else content_path
    consumer, provider = pact["consumer"], pact["provider_name"]
    version = {"name": consumer, "number": pact["version_number"]}
    tagged = link(url(request, *path, "latest", "{tag}"), templated=True)
    links = {
        "self": pact_link(request, pact),
        "pb:consumer": link(url(request, "pacticipants", consumer), "Consumer", consumer),
        "pb:consumer-version": version_link(request, version),
        "pb:provider": link(url(request, "pacticipants", provider), "Provider", provider),
        "pb:pact-version": link(url(request, *content_path), "Pact content", pact["sha"]),
        "pb:latest-pact-version": link(url(request, *path, "latest"), "Latest pact"),
        "pb:latest-tagged-pact-version": tagged,
        "pb:publish-verification-results": link(url(request, *results_path, "verification-results")),
        "pb:latest-verification-results": link(url(request, *content_path, "verification-results", "latest")),
    }
    return {**decode_json(pact["json"]), "createdAt": format_timestamp(pact["created"]), "_links": links}


def _respond_with_metadata(request: Request, pact: Row) -> Response:
    number = pact["version_number"]
    body = pact_body(request, pact, PactUrlMetadata(consumer_version=number).encode())
    return hal_response(body, headers={"X-Pact-Consumer-Version": header_value(number)})
