"""The matrix and the can-i-deploy decision."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from broker.domain.matrix import VersionFilter
from broker.domain.matrix_text import matrix_text
from broker.domain.media_types import choose_media_type
from broker.errors import InvalidRequestError
from broker.resources.lookups import require, require_pacticipant
from broker.resources.matrix_body import matrix_body
from broker.resources.matrix_query import check_values, parse_matrix_query
from broker.routing import ResourceRouter
from broker.services.matrix import MatrixQuery, QuerySelector, run_query
from broker.store import branches, environments, pacticipants, versions
from broker.web import accept_header, database, hal_response, uses_official_rules

router = ResourceRouter()


@router.get("/matrix")
async def get_matrix(request: Request) -> Response:
    """Return the rows of consumer versions, provider versions and results that a query selects, and the decision."""
    pairs = request.query_params.multi_items()
    query = parse_matrix_query(database(request), pairs)
    if not uses_official_rules(request):
        check_values(pairs)
    return _respond(request, query)


@router.get("/can-i-deploy")
async def can_i_deploy(request: Request) -> Response:
    """Return the same for one version and one environment or tag."""
    return _respond(request, _parse_short_query(request))


@router.get("/matrix/provider/{provider:name}/consumer/{consumer:name}")
async def get_matrix_of_integration(request: Request) -> Response:
    """Return all results of all pacts of an integration, overwritten revisions included."""
    provider, consumer = require_pacticipant(request, "provider"), require_pacticipant(request, "consumer")
    selectors = [QuerySelector(row, VersionFilter()) for row in (consumer, provider)]
    return _respond(request, MatrixQuery(selectors=selectors))


@router.get("/pacticipants/{pacticipant:name}/latest-version/{tag:name}/can-i-deploy/to/{target_tag:name}")
async def can_i_deploy_tag(request: Request) -> Response:
    """Return the decision for the latest version with a tag, against the latest versions with another one."""
    db, pacticipant, names = database(request), require_pacticipant(request), request.path_params
    require(versions.latest_version(db, pacticipant["name"], names["tag"]))
    query = MatrixQuery(
        selectors=[QuerySelector(pacticipant, VersionFilter(tag=names["tag"], latest=True))],
        inferred_filter=VersionFilter(tag=names["target_tag"], latest=True),
        latestby="cvp",
    )
    return _respond(request, query)


@router.get(
    "/pacticipants/{pacticipant:name}/branches/{branch:name}/latest-version/can-i-deploy/to-environment/{environment:name}"
)
async def can_i_deploy_branch(request: Request) -> Response:
    """Return the decision for the head of a branch and an environment, which is given by its name."""
    db, pacticipant, names = database(request), require_pacticipant(request), request.path_params
    require(branches.branch_head(db, pacticipant["id"], names["branch"]))
    environment = require(environments.find_by_name(db, names["environment"]))
    query = MatrixQuery(
        selectors=[QuerySelector(pacticipant, VersionFilter(branch=names["branch"], latest=True))],
        inferred_filter=VersionFilter(environment=environment["name"]),
        latestby="cvpv",
    )
    return _respond(request, query)


def _respond(request: Request, query: MatrixQuery) -> Response:
    result = run_query(database(request), replace(query, official_rules=uses_official_rules(request)))
    media_type = choose_media_type(
        accept_header(request), "application/hal+json", "application/json", "text/plain"
    )
    if media_type == "text/plain":
        return PlainTextResponse(matrix_text(result))
    return hal_response(matrix_body(request, result))


def _parse_short_query(request: Request) -> MatrixQuery:
    db, query = database(request), request.query_params
    name, environment, tag = query.get("pacticipant"), query.get("environment"), query.get("to")
    errors = {field: ["is missing"] for field in ("pacticipant", "version") if not query.get(field)}
    pacticipant = pacticipants.find_by_name(db, name) if name else None
    if name and pacticipant is None:
        errors["pacticipant"] = [f"Pacticipant {name} not found"]
    if bool(environment) == bool(tag):
        # the official broker's key for a rule about no single field
        errors[""] = ["either an environment or a tag (to) must be given"]
    if environment and not environments.find_by_name(db, environment):
        errors["environment"] = [f"Environment with name '{environment}' does not exist"]
    if errors or pacticipant is None:
        raise InvalidRequestError(errors)
    # clients send both forms
    ignore_keys = {"ignore[]", "ignore[][pacticipant]"}
    return MatrixQuery(
        selectors=[QuerySelector(pacticipant, VersionFilter(number=query["version"]))],
        inferred_filter=VersionFilter(environment=environment or None, tag=tag or None, latest=bool(tag)),
        ignored=[(value, None) for key, value in query.multi_items() if key in ignore_keys and value],
        # the groupings of the official broker
        latestby="cvpv" if environment else "cvp",
    )
