"""Authentication, policies, decoding and outages of Vault, as recorded from a 1.14.8 server."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from provider_verification.stubs.sdk import (
    FORM,
    DecodedBody,
    NotModelled,
    RequestRejected,
    StubRequest,
    StubResponse,
    VendorHooks,
    media_type,
)
from provider_verification.stubs.vendors.vault.responses import error_response, vault_error
from provider_verification.stubs.vendors.vault.state import VaultState
from provider_verification.stubs.vendors.vault.tokens_of_requests import sent_token
from provider_verification.stubs.vendors.vault.wrap_responses import wrap_response, wrap_ttl

PERMISSION_DENIED_MESSAGE = "1 error occurred:\n\t* permission denied\n\n"
MERGE_PATCH = "application/merge-patch+json"
PATCH_OPERATIONS = frozenset({"patchSecret", "patchMetadata"})
ROOT_OPERATIONS = frozenset({"seal", "sealPost", "listAccessors", "listAccessorsFolder", "listMounts"})
ALLOWED_WHILE_SEALED = frozenset(
    {
        "health",
        "healthHead",
        "sealStatus",
        "initStatus",
        "initialize",
        "initializePost",
        "leader",
        "unseal",
        "unsealPost",
    }
)
MAX_FORM_FIELDS = 1_000
"""A form of many megabytes would take seconds to read."""

SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
LARGEST_PLAIN_NUMBER = 1e21
"""Go writes a float from here on with an exponent."""

WRITES_TO_A_PATH = frozenset({
    "writeSecret", "putSecret", "writeMetadata", "putMetadata", "deleteVersions", "deleteVersionsPut",
    "undeleteVersions", "undeleteVersionsPut", "destroyVersions", "destroyVersionsPut", "writeInvalidPath",
    "putInvalidPath",
})  # fmt: skip
ROOT_NAMESPACES = frozenset({"", "/", "root", "root/"})


def authenticate(state: VaultState, headers: Mapping[str, str], _query: Mapping[str, str]) -> str:
    """Return the token.

    Raises:
        RequestRejected: the token is missing or unknown, or Vault is sealed: it checks the seal first.
    """
    if state.is_sealed:
        raise RequestRejected("fault", "Vault is sealed", status=503)
    token = sent_token(headers)
    if token not in state.tokens or not state.tokens[token].is_usable:
        raise RequestRejected("unauthenticated", "the header X-Vault-Token should hold a valid token")
    return token


def authorize(state: VaultState, request: StubRequest) -> None:
    """Apply the policy and count the use of the token. A denied path has another message than a bad token.

    Raises:
        RequestRejected: the policy denies the path, the path of a write ends in a slash, or a header is wrong.
        NotModelled: the request names a namespace.
    """
    _require_modelled_headers(request)
    path = request.path_params.get("path", "")
    if not path.isprintable():
        raise RequestRejected("invalid", "the path should have no control characters", status=400)
    if path.endswith("/") and request.operation_id in WRITES_TO_A_PATH:
        raise RequestRejected("invalid", "cannot write to a path ending in '/'", status=400)
    if not request.principal:
        return
    # Recorded: a denied request costs a use as well.
    state.count_use(request.principal)
    token = state.tokens[request.principal]
    needs_root = request.operation_id in ROOT_OPERATIONS and not token.is_root
    if needs_root or token.is_wrapping or state.deny_all or path in state.denied_paths:
        raise RequestRejected("forbidden", PERMISSION_DENIED_MESSAGE, status=403)


def _require_modelled_headers(request: StubRequest) -> None:
    """Raise for headers that change the meaning of a request: the community edition ignores a namespace only."""
    is_server_state = request.operation_id in ALLOWED_WHILE_SEALED
    if not is_server_state and request.headers.get("x-vault-namespace", "") not in ROOT_NAMESPACES:
        raise NotModelled("the header X-Vault-Namespace", ("header", "x-vault-namespace"))
    if not is_server_state:
        wrap_ttl(request)


def decode(operation_id: str, headers: Mapping[str, str], raw: bytes) -> DecodedBody:
    """Return the body as an object. Recorded: JSON is read whatever the content type, and null is empty.

    Raises:
        RequestRejected: the body is not a JSON object, or a patch has another content type than Vault requires.
    """
    if operation_id in PATCH_OPERATIONS:
        _require_merge_patch(media_type(headers))
    body = _read_object(headers, raw)
    return DecodedBody(body, body)


def _read_object(headers: Mapping[str, str], raw: bytes) -> dict[str, Any]:
    text = raw.decode(errors="replace").lstrip()
    if not text:
        return {}
    try:
        if media_type(headers) == FORM and raw[:1] not in {b"{", b"["}:
            return dict(parse_qsl(text, max_num_fields=MAX_FORM_FIELDS))
        # Recorded: text after the JSON value is ignored.
        value, _ = DECODER.raw_decode(text)
        if SURROGATE.search(text):
            value = _without_lone_surrogates(value)
    except (ValueError, RecursionError):
        raise RequestRejected("malformed", "the body should be JSON") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RequestRejected("malformed", "the body should be a JSON object")
    return value


def _without_lone_surrogates(value: Any) -> Any:
    """The value as Go reads it: a lone surrogate is the replacement character."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return DECODER.decode(text)


def _require_merge_patch(content_type: str) -> None:
    # Recorded: without a content type a patch is 400, with a wrong one 415.
    if not content_type:
        raise RequestRejected("media_type", "mime: no media type", status=400)
    if content_type != MERGE_PATCH:
        message = f"PATCH requires Content-Type of {MERGE_PATCH}, provided {content_type}"
        raise RequestRejected("media_type", message, status=415)


def _number(text: str) -> float:
    """A number as Vault's KV engine keeps it, a 64-bit float: 9007199254740993 becomes 9007199254740992."""
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError("the number is not a 64-bit float")
    return int(number) if number.is_integer() and abs(number) < LARGEST_PLAIN_NUMBER else number


def _reject_constant(name: str) -> NoReturn:
    """Reject NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(f"{name} is not JSON")


DECODER = json.JSONDecoder(parse_int=_number, parse_float=_number, parse_constant=_reject_constant)


def outage_response(state: VaultState, request: StubRequest) -> StubResponse | None:
    """The response of a sealed or rate-limited Vault, otherwise None."""
    if request.operation_id in ALLOWED_WHILE_SEALED:
        return None
    if state.is_sealed:
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
    encode=wrap_response,
    outage_response=outage_response,
)
