"""Lists of pacts: the latest of all integrations, and those of one provider by tag, by branch, or all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.resources.links import pact_link, pact_path, version_link
from broker.resources.lookups import require_pacticipant
from broker.resources.paging import read_page
from broker.routing import ResourceRouter
from broker.store import pact_lists, pacts
from broker.store.pact_lists import PactFilter
from broker.web import database, format_timestamp, hal_response, link, request_url, url

router = ResourceRouter()
PROVIDER_PATH = "/pacts/provider/{provider:name}"


@router.get("/pacts/latest")
async def list_latest(request: Request) -> Response:
    """List the latest pact of each integration, by names."""
    page = read_page(request, pacts.latest_of_all(database(request)))
    links = [pact_link(request, row) for row in page.rows]
    return hal_response(
        {
            **page.fields,
            "pacts": [_pact_body(request, row) for row in page.rows],
            "_links": {
                "self": link(url(request, "pacts", "latest")),
                "pb:pacts": links,
                # the former name of the relation
                "pacts": links,
                **page.links,
            },
        }
    )


@router.get(PROVIDER_PATH)
@router.get(f"{PROVIDER_PATH}/tag/{{tag:name}}")
async def list_all(request: Request) -> Response:
    """List all pacts of a provider, of consumer versions with the tag if one is given."""
    return _respond(request, PactFilter(tag=request.path_params.get("tag")), "All pacts")


@router.get(f"{PROVIDER_PATH}/latest")
@router.get(f"{PROVIDER_PATH}/latest/{{tag:name}}")
async def list_latest_of_provider(request: Request) -> Response:
    """List the latest pact of each consumer, of its versions with the tag if one is given."""
    return _respond(request, PactFilter(tag=request.path_params.get("tag")), "Latest pacts", latest=True)


@router.get(f"{PROVIDER_PATH}/branch")
async def list_main_branches(request: Request) -> Response:
    """List the pacts of the consumers' main branches."""
    return _respond(request, PactFilter(main_branch=True), "All pacts")


@router.get(f"{PROVIDER_PATH}/branch/latest")
async def list_latest_of_main_branches(request: Request) -> Response:
    """List the pact of the head of each consumer's main branch; a head without a pact has none."""
    return _respond(request, PactFilter(main_branch=True, head=True), "Latest pacts", latest=True)


@router.get(f"{PROVIDER_PATH}/branch/{{branch:name}}")
async def list_branch(request: Request) -> Response:
    """List the pacts of consumer versions on a branch."""
    return _respond(request, PactFilter(branch=request.path_params["branch"]), "All pacts")


@router.get(f"{PROVIDER_PATH}/branch/{{branch:name}}/latest")
async def list_latest_of_branch(request: Request) -> Response:
    """List the pact of the head of each consumer's branch with a name; a head without a pact has none."""
    pact_filter = PactFilter(branch=request.path_params["branch"], head=True)
    return _respond(request, pact_filter, "Latest pacts", latest=True)


def _respond(request: Request, pact_filter: PactFilter, title: str, *, latest: bool = False) -> Response:
    db, provider = database(request), require_pacticipant(request, "provider")
    read = pact_lists.list_latest if latest else pact_lists.list_pacts
    page = read_page(request, read(db, provider["id"], pact_filter))
    name, href = provider["name"], url(request, "pacticipants", provider["name"])
    self_link = link(request_url(request), f"{title} of the provider {name}")
    links = {
        "self": self_link,
        "pb:provider": link(href, name=name),
        "pb:pacts": _links(request, page.rows),
        # the former names of the relations, read by old clients and by a verifier without selectors
        "provider": link(href, name, "Replaced by pb:provider"),
        "pacts": _links(request, page.rows),
        **page.links,
    }
    return hal_response({**page.fields, "_links": links})


def _links(request: Request, rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        link(pact["href"], pact["name"], row["consumer"])
        for row, pact in ((row, pact_link(request, row)) for row in rows)
    ]


def _pact_body(request: Request, pact: Row) -> dict[str, Any]:
    number = pact["version_number"]
    version = {
        "number": number,
        "_links": {"self": version_link(request, {"name": pact["consumer"], "number": number})},
    }
    consumer = _pacticipant(request, pact["consumer"])
    latest = link(url(request, *pact_path(pact), "latest"))
    return {
        "createdAt": format_timestamp(pact["created"]),
        "_embedded": {
            "consumer": {**consumer, "_embedded": {"version": version}},
            "provider": _pacticipant(request, pact["provider_name"]),
        },
        "_links": {"self": [latest, pact_link(request, pact)]},
    }


def _pacticipant(request: Request, name: str) -> dict[str, Any]:
    return {"name": name, "_links": {"self": link(url(request, "pacticipants", name))}}
