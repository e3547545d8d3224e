"""How Mews says no: one error body, no code; and credentials in the body of every request."""

from __future__ import annotations

from provider_verification.stubs.mews.enterprise import ACCESS_TOKEN, CLIENT_TOKEN, Enterprise
from provider_verification.stubs.stub import Answer, Call, Hooks, Problem

STATUS = {"unknown_route": 404, "wrong_method": 404, "too_large": 413, "unauthenticated": 401}
MESSAGES = {404: "The requested resource does not exist.", 401: "Invalid access token.", 413: "Too large."}


def refused(status: int, message: str) -> Answer:
    """An error as Mews sends it; details only on development systems."""
    return Answer(status, {"Message": message, "RequestId": "stub", "Details": None})


def errors(problem: Problem) -> Answer:
    """Mews's answer to a request it refuses. Whether a missing token is 400 or 401 is not settled: 400 here."""
    status = problem.status or STATUS.get(problem.kind, 400)
    wrong = problem.faults[0].where[-1] if problem.faults else "JSON"
    return refused(status, MESSAGES.get(status, f"Invalid {wrong}"))


def authorise(enterprise: Enterprise, call: Call) -> None:
    """The tokens in the body."""
    body = call.body if isinstance(call.body, dict) else {}
    missing = [name for name in ("ClientToken", "AccessToken", "Client") if not body.get(name)]
    right = (body.get("ClientToken"), body.get("AccessToken")) == (CLIENT_TOKEN, ACCESS_TOKEN)
    if not missing and (enterprise.refuses_credentials or not right):
        raise Problem("unauthenticated", "ClientToken and AccessToken should be valid")


def interrupt(enterprise: Enterprise, _call: Call) -> Answer | None:
    """An outage or the rate limit."""
    if enterprise.down is not None:
        return refused(enterprise.down, "Mews fails.")
    if enterprise.retry_after is not None:
        answer = refused(429, "Too many requests.")
        answer.headers["Retry-After"] = str(enterprise.retry_after)
        return answer
    return None


HOOKS: Hooks[Enterprise] = Hooks(errors=errors, authorise=authorise, interrupt=interrupt)
