"""Labels of pacticipants."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.resources.links import label_link
from broker.resources.lookups import require, require_pacticipant
from broker.resources.paging import read_page
from broker.routing import ResourceRouter
from broker.store import labels
from broker.web import database, format_timestamp, hal_response, link, no_content, put_without_body, url

router = ResourceRouter()
LABEL_PATH = "/pacticipants/{pacticipant:name}/labels/{label:name}"


@router.get("/labels")
async def list_labels(request: Request) -> Response:
    """List the distinct labels of all pacticipants."""
    page = read_page(request, labels.list_names(database(request)))
    names = [{"name": row["name"]} for row in page.rows]
    links = {"self": link(url(request, "labels"), "Labels"), **page.links}
    return hal_response({**page.fields, "_embedded": {"labels": names}, "_links": links})


@router.get(LABEL_PATH)
async def get_label(request: Request) -> Response:
    """Return a label of a pacticipant."""
    return hal_response(_label_body(request))


@router.put(LABEL_PATH)
async def put_label(request: Request) -> Response:
    """Label a pacticipant."""
    label = request.path_params["label"]
    return await put_without_body(
        request, lambda db: labels.add(db, require_pacticipant(request)["id"], label), _label_body
    )


@router.delete(LABEL_PATH)
async def delete_label(request: Request) -> Response:
    """Remove a label of a pacticipant."""
    async with database(request).write_transaction():
        labels.delete(database(request), _require_label(request)["id"])
    return no_content()


def _require_label(request: Request) -> Row:
    pacticipant = require_pacticipant(request)["id"]
    return require(labels.find(database(request), pacticipant, request.path_params["label"]))


def _label_body(request: Request) -> dict[str, Any]:
    label, name = _require_label(request), request.path_params["pacticipant"]
    pacticipant = link(url(request, "pacticipants", name), "Pacticipant", name)
    return {
        "name": label["name"],
        "createdAt": format_timestamp(label["created"]),
        "_links": {"self": label_link(request, name, label["name"]), "pacticipant": pacticipant},
    }
