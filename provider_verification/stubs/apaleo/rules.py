"""Who may call Apaleo, and how it says no."""

from __future__ import annotations

from collections.abc import Mapping

from provider_verification.stubs.apaleo.hotel import Hotel
from provider_verification.stubs.contract import load
from provider_verification.stubs.stub import Answer, Call, Hooks, Problem

STATUS = {
    "unauthenticated": 401,
    "forbidden": 403,
    "unknown_route": 404,
    "wrong_method": 405,
    "media_type": 415,
    "malformed": 400,
    "too_large": 400,
}
NEEDED = {operation.name: operation.scopes for operation in load("apaleo").operations}


def unprocessable(*messages: str) -> Answer:
    """A broken rule, in Apaleo's one documented error body."""
    return Answer(422, {"messages": list(messages)})


def errors(problem: Problem) -> Answer:
    """Apaleo's answer to a request it refuses; but for 422 no body is documented."""
    if problem.status is not None:
        return Answer(problem.status)
    if problem.route.endswith("/connect/token") and problem.kind in {"invalid", "malformed", "media_type"}:
        return Answer(400, {"error": "invalid_request"})
    if problem.kind == "invalid":
        messages = [f"{fault.path}: {fault.message}" for fault in problem.faults]
        return unprocessable(*(messages or [problem.message]))
    return Answer(STATUS[problem.kind])


def authenticate(hotel: Hotel, headers: Mapping[str, str], _query: Mapping[str, str]) -> frozenset[str]:
    """The scopes of the bearer token."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token not in hotel.tokens:
        raise Problem(
            "unauthenticated", "the header Authorization should hold 'Bearer' and a valid access token"
        )
    return hotel.tokens[token]


def authorise(_hotel: Hotel, call: Call) -> None:
    """One of the operation's scopes is enough."""
    needed = NEEDED[call.operation]
    if needed and not needed & call.caller:
        raise Problem("forbidden", f"the token should have one of the scopes {', '.join(sorted(needed))}")


def interrupt(hotel: Hotel, _call: Call) -> Answer | None:
    """An outage or a rate limit."""
    if hotel.down is not None:
        return Answer(hotel.down)
    if hotel.retry_after is not None:
        return Answer(429, headers={"Retry-After": str(hotel.retry_after)})
    return None


HOOKS: Hooks[Hotel] = Hooks(
    errors=errors, authenticate=authenticate, authorise=authorise, interrupt=interrupt
)
