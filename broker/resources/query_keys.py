"""The parameters of each list: a misspelt filter is refused instead of ignored."""

from __future__ import annotations

from starlette.requests import Request

from broker.domain.query_keys import find_key_errors
from broker.errors import InvalidRequestError

PAGE_KEYS = ("page", "size", "pageNumber", "pageSize")
DEPLOYMENT_KEYS = ("pacticipant", "version", "applicationInstance", "target")
KNOWN_KEYS = {
    "/can-i-deploy": (
        "pacticipant", "version", "environment", "to", "ignore[]", "ignore[][pacticipant]", "rules",
    ),
    "/environments": ("name",),
    "/environments/{environment:name}/deployed-versions/currently-deployed": DEPLOYMENT_KEYS,
    "/environments/{environment:name}/released-versions/currently-supported": DEPLOYMENT_KEYS,
    "/pacticipants": ("q", *PAGE_KEYS),
    "/pacticipants/{pacticipant:name}/branches": ("q", *PAGE_KEYS),
    "/pacticipants/{pacticipant:name}/branches/{branch:name}/versions": PAGE_KEYS,
    "/pacticipants/{pacticipant:name}/tags/{tag:name}/versions": PAGE_KEYS,
    "/pacticipants/{pacticipant:name}/versions": PAGE_KEYS,
}  # fmt: skip
"""By the path of the route; the matrix checks its nested parameters itself."""


async def check_query_keys(request: Request) -> None:
    """Raise InvalidRequestError if a list is asked for with a parameter that it does not have."""
    known = KNOWN_KEYS.get(request.scope["route"].path)
    if known and request.method == "GET" and (errors := find_key_errors(request.query_params, known)):
        raise InvalidRequestError(errors)
