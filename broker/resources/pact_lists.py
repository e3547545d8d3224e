"""Lists of the latest pacts: of all integrations, and of one provider."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.resources.links import pact_link, version_link
from broker.resources.lookups import require_pacticipant
from broker.store import pacts
from broker.web import database, format_timestamp, hal_response, link, request_url, url

router = APIRouter()


@router.get("/pacts/latest")
async def list_latest(request: Request) -> Response:
    """List the latest pact of each integration, by names."""
    bodies = [_pact_body(request, row) for row in pacts.latest_of_all(database(request))]
    links = {
        "self": link(url(request, "pacts", "latest")),
        "pb:pacts": [body["_links"]["self"][0] for body in bodies],
    }
    return hal_response({"pacts": bodies, "_links": links})


@router.get("/pacts/provider/{provider:name}/latest")
@router.get("/pacts/provider/{provider:name}/latest/{tag:name}")
async def list_latest_of_provider(request: Request) -> Response:
    """List the latest pact of each consumer, of its versions with the tag if one is given."""
    db, provider, tag = (
        database(request),
        require_pacticipant(request, "provider"),
        request.path_params.get("tag"),
    )
    consumers = pacts.consumers_of(db, provider["id"])
    rows = [pacts.latest(db, provider["name"], consumer["name"], tag) for consumer in consumers]
    links = [{**pact_link(request, row), "name": row["consumer"]} for row in rows if row is not None]
    provider_link = link(url(request, "pacticipants", provider["name"]), name=provider["name"])
    return hal_response(
        {
            "_links": {
                "self": link(request_url(request)),
                "pb:provider": provider_link,
                "pb:pacts": links,
                "pacts": links,  # read by a verifier without selectors
            }
        }
    )


def _pact_body(request: Request, pact: Row) -> dict[str, Any]:
    number = pact["version_number"]
    self_link = version_link(request, {"name": pact["consumer"], "number": number})
    version = {"number": number, "_links": {"self": self_link}}
    return {
        "createdAt": format_timestamp(pact["created"]),
        "_embedded": {
            "consumer": {"name": pact["consumer"], "_embedded": {"version": version}},
            "provider": {"name": pact["provider_name"]},
        },
        "_links": {"self": [pact_link(request, pact)]},
    }
