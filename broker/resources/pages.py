"""HTML pages for people, at the same addresses as the JSON for clients."""

from __future__ import annotations

from dataclasses import replace

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Match, Route
from starlette.types import Scope

from broker.database import Row
from broker.domain.media_types import asks_for
from broker.domain.pact_url_metadata import decode_metadata
from broker.pages.deployability import DeployabilityQuery, render_deployability
from broker.pages.environments import render_environments
from broker.pages.matrix import render_choice, render_matrix
from broker.pages.network import render_network
from broker.pages.pact import render_diff, render_pact, render_result
from broker.pages.pacticipant import render_pacticipant
from broker.pages.pacticipants import render_pacticipants
from broker.pages.provider_states import render_provider_states
from broker.pages.templating import CONTENT_SECURITY_POLICY
from broker.pages.webhooks import render_webhook, render_webhooks
from broker.resources.lookups import (
    provider_and_consumer,
    require,
    require_environment,
    require_latest_pact,
    require_pact_by_sha,
    require_pact_by_version,
    require_pacticipant,
)
from broker.resources.matrix_query import parse_matrix_query
from broker.resources.pacts import INTEGRATION_PATH, PACT_VERSION_PATH
from broker.resources.provider_states import STATES_PATH, find_states, require_selection
from broker.resources.webhooks import require_webhook
from broker.routing import ResourceRouter
from broker.services.matrix import run_query
from broker.store import pacts, verification_results
from broker.web import database, page_base, parse_positive_integer, url, uses_official_rules

MAX_SEARCH_LENGTH = 200


class PageRoute(Route):
    """A route for clients that accept HTML by name, as browsers do; for all others the JSON routes apply."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the request is for this page."""
        match, child_scope = super().matches(scope)
        # the header last, because a path is compared faster
        if match is Match.NONE or not asks_for(
            ", ".join(Headers(scope=scope).getlist("accept")), "text/html"
        ):
            return Match.NONE, {}
        return match, child_scope


router = ResourceRouter(PageRoute)


@router.get("/")
async def show_deployability(request: Request) -> HTMLResponse:
    """Show which version can be deployed to which environment."""
    query = DeployabilityQuery(
        _search(request, "q"), request.query_params.get("rules"), official_rules=uses_official_rules(request)
    )
    page = render_deployability(
        database(request), page_base(request), url(request), query, _page_number(request)
    )
    return _respond(page)


@router.get("/pacticipants")
async def show_pacticipants(request: Request) -> HTMLResponse:
    """Show all pacticipants, or those with a text in their name."""
    search, number = _search(request, "q"), _page_number(request)
    return _respond(render_pacticipants(database(request), page_base(request), search, number))


@router.get("/pacticipants/{pacticipant:name}")
async def show_pacticipant(request: Request) -> HTMLResponse:
    """Show a pacticipant with its versions."""
    pacticipant = require_pacticipant(request)
    page = render_pacticipant(database(request), page_base(request), pacticipant, _page_number(request))
    return _respond(page)


@router.get("/matrix")
async def show_matrix(request: Request) -> HTMLResponse:
    """Show the rows of a query, or without one the pacticipants to choose from."""
    db, base = database(request), page_base(request)
    parameters = [item for item in request.query_params.multi_items() if item[0] not in {"page", "search"}]
    if not any(name.startswith("q[") for name, _ in parameters):
        return _respond(render_choice(db, base, _search(request, "search"), _page_number(request)))
    query = parse_matrix_query(db, parameters)
    result = run_query(db, replace(query, official_rules=uses_official_rules(request)))
    return _respond(render_matrix(db, base, parameters, result, _page_number(request)))


@router.get("/integrations")
async def show_network(request: Request) -> HTMLResponse:
    """Show the network of integrations."""
    return _respond(render_network(database(request), page_base(request), _page_number(request)))


@router.get("/environments")
async def show_environments(request: Request) -> HTMLResponse:
    """Show what is in each environment."""
    return _respond(render_environments(database(request), page_base(request), _page_number(request)))


@router.get("/environments/{environment:name}")
async def show_environment(request: Request) -> HTMLResponse:
    """Show what is in one environment."""
    uuid = require_environment(request)["uuid"]
    return _respond(render_environments(database(request), page_base(request), _page_number(request), uuid))


@router.get("/webhooks")
async def show_webhooks(request: Request) -> HTMLResponse:
    """Show all webhooks."""
    return _respond(render_webhooks(database(request), page_base(request), _page_number(request)))


@router.get("/webhooks/{uuid:name}")
async def show_webhook(request: Request) -> HTMLResponse:
    """Show one webhook with its history."""
    return _respond(
        render_webhook(database(request), page_base(request), url(request), require_webhook(request))
    )


@router.get(STATES_PATH)
@router.get(f"{STATES_PATH}/branch/{{branch:name}}")
@router.get(f"{STATES_PATH}/environment/{{environment:name}}")
async def show_provider_states(request: Request) -> HTMLResponse:
    """Show the provider states that the consumers of a provider use."""
    selection = require_selection(request)
    page = render_provider_states(
        database(request),
        page_base(request),
        request.path_params["provider"],
        selection,
        find_states(request, selection),
        _page_number(request),
    )
    return _respond(page)


@router.get(f"{INTEGRATION_PATH}/version/{{version:name}}")
async def show_pact(request: Request) -> HTMLResponse:
    """Show the pact of a consumer version."""
    return _respond_with_pact(request, require_pact_by_version(request))


@router.get(f"{INTEGRATION_PATH}/latest")
@router.get(f"{INTEGRATION_PATH}/latest/{{tag:name}}")
async def show_latest_pact(request: Request) -> HTMLResponse:
    """Show the latest pact, of those with the tag if one is given."""
    return _respond_with_pact(request, require_latest_pact(request))


@router.get(f"{INTEGRATION_PATH}/branch/{{branch:name}}/latest")
async def show_latest_pact_on_branch(request: Request) -> HTMLResponse:
    """Show the latest pact on a branch."""
    names = provider_and_consumer(request)
    pact = pacts.latest_on_branch(database(request), *names, request.path_params["branch"])
    return _respond_with_pact(request, require(pact))


@router.get(PACT_VERSION_PATH)
@router.get(f"{PACT_VERSION_PATH}/metadata/{{metadata:name}}")
async def show_content(request: Request) -> HTMLResponse:
    """Show a content as the pact of the version in the metadata, or else of the newest one that has it."""
    return _respond_with_pact(request, _pact_of_content(request))


@router.get(f"{INTEGRATION_PATH}/version/{{version:name}}/diff/previous-distinct")
async def show_diff(request: Request) -> HTMLResponse:
    """Show how a pact differs from the newest one before it with other content."""
    return _respond(render_diff(database(request), page_base(request), require_pact_by_version(request)))


@router.get(f"{PACT_VERSION_PATH}/verification-results/{{number:name}}")
@router.get(f"{PACT_VERSION_PATH}/metadata/{{metadata:name}}/verification-results/{{number:name}}")
async def show_result(request: Request) -> HTMLResponse:
    """Show a verification result: each failed interaction with what differed."""
    pact = _pact_of_content(request)
    number = request.path_params["number"]
    result = (
        verification_results.latest_result(database(request), pact["content"])
        if number == "latest"
        else verification_results.find_result(
            database(request), pact["content"], require(parse_positive_integer(number))
        )
    )
    return _respond(render_result(page_base(request), pact, require(result)))


def _pact_of_content(request: Request) -> Row:
    pact = require_pact_by_sha(request)
    number = decode_metadata(request.path_params.get("metadata", "")).consumer_version
    names = pact["provider_name"], pact["consumer"]
    of_version = None if number is None else pacts.find_by_version(database(request), *names, number)
    return of_version if of_version and of_version["content"] == pact["content"] else pact


def _respond_with_pact(request: Request, pact: Row) -> HTMLResponse:
    return _respond(render_pact(database(request), page_base(request), pact, _page_number(request)))


def _page_number(request: Request) -> int:
    # a wrong number in an address that people edit is no reason for an error
    return parse_positive_integer(request.query_params.get("page", "1")) or 1


def _search(request: Request, name: str) -> str:
    return request.query_params.get(name, "")[:MAX_SEARCH_LENGTH]


def _respond(page: str) -> HTMLResponse:
    return HTMLResponse(page, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})
