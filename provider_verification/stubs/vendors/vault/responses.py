"""Bodies of Vault's responses: the envelope of a success, the list of errors, and the texts of rejections."""

from __future__ import annotations

from typing import Any, NoReturn

from provider_verification.stubs.sdk import RequestRejected, StubResponse, ValidationIssue, with_rejection

# Recorded: a bad token is 403, not 401.
STATUS_BY_KIND = {
    "unauthenticated": 403,
    "unknown_route": 404,
    "wrong_method": 405,
    "too_large": 413,
    "media_type": 415,
}
LOGICAL_METHODS = ("GET ", "POST ", "PUT ", "DELETE ", "PATCH ", "LIST ")
HTTP_ENDPOINTS = ("/v1/sys/health", "/v1/sys/seal-status", "/v1/sys/leader", "/v1/sys/init", "/v1/sys/unseal")
"""Endpoints outside of Vault's router, whose 405 has no message."""

INVALID_PATH = (
    "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. "
    "If using the Vault CLI, use 'vault kv {command}' for this operation."
)


def vault_error(status: int, *messages: str) -> StubResponse:
    """An error; the list of messages may be empty."""
    return StubResponse(status, {"errors": list(messages)})


def invalid_field(name: str, message: str, status: int = 400) -> StubResponse:
    """An error about a field that is wrong, or missing, whatever Vault holds; it is recorded as a violation."""
    return with_rejection(vault_error(status, message), "invalid", message, ("body", name))


def success_envelope(
    data: Any = None, *, auth: dict[str, Any] | None = None, warnings: list[str] | None = None
) -> dict[str, Any]:
    """The body of a success, with the operation's own values in `data` or `auth`."""
    return {
        "request_id": "00000000-0000-4000-8000-000000000000",
        "lease_id": "",
        "renewable": False,
        "lease_duration": 0,
        "data": data,
        "wrap_info": None,
        "warnings": warnings or None,
        "auth": auth,
    }


def ignored_fields_warnings(body: dict[str, Any], known: frozenset[str]) -> list[str]:
    """The warning about fields of a body that Vault does not know, if there are any."""
    unknown = sorted(body.keys() - known)
    return [f"Endpoint ignored these unrecognized parameters: [{' '.join(unknown)}]"] if unknown else []


class InvalidPathRejected(RequestRejected):
    """The KV engine does not have the path; its response is no list of errors, but a warning."""


def invalid_path(command: str) -> NoReturn:
    """Reject a path that the KV engine does not have; `command` is the one of Vault's CLI.

    Raises:
        InvalidPathRejected: always, so that the request counts as a violation.
    """
    raise InvalidPathRejected("unknown_route", INVALID_PATH.format(command=command))


def error_response(rejection: RequestRejected) -> StubResponse:
    """Vault's response to a rejected request."""
    status = rejection.status or STATUS_BY_KIND.get(rejection.kind, 400)
    # The response to a HEAD has no body, and so no content type.
    if rejection.route.startswith("HEAD "):
        return StubResponse(status)
    if isinstance(rejection, InvalidPathRejected):
        return StubResponse(status, success_envelope(warnings=[rejection.message]))
    if rejection.status is not None:
        return vault_error(status, *_messages_with_status(rejection))
    return vault_error(status, *_messages(rejection))


def _messages_with_status(rejection: RequestRejected) -> list[str]:
    # Recorded: a bad query parameter of a system endpoint or a list is 400 without a message.
    is_query = bool(rejection.issues) and rejection.issues[0].location[0] == "query"
    return [] if is_query else [rejection.message]


def _messages(rejection: RequestRejected) -> list[str]:
    path = rejection.route.partition(" ")[2].removeprefix("/v1/")
    if rejection.kind == "wrong_method":
        return _wrong_method_messages(rejection.route)
    if rejection.kind == "unknown_route" and path.startswith("/"):
        # Recorded: outside of /v1/ there is no router that could name the route.
        return []
    messages = {
        "unauthenticated": "permission denied",
        "unknown_route": f'no handler for route "{path}". route entry not found.',
        "too_large": "error parsing JSON",
        "malformed": "error parsing JSON",
    }
    if rejection.kind == "invalid" and rejection.issues:
        return [_issue_message(rejection.issues[0])]
    return [messages.get(rejection.kind, rejection.message)]


def _wrong_method_messages(route: str) -> list[str]:
    # Recorded: only a method that Vault's router knows has a message.
    is_logical = route.startswith(LOGICAL_METHODS) and not route.partition(" ")[2].startswith(HTTP_ENDPOINTS)
    return ["1 error occurred:\n\t* unsupported operation\n\n"] if is_logical else []


def _issue_message(issue: ValidationIssue) -> str:
    if issue.location == ("body", "data") and issue.rule == "required":
        return "no data provided"
    prefix = "Field validation failed: " if issue.location[0] == "query" else ""
    name = issue.location[1] if len(issue.location) > 1 else ""
    return f'{prefix}error converting input for field "{name}": {issue.message}'
