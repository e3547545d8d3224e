"""Look up what the path parameters of a request name; an error that becomes 404 is raised if it does not exist."""

from __future__ import annotations

from typing import TypeVar

from starlette.requests import Request

from broker.database import Row
from broker.domain.json_document import find_value_error
from broker.domain.validation import find_name_error, find_text_error
from broker.errors import InvalidRequestError, NotFoundError, PacticipantNotFoundError
from broker.store import branches, deployments, environments, pacticipants, pacts, versions
from broker.web import database

T = TypeVar("T")

OPAQUE_PARAMETERS = {"metadata", "number", "other_sha", "sha", "uuid"}
"""Path parameters that are no names."""


def require(value: T | None) -> T:
    """Return a value that must exist, or raise NotFoundError."""
    if value is None:
        raise NotFoundError
    return value


def check_path_names(request: Request) -> None:
    """Raise InvalidRequestError if a path parameter cannot be the name of anything."""
    errors = {
        parameter: [message]
        for parameter, name in request.path_params.items()
        if (message := find_value_error(name) or _find_parameter_error(parameter, name))
    }
    if errors:
        raise InvalidRequestError(errors)


def _find_parameter_error(parameter: str, name: str) -> str | None:
    # the broker itself gives these out: unknown ones are 404, whatever their length
    if parameter in OPAQUE_PARAMETERS:
        return find_text_error(name, len(name))
    return find_name_error(name)


def require_pacticipant(request: Request, role: str = "pacticipant") -> Row:
    """Return the pacticipant of the path parameter `role`, or raise PacticipantNotFoundError."""
    name = request.path_params[role]
    pacticipant = pacticipants.find_by_name(database(request), name)
    if pacticipant is None:
        raise PacticipantNotFoundError(role, name)
    return pacticipant


def require_version(request: Request) -> Row:
    """Return the version of the path."""
    name = require_pacticipant(request)["name"]
    return require(versions.find_version(database(request), name, request.path_params["version"]))


def require_branch(request: Request) -> Row:
    """Return the branch of the path."""
    pacticipant = require_pacticipant(request)["id"]
    return require(branches.find_branch(database(request), pacticipant, request.path_params["branch"]))


def require_environment(request: Request) -> Row:
    """Return the environment whose UUID is in the path."""
    return require(environments.find_by_uuid(database(request), request.path_params["environment"]))


def require_deployment(request: Request, kind: str) -> Row:
    """Return the deployment or release whose UUID is in the path."""
    return require(deployments.find(database(request), request.path_params["uuid"], kind))


def provider_and_consumer(request: Request) -> tuple[str, str]:
    """Return the names of the path's provider and consumer, both of which exist."""
    provider = require_pacticipant(request, "provider")
    return provider["name"], require_pacticipant(request, "consumer")["name"]


def require_pact_by_version(request: Request) -> Row:
    """Return the pact of the path's consumer version."""
    names = provider_and_consumer(request)
    return require(pacts.find_by_version(database(request), *names, request.path_params["version"]))


def require_pact_by_sha(request: Request) -> Row:
    """Return the newest pact with the content of the path."""
    names = provider_and_consumer(request)
    return require(pacts.find_by_sha(database(request), *names, request.path_params["sha"]))


def require_latest_pact(request: Request) -> Row:
    """Return the latest pact of the path's integration, of those with the path's tag if there is one."""
    names = provider_and_consumer(request)
    return require(pacts.latest(database(request), *names, request.path_params.get("tag")))
