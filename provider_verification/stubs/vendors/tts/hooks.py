"""Who may call the TTS vendor, and how it says no: four error shapes for one API."""

from __future__ import annotations

from collections.abc import Mapping

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, VendorHooks
from provider_verification.stubs.vendors.tts.state import TtsState

STATUS = {"unauthenticated": 401, "forbidden": 403, "too_large": 400, "malformed": 422, "media_type": 422}


def business_error(status: int, code: str, message: str, *, newer: bool = False) -> StubResponse:
    """A business error: in the older form `status` names it, in the newer one `code` and `type` do too."""
    detail = {"status": code, "message": message}
    if newer:
        detail = {"type": "payment_required" if status == 402 else "error", "code": code, "message": message}
    return StubResponse(status, {"detail": detail})


def error_response(problem: RequestRejected) -> StubResponse:
    """The vendor's answer to a request it refuses."""
    if problem.status is not None:
        return business_error(problem.status, "internal_error", problem.message)
    if problem.kind in {"unknown_route", "wrong_method"}:
        return StubResponse(404 if problem.kind == "unknown_route" else 405, {"detail": "Not Found"})
    if problem.kind == "unauthenticated":
        return business_error(401, "invalid_api_key", problem.message)
    if problem.kind in {"invalid", "malformed", "media_type"}:
        return StubResponse(422, {"detail": _validation(problem)})
    return business_error(STATUS[problem.kind], "bad_request", problem.message)


def _validation(problem: RequestRejected) -> list[dict[str, object]]:
    if not problem.issues:
        return [{"loc": ["body"], "msg": problem.message, "type": "json_invalid"}]
    return [
        {"loc": list(fault.location), "msg": fault.message, "type": fault.rule} for fault in problem.issues
    ]


def authenticate(studio: TtsState, headers: Mapping[str, str], _query: Mapping[str, str]) -> str:
    """The caller's key. The spec marks the header optional; the vendor does not let a call without it pass."""
    key = headers.get("xi-api-key", "")
    if key not in studio.keys:
        raise RequestRejected("unauthenticated", "the header xi-api-key should hold a valid key")
    return key


def outage_response(studio: TtsState, call: StubRequest) -> StubResponse | None:
    """An outage, a rate limit, or all concurrent requests taken."""
    if studio.down:
        return business_error(503, "internal_error", "the service is down")
    if studio.retry_after is not None:
        limited = business_error(429, "rate_limit_exceeded", "too many requests")
        limited.headers["Retry-After"] = str(studio.retry_after)
        return limited
    if studio.busy and call.operation_id != "listVoices":
        return business_error(429, "too_many_concurrent_requests", "all concurrent requests are taken")
    return None


HOOKS: VendorHooks[TtsState] = VendorHooks(
    error_response=error_response, authenticate=authenticate, outage_response=outage_response
)
