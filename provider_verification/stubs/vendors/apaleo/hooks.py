"""Authentication, authorization, error bodies and outages of Apaleo."""

from __future__ import annotations

from collections.abc import Mapping

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, VendorHooks
from provider_verification.stubs.vendors.apaleo.state import ApaleoState

STATUS_BY_KIND = {
    "unauthenticated": 401,
    "forbidden": 403,
    "unknown_route": 404,
    "wrong_method": 405,
    "media_type": 415,
    "malformed": 400,
    "too_large": 400,
}


def validation_error(*messages: str) -> StubResponse:
    """422 with the messages, the only error body that Apaleo's spec describes."""
    return StubResponse(422, {"messages": list(messages)})


def error_response(rejection: RequestRejected) -> StubResponse:
    """Apaleo's response to a rejected request; except for 422 the spec describes no body."""
    if rejection.status is not None:
        return StubResponse(rejection.status)
    # The token endpoint responds in the form of RFC 6749, not in that of the API.
    if rejection.route.endswith("/connect/token") and rejection.kind in {
        "invalid",
        "malformed",
        "media_type",
    }:
        return StubResponse(400, {"error": _oauth_error(rejection)})
    if rejection.kind == "invalid":
        messages = [f"{issue.path}: {issue.message}" for issue in rejection.issues]
        return validation_error(*(messages or [rejection.message]))
    return StubResponse(STATUS_BY_KIND[rejection.kind])


def _oauth_error(rejection: RequestRejected) -> str:
    """The error code of RFC 6749, section 5.2."""
    is_other_grant = any(
        issue.path == "body.grant_type" and issue.rule == "const" for issue in rejection.issues
    )
    return "unsupported_grant_type" if is_other_grant else "invalid_request"


def authenticate(state: ApaleoState, headers: Mapping[str, str], _query: Mapping[str, str]) -> frozenset[str]:
    """Return the scopes of the bearer token.

    Raises:
        RequestRejected: the header is missing or holds no token that the stub issued.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token not in state.tokens:
        raise RequestRejected(
            "unauthenticated", "the header Authorization should hold 'Bearer' and a valid access token"
        )
    return state.tokens[token]


def authorize(_state: ApaleoState, request: StubRequest) -> None:
    """Require any one of the operation's scopes.

    Raises:
        RequestRejected: the token has none of them.
    """
    required = request.required_scopes
    # The booking spec lists scopes as alternatives: `reservations.manage` or a narrower one.
    if required and not required & request.principal:
        raise RequestRejected(
            "forbidden", f"the token should have one of the scopes {', '.join(sorted(required))}"
        )


def outage_response(state: ApaleoState, request: StubRequest) -> StubResponse | None:
    """The response during an outage or while the rate limit is reached, otherwise None."""
    if state.identity_outage_status is not None and request.operation_id == "token":
        return StubResponse(state.identity_outage_status)
    if state.outage_status is not None:
        return StubResponse(state.outage_status)
    if state.retry_after is not None:
        # Apaleo's clients read Retry-After, but no official text promises it.
        return StubResponse(429, headers={"Retry-After": str(state.retry_after)})
    return None


HOOKS: VendorHooks[ApaleoState] = VendorHooks(
    error_response=error_response,
    authenticate=authenticate,
    authorize=authorize,
    # Documented are commas. The README of apaleo-api-client, which is tested with Apaleo's development system, repeats the
    # parameter: whether Apaleo reads all values then is UNCONFIRMED.
    joins_repeated_lists=True,
    outage_response=outage_response,
)
