"""Integrations: the pairs of consumer and provider that have pacts."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from broker.database import Row
from broker.domain.json_document import encode_json
from broker.domain.media_types import choose_media_type
from broker.resources.lookups import require, require_pacticipant
from broker.resources.paging import read_page
from broker.routing import ResourceRouter
from broker.store import integrations
from broker.web import accept_header, database, hal_response, link, no_content, url

router = ResourceRouter()
GRAPHVIZ = "text/vnd.graphviz"


@router.get("/integrations")
async def list_integrations(request: Request) -> Response:
    """List the integrations, that with the newest contract first; as a graph if the client asks for one."""
    rows = integrations.list_all(database(request))
    if (
        choose_media_type(accept_header(request), "application/hal+json", "application/json", GRAPHVIZ)
        == GRAPHVIZ
    ):
        return PlainTextResponse(_graph(rows), media_type=GRAPHVIZ)
    page = read_page(request, rows)
    bodies = [_integration_body(request, row) for row in page.rows]
    links = {"self": link(url(request, "integrations"), "All integrations"), **page.links}
    return hal_response({**page.fields, "_embedded": {"integrations": bodies}, "_links": links})


@router.delete("/integrations")
async def delete_integrations(request: Request) -> Response:
    """Delete all integrations with their pacts and results."""
    db = database(request)
    async with db.write_transaction():
        for row in integrations.list_all(db):
            integrations.delete(db, row["consumer_id"], row["provider_id"])
    return no_content()


@router.delete("/integrations/provider/{provider:name}/consumer/{consumer:name}")
async def delete_integration(request: Request) -> Response:
    """Delete an integration with its pacts and results, and both sides if nothing else is left of them."""
    db = database(request)
    async with db.write_transaction():
        provider = require_pacticipant(request, "provider")["id"]
        consumer = require_pacticipant(request, "consumer")["id"]
        require(integrations.find(db, consumer, provider))
        integrations.delete(db, consumer, provider)
    return no_content()


def _integration_body(request: Request, row: Row) -> dict[str, Any]:
    consumer, provider = row["consumer"], row["provider_name"]
    pair = ("provider", provider, "consumer", consumer)
    name = f"{consumer} and {provider}"
    return {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "_links": {
            "pb:dashboard": link(url(request, "dashboard", *pair), f"Pacts between {name}"),
            "pb:matrix": link(url(request, "matrix", *pair), f"Matrix of {name}"),
            "pb:group": link(url(request, "pacticipants", consumer)),
            "pb:delete_integration": link(url(request, "integrations", *pair), f"Integration of {name}"),
        },
    }


def _graph(rows: list[Row]) -> str:
    # a JSON string is a quoted identifier of the DOT language as well
    edges = (f"  {encode_json(row['consumer'])} -> {encode_json(row['provider_name'])}\n" for row in rows)
    return f"digraph {{\n{''.join(edges)}}}\n"
