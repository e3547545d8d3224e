"""The parameters of each resource: a misspelled or repeated one is refused instead of ignored."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from broker.domain.query_keys import find_key_errors, find_repetition_errors
from broker.errors import InvalidRequestError

PAGE_KEYS = ("page", "size", "pageNumber", "pageSize")
DEPLOYMENT_KEYS = ("pacticipant", "version", "applicationInstance", "target", *PAGE_KEYS)
KNOWN_KEYS = {
    "/can-i-deploy": (
        "pacticipant", "version", "environment", "to", "ignore[]", "ignore[][pacticipant]", "rules",
    ),
    "/environments": ("name",),
    "/environments/{environment:name}": ("page",),
    "/environments/{environment:name}/deployed-versions/currently-deployed": DEPLOYMENT_KEYS,
    "/environments/{environment:name}/released-versions/currently-supported": DEPLOYMENT_KEYS,
    "/matrix/provider/{provider:name}/consumer/{consumer:name}": ("rules",),
    "/pacticipants": ("q", *PAGE_KEYS),
    "/pacticipants/{pacticipant:name}/branches": ("q", *PAGE_KEYS),
    "/pacticipants/{pacticipant:name}/branches/{branch:name}/latest-version/can-i-deploy/to-environment/{environment:name}": ("rules",),
    "/pacticipants/{pacticipant:name}/latest-version/{tag:name}/can-i-deploy/to/{target_tag:name}": ("rules",),
}  # fmt: skip
"""By the path of the route; all others are known to have pages, which lists of pacts, integrations and webhooks have."""

DELETE_KEYS = {"/pacticipants/{pacticipant:name}/branches": ("exclude[]", "exclude")}
FOR_VERIFICATION = "/pacts/provider/{provider:name}/for-verification"
UNCHECKED_PATHS = {"/", "/matrix", FOR_VERIFICATION}
"""Of GET. The first has no filter; the others check their nested parameters themselves."""

BADGE_SUFFIXES = ("/badge", "/badge.svg")
"""A page would show no image for an error."""


def check_query_keys(request: Request) -> None:
    """Check the names of a query's parameters, and that it is text.

    Raises:
        InvalidRequestError: The resource does not have a parameter, a parameter that has one value is given several times, or
            the query is not UTF-8.
    """
    path = request.scope["route"].path
    if path.endswith(BADGE_SUFFIXES):
        return
    _check_encoding(request)
    known = _known_keys(request.method, path)
    if known is None:
        return
    keys = [key for key, _ in request.query_params.multi_items()]
    if errors := find_key_errors(keys, known) or find_repetition_errors(keys):
        raise InvalidRequestError(errors)


def _check_encoding(request: Request) -> None:
    try:
        unquote_to_bytes(request.scope["query_string"]).decode()
    except UnicodeDecodeError:
        # Starlette would replace the bytes, and the query would be about another name
        raise InvalidRequestError({"": ["the query is not valid Unicode"]}) from None


def _known_keys(method: str, path: str) -> Sequence[str] | None:
    """Return the parameters of a resource, or None if they are not checked here."""
    if method == "DELETE":
        return DELETE_KEYS.get(path, ())
    if (method, path) == ("POST", FOR_VERIFICATION):
        # the only query that is sent by POST
        return ("rules",)
    return None if method != "GET" or path in UNCHECKED_PATHS else KNOWN_KEYS.get(path, PAGE_KEYS)
