"""Pacts, one by one: by version, by content, and the latest."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.errors import not_found, pacticipant_not_found
from broker.resources.links import pact_link, pact_path, version_link
from broker.resources.metadata import PactUrlMetadata, decode_metadata
from broker.store import pacticipants, pacts
from broker.web import database, format_timestamp, hal_response, link, url

router = APIRouter()
INTEGRATION_PATH = "/pacts/provider/{p:name}/consumer/{c:name}"
PACT_VERSION_PATH = f"{INTEGRATION_PATH}/pact-version/{{s:name}}"


@router.get(f"{INTEGRATION_PATH}/version/{{v:name}}")
async def get_pact(request: Request) -> Response:
    """The pact of a consumer version."""
    return hal_response(pact_body(request, require_pact_by_version(request), None))


@router.get(f"{INTEGRATION_PATH}/latest")
@router.get(f"{INTEGRATION_PATH}/latest/{{t:name}}")
async def get_latest(request: Request) -> Response:
    """The pact of the newest version that has one, of those with the tag if one is given."""
    row = pacts.latest(database(request), *provider_and_consumer(request), request.path_params.get("t"))
    return _resolved(request, row)


@router.get(f"{INTEGRATION_PATH}/branch/{{b:name}}/latest")
async def get_latest_on_branch(request: Request) -> Response:
    """The newest pact on a branch."""
    return _resolved(
        request,
        pacts.latest_on_branch(database(request), *provider_and_consumer(request), request.path_params["b"]),
    )


@router.get(PACT_VERSION_PATH)
@router.get(f"{PACT_VERSION_PATH}/metadata/{{m:name}}")
async def get_content(request: Request) -> Response:
    """A content, as the pact of the version it was read for, or of the newest that has it."""
    row = require_pact_by_sha(request)
    given = request.path_params.get("m")
    wanted = decode_metadata(given).consumer_version if given else None
    named = (
        pacts.find_by_version(database(request), *provider_and_consumer(request), wanted)
        if wanted is not None
        else None
    )
    return hal_response(pact_body(request, named if named and named["sha"] == row["sha"] else row, given))


def provider_and_consumer(request: Request) -> tuple[str, str]:
    """The provider's and the consumer's name of the path.

    Raises:
        Refused: 404, one of them is unknown.
    """
    provider, consumer = request.path_params["p"], request.path_params["c"]
    for role, name in (("provider", provider), ("consumer", consumer)):
        if pacticipants.find_by_name(database(request), name) is None:
            raise pacticipant_not_found(role, name)
    return provider, consumer


def require_pact_by_version(request: Request) -> Row:
    """The pact of the path's consumer version.

    Raises:
        Refused: 404.
    """
    return _found(
        pacts.find_by_version(database(request), *provider_and_consumer(request), request.path_params["v"])
    )


def require_pact_by_sha(request: Request) -> Row:
    """The newest pact with the content of the path.

    Raises:
        Refused: 404.
    """
    return _found(pacts.by_sha(database(request), *provider_and_consumer(request), request.path_params["s"]))


def require_latest_pact(request: Request) -> Row:
    """The latest pact of the path's pair, of those with the path's tag if there is one.

    Raises:
        Refused: 404.
    """
    return _found(
        pacts.latest(database(request), *provider_and_consumer(request), request.path_params.get("t"))
    )


def pact_body(request: Request, pact: Row, metadata: str | None) -> dict[str, Any]:
    """The pact as it was stored, with its links.

    Args:
        request: the request to answer.
        pact: a row of the store.
        metadata: what the address it was read by carried, handed on to its results.
    """
    own = pact_path(pact)
    content = (*own, "pact-version", pact["sha"])
    through = (*content, "metadata", metadata) if metadata else content
    version = {"name": pact["consumer"], "number": pact["version_number"]}
    links = {
        "self": pact_link(request, pact),
        "pb:consumer": link(url(request, "pacticipants", pact["consumer"]), "Consumer", pact["consumer"]),
        "pb:consumer-version": version_link(request, version),
        "pb:provider": link(
            url(request, "pacticipants", pact["provider_name"]), "Provider", pact["provider_name"]
        ),
        "pb:pact-version": link(url(request, *content), "Pact content", pact["sha"]),
        "pb:latest-pact-version": link(url(request, *own, "latest"), "Latest pact"),
        "pb:latest-tagged-pact-version": link(url(request, *own, "latest", "{tag}"), templated=True),
        "pb:publish-verification-results": link(url(request, *through, "verification-results")),
        "pb:latest-verification-results": link(url(request, *content, "verification-results", "latest")),
    }
    return {**json.loads(pact["json"]), "createdAt": format_timestamp(pact["created"]), "_links": links}


def _resolved(request: Request, pact: Row | None) -> Response:
    row = _found(pact)
    metadata = PactUrlMetadata(consumer_version=row["version_number"]).encode()
    return hal_response(
        pact_body(request, row, metadata), headers={"X-Pact-Consumer-Version": row["version_number"]}
    )


def _found(pact: Row | None) -> Row:
    if pact is None:
        raise not_found()
    return pact
