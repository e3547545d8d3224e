"""The matrix and the can-i-deploy decision."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.domain.matrix import VersionFilter
from broker.errors import InvalidRequestError
from broker.resources.matrix_body import matrix_body
from broker.resources.matrix_query import check_values, parse_matrix_query
from broker.services.matrix import MatrixQuery, QuerySelector, run_query
from broker.store import environments, pacticipants
from broker.web import database, hal_response, uses_official_rules

router = APIRouter()


@router.get("/matrix")
async def get_matrix(request: Request) -> Response:
    """Return the rows of consumer versions, provider versions and results that a query selects, and the decision."""
    pairs, official_rules = request.query_params.multi_items(), uses_official_rules(request)
    query = parse_matrix_query(database(request), pairs)
    if not official_rules:
        check_values(pairs)
    return _respond(request, replace(query, official_rules=official_rules))


@router.get("/can-i-deploy")
async def can_i_deploy(request: Request) -> Response:
    """Return the same for one version and one environment or tag."""
    return _respond(request, _parse_short_query(request))


def _respond(request: Request, query: MatrixQuery) -> Response:
    return hal_response(matrix_body(request, run_query(database(request), query)))


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
        official_rules=uses_official_rules(request),
    )
