"""How Vault reads a request, who may send it, and how it says no."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from provider_verification.stubs.sdk import (
    FORM,
    RequestRejected,
    StubRequest,
    StubResponse,
    VendorHooks,
    media_type,
)
from provider_verification.stubs.vendors.vault.state import VaultState

STATUS = {
    "unauthenticated": 403,
    "unknown_route": 404,
    "wrong_method": 405,
    "too_large": 413,
    "media_type": 415,
}
PERMISSION_DENIED_MESSAGE = "1 error occurred:\n\t* permission denied\n\n"
MERGE_PATCH = "application/merge-patch+json"
SEALED = "Vault is sealed"
ALLOWED_WHILE_SEALED = {"health", "healthHead"}


def vault_error(status: int, *messages: str) -> StubResponse:
    """Vault's error body; its list may be empty."""
    return StubResponse(status, {"errors": list(messages)})


def error_response(problem: RequestRejected) -> StubResponse:
    """Vault's answer to a request it refuses."""
    if problem.status is not None:
        return vault_error(problem.status, problem.message)
    status = STATUS.get(problem.kind, 400)
    return vault_error(status, *_messages(problem))


def _messages(problem: RequestRejected) -> list[str]:
    path = problem.route.partition(" ")[2].removeprefix("/v1/")
    texts = {
        "unauthenticated": "permission denied",
        "unknown_route": f'no handler for route "{path}". route entry not found.',
        "media_type": f"PATCH requires Content-Type of {problem.message}",
        "too_large": "error parsing JSON",
        "malformed": "error parsing JSON",
    }
    return [] if problem.kind == "wrong_method" else [texts.get(problem.kind, problem.message)]


def authenticate(vault: VaultState, headers: Mapping[str, str], _query: Mapping[str, str]) -> str:
    """The token; a sealed Vault says so before it looks at one."""
    if vault.sealed or not vault.initialized:
        raise RequestRejected("fault", SEALED, status=503)
    bearer = headers.get("authorization", "")
    token = headers.get("x-vault-token") or (bearer[7:] if bearer.startswith("Bearer ") else "")
    if token not in vault.tokens:
        raise RequestRejected("unauthenticated", "the header X-Vault-Token should hold a token that is valid")
    return token


def authorize(vault: VaultState, call: StubRequest) -> None:
    """A good token without the capability for a path gets another body than a bad token."""
    if vault.deny_all or call.path_params.get("path") in vault.denied_paths:
        raise RequestRejected("forbidden", PERMISSION_DENIED_MESSAGE, status=403)


def decode(operation: str, headers: Mapping[str, str], raw: bytes) -> Any:
    """JSON whatever its content type; nothing and null are an empty object."""
    if operation == "patchSecret" and media_type(headers) != MERGE_PATCH:
        raise RequestRejected("media_type", MERGE_PATCH)
    if media_type(headers) == FORM and raw[:1] not in {b"{", b"["}:
        return dict(parse_qsl(raw.decode(errors="replace")))
    if not raw.strip():
        return {}
    try:
        value, _ = json.JSONDecoder().raw_decode(raw.decode(errors="replace").lstrip())
    except (ValueError, RecursionError):
        raise RequestRejected("malformed", "the body should be JSON") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestRejected("malformed", "the body should be a JSON object")
    return value


def outage_response(vault: VaultState, call: StubRequest) -> StubResponse | None:
    """A sealed Vault, or a quota that is used up."""
    if call.operation_id in ALLOWED_WHILE_SEALED:
        return None
    if vault.sealed or not vault.initialized:
        return vault_error(503, SEALED)
    if vault.rate_limited:
        return vault_error(
            429,
            f'request path "{call.path_params.get("path", call.operation_id)}": rate limit quota exceeded',
        )
    return None


HOOKS: VendorHooks[VaultState] = VendorHooks(
    error_response=error_response,
    authenticate=authenticate,
    authorize=authorize,
    decode=decode,
    outage_response=outage_response,
)


def success_envelope(
    data: Any = None, *, auth: dict[str, Any] | None = None, warnings: list[str] | None = None
) -> dict[str, Any]:
    """What every success looks like."""
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
