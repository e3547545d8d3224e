"""Authentication, error bodies and outages of the TTS vendor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse, VendorHooks
from provider_verification.stubs.vendors.tts.state import TtsState

STATUS_BY_KIND = {"unauthenticated": 401, "forbidden": 403, "too_large": 400}


def business_error(status: int, code: str, message: str) -> StubResponse:
    """An error in the vendor's older form, which names the error in `detail.status`."""
    return StubResponse(status, {"detail": {"status": code, "message": message}})


def paid_plan_required() -> StubResponse:
    """402 in the vendor's newer form, with `type` and `code`; it was seen for library voices on a free plan."""
    detail = {
        "type": "payment_required",
        "code": "paid_plan_required",
        "message": "the voice needs another plan",
    }
    return StubResponse(402, {"detail": detail})


def error_response(rejection: RequestRejected) -> StubResponse:
    """The vendor's response to a rejected request."""
    if rejection.status is not None:
        return business_error(rejection.status, "internal_error", rejection.message)
    if rejection.kind in {"unknown_route", "wrong_method"}:
        return StubResponse(404 if rejection.kind == "unknown_route" else 405, {"detail": "Not Found"})
    if rejection.kind == "unauthenticated":
        return business_error(401, "invalid_api_key", rejection.message)
    if rejection.kind in {"invalid", "malformed", "media_type"}:
        return StubResponse(422, {"detail": _validation_details(rejection)})
    return business_error(STATUS_BY_KIND[rejection.kind], "bad_request", rejection.message)


def _validation_details(rejection: RequestRejected) -> list[dict[str, Any]]:
    """For 422 `detail` is a list, as in FastAPI, while it is an object for every other error."""
    if not rejection.issues:
        return [{"loc": ["body"], "msg": rejection.message, "type": "json_invalid"}]
    return [
        {"loc": list(issue.location), "msg": issue.message, "type": issue.rule} for issue in rejection.issues
    ]


def authenticate(state: TtsState, headers: Mapping[str, str], _query: Mapping[str, str]) -> str:
    """Return the API key. The vendor requires the header, although its spec marks it as optional.

    Raises:
        RequestRejected: the key is missing or unknown.
    """
    api_key = headers.get("xi-api-key", "")
    if api_key not in state.api_keys:
        raise RequestRejected("unauthenticated", "the header xi-api-key should hold a valid key")
    return api_key


def outage_response(state: TtsState, request: StubRequest) -> StubResponse | None:
    """The response during an outage or while a limit is reached, otherwise None."""
    if state.is_down:
        return business_error(503, "internal_error", "the service is down")
    if state.retry_after is not None:
        response = business_error(429, "rate_limit_exceeded", "too many requests")
        response.headers["Retry-After"] = str(state.retry_after)
        return response
    # UNCONFIRMED: listing voices does not count as a concurrent request.
    if state.concurrency_limit_reached and request.operation_id != "listVoices":
        return business_error(429, "too_many_concurrent_requests", "the concurrency limit is reached")
    return None


HOOKS: VendorHooks[TtsState] = VendorHooks(
    error_response=error_response, authenticate=authenticate, outage_response=outage_response
)
