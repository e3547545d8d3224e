"""Pacts written one by one, as clients did before `POST /contracts/publish`: PUT, PATCH (merge) and DELETE."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.domain.contracts import Publication, build_publication
from broker.domain.validation import FieldErrors
from broker.errors import ContractConflictError, InvalidRequestError
from broker.resources.lookups import require, require_pact_by_version
from broker.resources.pacts import VERSION_PATHS, pact_body
from broker.resources.webhooks import wake_worker
from broker.routing import ResourceRouter
from broker.services.publishing import PUBLISHED
from broker.services.webhook_events import publish_with_events
from broker.store import pact_lists, pacts
from broker.web import (
    JSON,
    MERGE_PATCH,
    BrokerHTTPError,
    database,
    hal_response,
    link,
    read_and_parse_body,
    url,
)

router = ResourceRouter()


@router.put(VERSION_PATHS[0])
async def put_pact(request: Request) -> Response:
    """Store the pact of a consumer version; other content than the stored one is a conflict."""
    return await _write(request, JSON, merge=False)


@router.patch(VERSION_PATHS[0])
async def patch_pact(request: Request) -> Response:
    """Merge a pact into the pact of a consumer version, or store it if there is none."""
    return await _write(request, JSON, MERGE_PATCH, merge=True)


@router.delete(VERSION_PATHS[0])
async def delete_pact(request: Request) -> Response:
    """Delete the pact of a consumer version; the version and the results of the content stay."""
    db = database(request)
    async with db.write_transaction():
        pact_lists.delete_of_version(db, require_pact_by_version(request))
    return hal_response({"_links": {"index": link(url(request))}})


async def _write(request: Request, *media_types: str, merge: bool) -> Response:
    names, db = request.path_params, database(request)

    def parse(body: dict[str, Any]) -> tuple[Publication | None, FieldErrors]:
        if not body:
            raise InvalidRequestError({"": ["the body must be a pact"]})
        return build_publication(names["consumer"], names["provider"], names["version"], body, merge=merge)

    publication, errors = await read_and_parse_body(request, parse, *media_types)
    if publication is None:
        raise InvalidRequestError(errors)
    try:
        async with db.write_transaction():
            result, _ = publish_with_events(db, publication, url(request))
    except ContractConflictError as error:
        # one text, as the clients of this resource read it
        raise BrokerHTTPError(409, {"error": "\n".join(error.messages)}) from None
    wake_worker(request)
    status = 201 if result.pacts[0].change == PUBLISHED else 200
    pact = require(pacts.find_by_id(db, result.pacts[0].pact["id"]))
    return hal_response(pact_body(request, pact, None), status)
