"""The provider states that the consumers of a provider use, so that the provider's team knows what to implement."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.domain.json_document import decode_json
from broker.domain.provider_states import list_provider_states
from broker.resources.lookups import require, require_pacticipant
from broker.resources.pact_lists import PROVIDER_PATH
from broker.routing import ResourceRouter
from broker.store import environments, pact_lists
from broker.store.pact_lists import PactFilter
from broker.web import database, hal_response, link, request_url

router = ResourceRouter()


STATES_PATH = f"{PROVIDER_PATH}/provider-states"


@router.get(STATES_PATH)
@router.get(f"{STATES_PATH}/branch/{{branch:name}}")
@router.get(f"{STATES_PATH}/environment/{{environment:name}}")
async def list_states(request: Request) -> Response:
    """List the states of the pacts that the path selects."""
    states = find_states(request, require_selection(request))
    return hal_response({"providerStates": states, "_links": {"self": link(request_url(request))}})


def require_selection(request: Request) -> tuple[str, ...]:
    """Return whose pacts a path selects: () for the consumers' main branches, or `branch` or `environment` and a name.

    Raises:
        NotFoundError: There is no environment with this name (as the CLI gives it) or UUID, or no such provider.
    """
    require_pacticipant(request, "provider")
    if branch := request.path_params.get("branch"):
        return "branch", branch
    if text := request.path_params.get("environment"):
        db = database(request)
        row = require(environments.find_by_name(db, text) or environments.find_by_uuid(db, text))
        return "environment", row["name"]
    return ()


def find_states(request: Request, selection: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the states of the pacts that `require_selection` returned, with their parameters and consumers."""
    db, provider = database(request), require_pacticipant(request, "provider")["id"]
    match selection:
        case ("environment", name):
            # several versions of a consumer may be in an environment, on a branch only the head counts
            rows = pact_lists.list_with_documents(db, provider, PactFilter(environment=name))
        case ("branch", name):
            rows = pact_lists.list_latest(
                db, provider, PactFilter(branch=name, head=True), with_documents=True
            )
        case _:
            rows = pact_lists.list_latest(
                db, provider, PactFilter(main_branch=True, head=True), with_documents=True
            )
    return list_provider_states((row["consumer"], decode_json(row["json"])) for row in rows)
