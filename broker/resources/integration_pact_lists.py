"""Lists of the pacts of one integration: all versions, by tag and by branch; and their deletion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.resources.links import pact_link, pact_path, version_link
from broker.resources.lookups import require_pacticipant
from broker.resources.pacts import INTEGRATION_PATH
from broker.resources.paging import read_page
from broker.routing import ResourceRouter
from broker.store import branches, pact_lists
from broker.store.pact_lists import PactFilter
from broker.web import database, format_timestamp, hal_response, link, no_content, request_url, url

router = ResourceRouter()


@router.get(f"{INTEGRATION_PATH}/versions")
@router.get(f"{INTEGRATION_PATH}/tag/{{tag:name}}")
async def list_versions(request: Request) -> Response:
    """List the pacts of all consumer versions, or of those with the tag, newest first."""
    pact_filter = PactFilter(tag=request.path_params.get("tag"))
    return _respond(request, _read(request, pact_filter, newest_first=True))


@router.get(f"{INTEGRATION_PATH}/branch")
@router.get(f"{INTEGRATION_PATH}/branch/versions")
async def list_main_branch(request: Request) -> Response:
    """List the pacts of the consumer's main branch, oldest first."""
    return _respond(request, _read(request, PactFilter(main_branch=True)))


@router.get(f"{INTEGRATION_PATH}/branch/latest/versions")
async def list_latest_of_main_branch(request: Request) -> Response:
    """List the latest pact of the consumer's main branch, if it has one."""
    return _respond(request, _read_latest(request, PactFilter(main_branch=True)))


@router.get(f"{INTEGRATION_PATH}/branch/{{branch:name}}")
async def list_branch(request: Request) -> Response:
    """List the pacts of consumer versions on a branch, oldest first."""
    name = request.path_params["branch"]
    # the official CLI means the latest of the main branch, the official broker a branch of this name
    if name == "latest" and not _branch_exists(request, name):
        return await list_latest_of_main_branch(request)
    return _respond(request, _read(request, PactFilter(branch=name)))


@router.get(f"{INTEGRATION_PATH}/branch/{{branch:name}}/latest/versions")
async def list_latest_of_branch(request: Request) -> Response:
    """List the latest pact on a branch, if it has one."""
    return _respond(request, _read_latest(request, PactFilter(branch=request.path_params["branch"])))


@router.delete(f"{INTEGRATION_PATH}/versions")
async def delete_versions(request: Request) -> Response:
    """Delete all pacts of an integration; versions, and the results of the contents, stay."""
    await _delete(request, PactFilter())
    return no_content()


@router.delete(f"{INTEGRATION_PATH}/tag/{{tag:name}}")
@router.delete(f"{INTEGRATION_PATH}/branch/{{branch:name}}")
async def delete_by_tag_or_branch(request: Request) -> Response:
    """Delete the pacts of consumer versions with a tag or on a branch."""
    names = request.path_params
    await _delete(request, PactFilter(tag=names.get("tag"), branch=names.get("branch")))
    latest = url(request, "pacts", "provider", names["provider"], "consumer", names["consumer"], "latest")
    links = {"index": link(url(request)), "pb:latest-pact-version": link(latest, "Latest pact")}
    return hal_response({"_links": links})


async def _delete(request: Request, pact_filter: PactFilter) -> None:
    db = database(request)
    async with db.write_transaction():
        provider, bound = _bind(request, pact_filter)
        pact_lists.delete(db, provider, bound)


def _read(request: Request, pact_filter: PactFilter, *, newest_first: bool = False) -> Sequence[Row]:
    return pact_lists.list_pacts(database(request), *_bind(request, pact_filter), newest_first=newest_first)


def _read_latest(request: Request, pact_filter: PactFilter) -> list[Row]:
    latest = pact_lists.latest(database(request), *_bind(request, pact_filter))
    return [] if latest is None else [latest]


def _bind(request: Request, pact_filter: PactFilter) -> tuple[int, PactFilter]:
    provider = require_pacticipant(request, "provider")
    consumer = require_pacticipant(request, "consumer")
    return provider["id"], replace(pact_filter, consumer=consumer["id"])


def _branch_exists(request: Request, name: str) -> bool:
    consumer = require_pacticipant(request, "consumer")
    return branches.find_branch(database(request), consumer["id"], name) is not None


def _respond(request: Request, rows: Sequence[Row]) -> Response:
    page, names = read_page(request, rows), request.path_params
    consumer = link(url(request, "pacticipants", names["consumer"]), "Consumer", names["consumer"])
    provider = link(url(request, "pacticipants", names["provider"]), "Provider", names["provider"])
    links = [pact_link(request, row) for row in page.rows]
    title = f"Pacts between {names['consumer']} and {names['provider']}"
    return hal_response(
        {
            **page.fields,
            "_embedded": {"pacts": [_pact_body(request, row) for row in page.rows]},
            "_links": {
                "self": link(request_url(request), title),
                "consumer": consumer,
                "provider": provider,
                "pact-versions": links,
                # the names of these relations in the official broker's list by tag
                "pb:consumer": consumer,
                "pb:provider": provider,
                "pb:pact-versions": links,
                # without it get-pacts of the official CLI panics
                "pb:pacts": links,
                **page.links,
            },
        }
    )


def _pact_body(request: Request, pact: Row) -> dict[str, Any]:
    number = pact["version_number"]
    self_link = version_link(request, {"name": pact["consumer"], "number": number})
    href = url(request, *pact_path(pact), "version", number)
    return {
        "createdAt": format_timestamp(pact["created"]),
        "_embedded": {"consumerVersion": {"number": number, "_links": {"self": self_link}}},
        "_links": {"self": link(href, pact_link(request, pact)["name"])},
    }
