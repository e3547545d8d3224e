"""Single pacts: by consumer version, by content, and the latest."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.domain.json_document import decode_json
from broker.domain.media_types import choose_media_type
from broker.domain.pact_url_metadata import PactUrlMetadata, decode_metadata
from broker.resources.links import pact_link
from broker.resources.lookups import (
    provider_and_consumer,
    require,
    require_latest_pact,
    require_pact_by_sha,
    require_pact_by_version,
    require_pacticipant,
)
from broker.resources.pact_links import pact_links
from broker.routing import ResourceRouter
from broker.store import pact_lists, pacts, tags
from broker.store.pact_lists import PactFilter
from broker.web import JSON, accept_header, database, format_timestamp, hal_response, header_value

router = ResourceRouter()
INTEGRATION_PATH = "/pacts/provider/{provider:name}/consumer/{consumer:name}"
VERSION_PATHS = (
    f"{INTEGRATION_PATH}/version/{{version:name}}",
    # former paths of the same resource
    f"{INTEGRATION_PATH}/versions/{{version:name}}",
    "/pact/provider/{provider:name}/consumer/{consumer:name}/version/{version:name}",
)
HAL_JSON = "application/hal+json"
EXTENDED = "application/vnd.pactbrokerextended.v1+json"
PACT_VERSION_PATH = f"{INTEGRATION_PATH}/pact-version/{{sha:name}}"


@router.get(VERSION_PATHS[0])
@router.get(VERSION_PATHS[1])
@router.get(VERSION_PATHS[2])
async def get_pact(request: Request) -> Response:
    """Return the pact of a consumer version."""
    return respond_with_pact(request, require_pact_by_version(request), None)


@router.get(f"{INTEGRATION_PATH}/latest")
@router.get(f"{INTEGRATION_PATH}/latest/{{tag:name}}")
async def get_latest(request: Request) -> Response:
    """Return the pact of the newest version that has one, of those with the tag if one is given."""
    return _respond_with_metadata(request, require_latest_pact(request))


@router.get(f"{INTEGRATION_PATH}/latest-untagged")
async def get_latest_untagged(request: Request) -> Response:
    """Return the pact of the newest version without a tag that has one."""
    provider, consumer = require_pacticipant(request, "provider"), require_pacticipant(request, "consumer")
    pact_filter = PactFilter(consumer=consumer["id"], untagged=True)
    return _respond_with_metadata(
        request, require(pact_lists.latest(database(request), provider["id"], pact_filter))
    )


@router.get(f"{INTEGRATION_PATH}/branch/{{branch:name}}/latest")
async def get_latest_on_branch(request: Request) -> Response:
    """Return the pact of the newest version on a branch that has one."""
    names = provider_and_consumer(request)
    pact = require(pacts.latest_on_branch(database(request), *names, request.path_params["branch"]))
    # without this link get-pacts of the official CLI, which takes the resource for a list, panics
    return _respond_with_metadata(request, pact, {"pb:pacts": [pact_link(request, pact)]})


@router.get(f"{VERSION_PATHS[0]}/previous-distinct")
async def get_previous_distinct(request: Request) -> Response:
    """Return the pact of the newest version before this one with other content."""
    pact = require_pact_by_version(request)
    return respond_with_pact(request, require(pact_lists.previous_distinct(database(request), pact)), None)


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
    return respond_with_pact(request, pact, metadata)


def pact_body(request: Request, pact: Row, metadata: str | None) -> dict[str, Any]:
    """Return the pact as it was stored, with its links.

    Args:
        request: the request to respond to.
        pact: a row of the store.
        metadata: the metadata segment for the URL of its verification results.
    """
    return {
        **decode_json(pact["json"]),
        "createdAt": format_timestamp(pact["created"]),
        "_links": pact_links(request, pact, metadata),
    }


def respond_with_pact(
    request: Request,
    pact: Row,
    metadata: str | None,
    headers: dict[str, str] | None = None,
    more_links: dict[str, Any] | None = None,
) -> Response:
    """Return a pact in the media type that the client asks for."""
    body = pact_body(request, pact, metadata)
    body["_links"] |= more_links or {}
    media_type = choose_media_type(accept_header(request), HAL_JSON, JSON, EXTENDED) or HAL_JSON
    if media_type == EXTENDED:
        version_tags = tags.tags_of(database(request), pact["version"])
        contract = decode_json(pact["json"])
        names = [{"name": tag["name"]} for tag in version_tags]
        body = {key: body[key] for key in ("createdAt", "_links")} | {
            "contract": contract,
            "_embedded": {"tags": names},
        }
    response = hal_response(body, headers=headers)
    response.headers["content-type"] = f"{media_type};charset=utf-8"
    return response


def _respond_with_metadata(request: Request, pact: Row, more_links: dict[str, Any] | None = None) -> Response:
    number = pact["version_number"]
    metadata = PactUrlMetadata(consumer_version=number).encode()
    headers = {"X-Pact-Consumer-Version": header_value(number)}
    return respond_with_pact(request, pact, metadata, headers, more_links)
