"""The provider states that the consumers of a provider use, so that the provider's team knows what to implement."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from broker.domain.json_document import decode_json
from broker.domain.provider_states import list_provider_states
from broker.errors import NotFoundError
from broker.resources.lookups import require_pacticipant
from broker.resources.pact_lists import PROVIDER_PATH
from broker.routing import ResourceRouter
from broker.store import environments, pact_lists
from broker.store.pact_lists import PactFilter
from broker.web import database, hal_response, link, request_url

router = ResourceRouter()


@router.get(f"{PROVIDER_PATH}/provider-states")
async def list_states_of_main_branches(request: Request) -> Response:
    """List the states of the pacts of the heads of the consumers' main branches."""
    return _respond(request, PactFilter(main_branch=True, head=True))


@router.get(f"{PROVIDER_PATH}/provider-states/branch/{{branch:name}}")
async def list_states_of_branch(request: Request) -> Response:
    """List the states of the pacts of the heads of a branch."""
    return _respond(request, PactFilter(branch=request.path_params["branch"], head=True))


@router.get(f"{PROVIDER_PATH}/provider-states/environment/{{environment:name}}")
async def list_states_of_environment(request: Request) -> Response:
    """List the states of the pacts of all versions in an environment, given by name (as the CLI does) or UUID."""
    db, text = database(request), request.path_params["environment"]
    environment = environments.find_by_name(db, text) or environments.find_by_uuid(db, text)
    require_pacticipant(request, "provider")
    if environment is None:
        raise NotFoundError
    return _respond(request, PactFilter(environment=environment["name"]))


def _respond(request: Request, pact_filter: PactFilter) -> Response:
    db, provider = database(request), require_pacticipant(request, "provider")
    # several versions of a consumer may be in an environment, on a branch only the head counts
    if pact_filter.environment is not None:
        rows = pact_lists.list_with_documents(db, provider["id"], pact_filter)
    else:
        rows = pact_lists.list_latest(db, provider["id"], pact_filter, with_documents=True)
    states = list_provider_states((row["consumer"], decode_json(row["json"])) for row in rows)
    return hal_response({"providerStates": states, "_links": {"self": link(request_url(request))}})
