"""Lists of the latest pacts, of all pairs and of a provider."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.errors import pacticipant_not_found
from broker.resources.links import pact_link, version_link
from broker.store import pacticipants, pacts
from broker.web import database, format_timestamp, hal_response, link, url

router = APIRouter()


@router.get("/pacts/latest")
async def list_latest(request: Request) -> Response:
    """The latest pact of each pair, by names."""
    found = [_item(request, row) for row in pacts.latest_of_all(database(request))]
    links = [item["_links"]["self"][0] for item in found]
    return hal_response(
        {"pacts": found, "_links": {"self": link(url(request, "pacts", "latest")), "pb:pacts": links}}
    )


@router.get("/pacts/provider/{p:name}/latest")
@router.get("/pacts/provider/{p:name}/latest/{t:name}")
async def list_latest_of_provider(request: Request) -> Response:
    """The latest pact of each consumer, of those with the tag if one is given."""
    provider = provider_of(request)
    db, tag = database(request), request.path_params.get("t")
    consumers = pacts.consumers_of(db, provider["id"])
    rows = (pacts.latest(db, provider["name"], consumer["name"], tag) for consumer in consumers)
    return _list(request, provider, (row for row in rows if row is not None))


def provider_of(request: Request) -> Row:
    """The provider of the path.

    Raises:
        Refused: 404.
    """
    name = request.path_params["p"]
    found = pacticipants.find_by_name(database(request), name)
    if found is None:
        raise pacticipant_not_found("provider", name)
    return found


def _list(request: Request, provider: Row, rows: Iterable[Row]) -> Response:
    links = [{**pact_link(request, row), "name": row["consumer"]} for row in rows]
    return hal_response(
        {
            "_links": {
                "self": link(str(request.url)),
                "pb:provider": link(url(request, "pacticipants", provider["name"]), name=provider["name"]),
                "pb:pacts": links,
                "pacts": links,
            }
        }
    )


def _item(request: Request, row: Row) -> dict[str, Any]:
    version = {"name": row["consumer"], "number": row["version_number"]}
    own = {"number": row["version_number"], "_links": {"self": version_link(request, version)}}
    return {
        "createdAt": format_timestamp(row["created"]),
        "_embedded": {
            "consumer": {"name": row["consumer"], "_embedded": {"version": own}},
            "provider": {"name": row["provider_name"]},
        },
        "_links": {"self": [pact_link(request, row)]},
    }
