"""The difference between two pacts of an integration, as text."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from broker.database import Row
from broker.domain.json_document import decode_json
from broker.domain.media_types import choose_media_type
from broker.domain.pact_diff_text import diff_pacts
from broker.resources.links import pact_name
from broker.resources.lookups import (
    provider_and_consumer,
    require,
    require_pact_by_sha,
    require_pact_by_version,
)
from broker.resources.pacts import PACT_VERSION_PATH, VERSION_PATHS
from broker.routing import ResourceRouter
from broker.store import pact_lists, pacts
from broker.web import BrokerHTTPError, accept_header, database

router = ResourceRouter()


@router.get(f"{VERSION_PATHS[0]}/diff/previous-distinct")
async def diff_with_previous(request: Request) -> Response:
    """Compare a pact with the newest earlier one with other content."""
    pact = require_pact_by_version(request)
    return _respond(request, require(pact_lists.previous_distinct(database(request), pact)), pact)


@router.get(f"{VERSION_PATHS[0]}/diff/version/{{other_version:name}}")
async def diff_with_version(request: Request) -> Response:
    """Compare a pact with that of another consumer version."""
    pact, number = require_pact_by_version(request), request.path_params["other_version"]
    other = pacts.find_by_version(database(request), pact["provider_name"], pact["consumer"], number)
    return _respond(request, require(other), pact)


@router.get(f"{PACT_VERSION_PATH}/diff/pact-version/{{other_sha:name}}")
async def diff_contents(request: Request) -> Response:
    """Compare two contents."""
    other_sha = request.path_params["other_sha"]
    other = require(pacts.find_by_sha(database(request), *provider_and_consumer(request), other_sha))
    return _respond(request, other, require_pact_by_sha(request))


def _respond(request: Request, old: Row, new: Row) -> Response:
    if choose_media_type(accept_header(request), "text/plain") is None:
        raise BrokerHTTPError(406)
    documents = (decode_json(old["json"]), decode_json(new["json"]))
    return PlainTextResponse(diff_pacts(*documents, pact_name(old), pact_name(new)))
