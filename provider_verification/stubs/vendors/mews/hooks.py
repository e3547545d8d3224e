"""How Mews says no: one error body, no code; and credentials in the body of every request."""

from __future__ import annotations

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, VendorHooks
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN, MewsState

STATUS = {"unknown_route": 404, "wrong_method": 404, "too_large": 413, "unauthenticated": 401}
MESSAGES = {404: "The requested resource does not exist.", 401: "Invalid access token.", 413: "Too large."}


def mews_error(status: int, message: str) -> StubResponse:
    """An error as Mews sends it; details only on development systems."""
    return StubResponse(status, {"Message": message, "RequestId": "stub", "Details": None})


def error_response(problem: RequestRejected) -> StubResponse:
    """Mews's answer to a request it refuses. Whether a missing token is 400 or 401 is not settled: 400 here."""
    status = problem.status or STATUS.get(problem.kind, 400)
    wrong = problem.issues[0].location[-1] if problem.issues else "JSON"
    return mews_error(status, MESSAGES.get(status, f"Invalid {wrong}"))


def authorize(enterprise: MewsState, call: StubRequest) -> None:
    """The tokens in the body."""
    body = call.body if isinstance(call.body, dict) else {}
    missing = [name for name in ("ClientToken", "AccessToken", "Client") if not body.get(name)]
    right = (body.get("ClientToken"), body.get("AccessToken")) == (CLIENT_TOKEN, ACCESS_TOKEN)
    if not missing and (enterprise.refuses_credentials or not right):
        raise RequestRejected("unauthenticated", "ClientToken and AccessToken should be valid")


def outage_response(enterprise: MewsState, _call: StubRequest) -> StubResponse | None:
    """An outage or the rate limit."""
    if enterprise.down is not None:
        return mews_error(enterprise.down, "Mews fails.")
    if enterprise.retry_after is not None:
        answer = mews_error(429, "Too many requests.")
        answer.headers["Retry-After"] = str(enterprise.retry_after)
        return answer
    return None


HOOKS: VendorHooks[MewsState] = VendorHooks(
    error_response=error_response, authorize=authorize, outage_response=outage_response
)
