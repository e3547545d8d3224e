"""Badges as SVG; one that cannot be shown says so, because a page shows no image for an error."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from broker.domain.badge import Badge
from broker.pages.badge import render_badge
from broker.resources.pacts import INTEGRATION_PATH
from broker.routing import ResourceRouter
from broker.services import badges
from broker.services.badges import LabelOptions
from broker.settings import OFFICIAL, RULES
from broker.store import pacts, versions
from broker.web import database, settings

router = ResourceRouter()
SVG = "image/svg+xml;charset=utf-8"


@router.get(f"{INTEGRATION_PATH}/latest/badge")
@router.get(f"{INTEGRATION_PATH}/latest/badge.svg")
@router.get(f"{INTEGRATION_PATH}/latest/{{tag:name}}/badge")
@router.get(f"{INTEGRATION_PATH}/latest/{{tag:name}}/badge.svg")
async def get_latest(request: Request) -> Response:
    """Return the badge of the latest pact, of those with the tag if one is given."""
    pact = pacts.latest(database(request), *_names(request), request.path_params.get("tag"))
    return _respond(badges.badge_of_pact(database(request), pact, _options(request)))


@router.get(f"{INTEGRATION_PATH}/latest-untagged/badge")
@router.get(f"{INTEGRATION_PATH}/latest-untagged/badge.svg")
async def get_latest_untagged(request: Request) -> Response:
    """Return the badge of the pact of the newest version without tags."""
    pact = pacts.latest_untagged(database(request), *_names(request))
    return _respond(badges.badge_of_pact(database(request), pact, _options(request)))


@router.get(f"{INTEGRATION_PATH}/branch/{{branch:name}}/latest/badge")
@router.get(f"{INTEGRATION_PATH}/branch/{{branch:name}}/latest/badge.svg")
async def get_latest_on_branch(request: Request) -> Response:
    """Return the badge of the pact of the newest version on a branch."""
    pact = pacts.latest_on_branch(database(request), *_names(request), request.path_params["branch"])
    return _respond(badges.badge_of_pact(database(request), pact, _options(request)))


MATRIX_PATH = (
    "/matrix/provider/{provider:name}/latest/{provider_tag:name}/consumer/{consumer:name}/latest/{tag:name}"
)


@router.get(f"{MATRIX_PATH}/badge")
@router.get(f"{MATRIX_PATH}/badge.svg")
async def get_matrix(request: Request) -> Response:
    """Return the badge of the newest pact with a tag, verified by the newest provider version with another."""
    db, names = database(request), request.path_params
    pact = pacts.latest(db, *_names(request), names["tag"])
    provider_version = versions.latest_version(db, names["provider"], names["provider_tag"])
    return _respond(badges.badge_of_tagged_versions(db, pact, provider_version, _options(request)))


TAG_PATH = "/pacticipants/{pacticipant:name}/latest-version/{tag:name}/can-i-deploy/to/{target:name}"


@router.get(f"{TAG_PATH}/badge")
@router.get(f"{TAG_PATH}/badge.svg")
async def get_tag_to_tag(request: Request) -> Response:
    """Return whether the newest version with a tag can be deployed to what has another tag."""
    names = request.path_params
    arguments = names["pacticipant"], names["tag"], names["target"], _label(request, "can-i-deploy")
    official_rules = _uses_official_rules(request)
    return _respond(badges.badge_of_tag_to_tag(database(request), *arguments, official_rules=official_rules))


BRANCH_PATH = "/pacticipants/{pacticipant:name}/branches/{branch:name}/latest-version/can-i-deploy/to-environment/{environment:name}"


@router.get(f"{BRANCH_PATH}/badge")
@router.get(f"{BRANCH_PATH}/badge.svg")
async def get_branch_to_environment(request: Request) -> Response:
    """Return whether the newest version on a branch can be deployed to an environment."""
    names = request.path_params
    arguments = names["pacticipant"], names["branch"], names["environment"], _label(request, "can-i-deploy")
    official_rules = _uses_official_rules(request)
    return _respond(
        badges.badge_of_branch_to_environment(database(request), *arguments, official_rules=official_rules)
    )


@router.get("/pacticipants/{pacticipant:name}/main-branch/can-i-merge/badge")
@router.get("/pacticipants/{pacticipant:name}/main-branch/can-i-merge/badge.svg")
async def get_main_branch(request: Request) -> Response:
    """Return whether the head of the main branch works with the heads of all other main branches."""
    name, label = request.path_params["pacticipant"], _label(request, "can-i-merge")
    official_rules = _uses_official_rules(request)
    return _respond(
        badges.badge_of_main_branch(database(request), name, label, official_rules=official_rules)
    )


def _names(request: Request) -> tuple[str, str]:
    return request.path_params["provider"], request.path_params["consumer"]


def _options(request: Request) -> LabelOptions:
    query = request.query_params
    return LabelOptions(query.get("label"), initials=query.get("initials") == "true")


def _label(request: Request, default: str) -> str:
    text = request.query_params.get("label") or default
    # XML has no control characters, and no surrogates
    return "".join(character for character in text if character.isprintable())


def _uses_official_rules(request: Request) -> bool:
    # a page would show no image for an error: a value that is none counts as the setting
    named = request.query_params.get("rules")
    return (named if named in RULES else settings(request).rules) == OFFICIAL


def _respond(badge: Badge) -> Response:
    return Response(render_badge(badge), media_type=SVG)
