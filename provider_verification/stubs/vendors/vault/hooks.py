"""Authentication, decoding, error bodies and outages of Vault, as recorded from a 1.14.8 server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from provider_verification.stubs.engine.request_validation import FORM, media_type
from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, VendorHooks
from provider_verification.stubs.vendors.vault.state import VaultState

# Recorded: a bad token is 403, not 401.
STATUS_BY_KIND = {
    "unauthenticated": 403,
    "unknown_route": 404,
    "wrong_method": 405,
    "too_large": 413,
    "media_type": 415,
}
PERMISSION_DENIED_MESSAGE = "1 error occurred:\n\t* permission denied\n\n"
MERGE_PATCH = "application/merge-patch+json"
ALLOWED_WHILE_SEALED = {"health", "healthHead"}


def vault_error(status: int, *messages: str) -> StubResponse:
    """An error; the list of messages may be empty."""
    return StubResponse(status, {"errors": list(messages)})


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
        "warnings": warnings,
        "auth": auth,
    }


def error_response(rejection: RequestRejected) -> StubResponse:
    """Vault's response to a rejected request."""
    if rejection.status is not None:
        return vault_error(rejection.status, rejection.message)
    return vault_error(STATUS_BY_KIND.get(rejection.kind, 400), *_messages(rejection))


def _messages(rejection: RequestRejected) -> list[str]:
    path = rejection.route.partition(" ")[2].removeprefix("/v1/")
    messages = {
        "unauthenticated": "permission denied",
        "unknown_route": f'no handler for route "{path}". route entry not found.',
        "media_type": f"PATCH requires Content-Type of {rejection.message}",
        "too_large": "error parsing JSON",
        "malformed": "error parsing JSON",
    }
    return [] if rejection.kind == "wrong_method" else [messages.get(rejection.kind, rejection.message)]


def authenticate(state: VaultState, headers: Mapping[str, str], _query: Mapping[str, str]) -> str:
    """Return the token.

    Raises:
        RequestRejected: the token is missing or unknown, or Vault is sealed: it checks the seal first.
    """
    if _is_sealed(state):
        raise RequestRejected("fault", "Vault is sealed", status=503)
    bearer = headers.get("authorization", "")
    token = headers.get("x-vault-token") or (bearer[7:] if bearer.startswith("Bearer ") else "")
    if token not in state.tokens:
        raise RequestRejected("unauthenticated", "the header X-Vault-Token should hold a valid token")
    return token


def _is_sealed(state: VaultState) -> bool:
    return state.sealed or not state.initialized


def authorize(state: VaultState, request: StubRequest) -> None:
    """Apply the policy. A denied path has another message than a bad token, with the same status.

    Raises:
        RequestRejected: the policy denies the path.
    """
    if state.deny_all or request.path_params.get("path") in state.denied_paths:
        raise RequestRejected("forbidden", PERMISSION_DENIED_MESSAGE, status=403)


def decode(operation_id: str, headers: Mapping[str, str], raw: bytes) -> Any:
    """Return the body as an object. Recorded: JSON is read whatever the content type, and null is empty.

    Raises:
        RequestRejected: the body is not a JSON object, or a patch has another content type than Vault requires.
    """
    if operation_id == "patchSecret" and media_type(headers) != MERGE_PATCH:
        raise RequestRejected("media_type", MERGE_PATCH)
    text = raw.decode(errors="replace").lstrip()
    if media_type(headers) == FORM and raw[:1] not in {b"{", b"["}:
        return dict(parse_qsl(text))
    if not text:
        return {}
    try:
        # Recorded: text after the JSON value is ignored.
        value, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        raise RequestRejected("malformed", "the body should be JSON") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestRejected("malformed", "the body should be a JSON object")
    return value


def outage_response(state: VaultState, request: StubRequest) -> StubResponse | None:
    """The response of a sealed or rate-limited Vault, otherwise None."""
    if request.operation_id in ALLOWED_WHILE_SEALED:
        return None
    if _is_sealed(state):
        return vault_error(503, "Vault is sealed")
    if state.rate_limited:
        path = request.path_params.get("path", request.operation_id)
        return vault_error(429, f'request path "{path}": rate limit quota exceeded')
    return None


HOOKS: VendorHooks[VaultState] = VendorHooks(
    error_response=error_response,
    authenticate=authenticate,
    authorize=authorize,
    decode=decode,
    outage_response=outage_response,
)
