"""Response wrapping: a response is kept, and the client gets a token that returns it once. Recorded from a 1.14.8 server."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, ValidationIssue, ok
from provider_verification.stubs.vendors.vault.durations import InvalidDurationError, parse_duration
from provider_verification.stubs.vendors.vault.responses import success_envelope
from provider_verification.stubs.vendors.vault.state import (
    FIXED_TIME,
    WRAPPING_POLICY,
    Token,
    VaultState,
    WrappedResponse,
)

HEADER = "x-vault-wrap-ttl"
ALREADY_WRAPPED = frozenset({"rewrap", "rewrapPut"})


def wrap_ttl(request: StubRequest) -> int:
    """Return for how many seconds the response should be kept; 0 if it should be sent.

    Raises:
        RequestRejected: the header is no duration, or a negative one.
    """
    text = request.headers.get(HEADER, "")
    try:
        seconds = parse_duration(text.removeprefix("-"))
    except InvalidDurationError as error:
        raise _bad_header(str(error)) from None
    if text.startswith("-"):
        raise _bad_header("requested wrap ttl cannot be negative")
    return seconds


def _bad_header(reason: str) -> RequestRejected:
    issue = ValidationIssue(("header", HEADER), "duration", reason)
    text = f"error parsing X-Vault-Wrap-TTL header: {reason}"
    return RequestRejected("invalid", text, (issue,), status=400)


def wrap_response(state: VaultState, request: StubRequest, response: StubResponse) -> StubResponse:
    """Return the wrapping token of a success if the client asked for one; errors and empty responses are sent."""
    body: Any = response.body
    has_envelope = response.status == 200 and isinstance(body, dict) and "wrap_info" in body
    if not has_envelope or request.operation_id in ALREADY_WRAPPED or not wrap_ttl(request):
        return response
    path = request.path.removeprefix("/v1/")
    # Recorded: the path of a list ends in a slash.
    path = f"{path.rstrip('/')}/" if request.operation_id.startswith("list") else path
    return keep_response(state, WrappedResponse(body, wrap_ttl(request), path))


def keep_response(state: VaultState, wrapped: WrappedResponse) -> StubResponse:
    """Keep a response and return its wrapping token, which has one use."""
    token = Token(
        ttl=wrapped.ttl,
        renewable=False,
        policies=(WRAPPING_POLICY,),
        path=wrapped.path,
        display_name="",
        entity_id="",
        meta=None,
        uses_left=1,
    )
    token_id = state.issue(token)
    state.wrapped[token_id] = wrapped
    info = {
        "token": token_id,
        "accessor": token.accessor,
        "ttl": wrapped.ttl,
        "creation_time": FIXED_TIME,
        "creation_path": wrapped.path,
    }
    auth = wrapped.body.get("auth")
    wrapped_accessor = {"wrapped_accessor": auth["accessor"]} if auth else {}
    return ok({**success_envelope(), "request_id": "", "wrap_info": info | wrapped_accessor})
