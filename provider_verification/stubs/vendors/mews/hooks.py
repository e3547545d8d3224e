"""Credentials, error bodies and outages of Mews. Source: the Connector API guidelines."""

from __future__ import annotations

from provider_verification.stubs.sdk import (
    RequestRejected,
    StubRequest,
    StubResponse,
    VendorHooks,
    with_rejection,
)
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN, MewsState

# POST is the only method, so another method on a known path is 404 too.
STATUS_BY_KIND = {"unknown_route": 404, "wrong_method": 404, "too_large": 413, "unauthenticated": 401}
MESSAGE_BY_STATUS = {
    401: "Invalid access token.",
    404: "The requested resource does not exist.",
    413: "Too large.",
}
CREDENTIAL_FIELDS = ("ClientToken", "AccessToken", "Client")


def mews_error(status: int, message: str) -> StubResponse:
    """An error: Mews has no machine-readable code, and sends details on development systems only."""
    return StubResponse(status, {"Message": message, "RequestId": "stub", "Details": None})


def invalid_field(name: str, requirement: str) -> StubResponse:
    """400 for a field that is wrong whatever the hotel has; it is recorded as a violation.

    Args:
        name: the field.
        requirement: what would be right.
    """
    return with_rejection(mews_error(400, f"Invalid {name}"), "invalid", requirement, ("body", name))


def error_response(rejection: RequestRejected) -> StubResponse:
    """Mews's response to a rejected request. UNCONFIRMED: a missing token is 400 here, it could be 401."""
    status = rejection.status or STATUS_BY_KIND.get(rejection.kind, 400)
    invalid = rejection.issues[0].location[-1] if rejection.issues else "JSON"
    return mews_error(status, MESSAGE_BY_STATUS.get(status, f"Invalid {invalid}"))


def authorize(state: MewsState, request: StubRequest) -> None:
    """Check the credentials, which Mews expects in the body of every request.

    Raises:
        RequestRejected: the credentials are complete and wrong; incomplete ones break the schema instead.
    """
    body = request.body if isinstance(request.body, dict) else {}
    is_complete = all(body.get(name) for name in CREDENTIAL_FIELDS)
    is_valid = (body.get("ClientToken"), body.get("AccessToken")) == (CLIENT_TOKEN, ACCESS_TOKEN)
    if is_complete and (state.rejects_credentials or not is_valid):
        raise RequestRejected("unauthenticated", "ClientToken and AccessToken should be valid")


def outage_response(state: MewsState, _request: StubRequest) -> StubResponse | None:
    """The response during an outage or while the rate limit is reached, otherwise None."""
    if state.outage_status is not None:
        return mews_error(state.outage_status, "Mews fails.")
    if state.retry_after is not None:
        response = mews_error(429, "Too many requests.")
        response.headers["Retry-After"] = str(state.retry_after)
        return response
    return None


HOOKS: VendorHooks[MewsState] = VendorHooks(
    error_response=error_response, authorize=authorize, outage_response=outage_response
)
