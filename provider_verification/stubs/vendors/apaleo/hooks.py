"""Who may call Apaleo, and how it says no."""

from __future__ import annotations

from collections.abc import Mapping

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, VendorHooks
from provider_verification.stubs.vendors.apaleo.state import ApaleoState

STATUS = {
    "unauthenticated": 401,
    "forbidden": 403,
    "unknown_route": 404,
    "wrong_method": 405,
    "media_type": 415,
    "malformed": 400,
    "too_large": 400,
}


def validation_error(*messages: str) -> StubResponse:
    """A broken rule, in Apaleo's one documented error body."""
    return StubResponse(422, {"messages": list(messages)})


def error_response(problem: RequestRejected) -> StubResponse:
    """Apaleo's answer to a request it refuses; but for 422 no body is documented."""
    if problem.status is not None:
        return StubResponse(problem.status)
    if problem.route.endswith("/connect/token") and problem.kind in {"invalid", "malformed", "media_type"}:
        return StubResponse(400, {"error": "invalid_request"})
    if problem.kind == "invalid":
        messages = [f"{fault.path}: {fault.message}" for fault in problem.issues]
        return validation_error(*(messages or [problem.message]))
    return StubResponse(STATUS[problem.kind])


def authenticate(hotel: ApaleoState, headers: Mapping[str, str], _query: Mapping[str, str]) -> frozenset[str]:
    """The scopes of the bearer token."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token not in hotel.tokens:
        raise RequestRejected(
            "unauthenticated", "the header Authorization should hold 'Bearer' and a valid access token"
        )
    return hotel.tokens[token]


def authorize(_hotel: ApaleoState, call: StubRequest) -> None:
    """One of the operation's scopes is enough."""
    needed = call.required_scopes
    if needed and not needed & call.principal:
        raise RequestRejected(
            "forbidden", f"the token should have one of the scopes {', '.join(sorted(needed))}"
        )


def outage_response(hotel: ApaleoState, _call: StubRequest) -> StubResponse | None:
    """An outage or a rate limit."""
    if hotel.outage_status is not None:
        return StubResponse(hotel.outage_status)
    if hotel.retry_after is not None:
        return StubResponse(429, headers={"Retry-After": str(hotel.retry_after)})
    return None


HOOKS: VendorHooks[ApaleoState] = VendorHooks(
    error_response=error_response,
    authenticate=authenticate,
    authorize=authorize,
    outage_response=outage_response,
)
