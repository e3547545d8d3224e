"""Authentication, error bodies and outages of the TTS vendor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider_verification.stubs.sdk import (
    RequestRejected,
    StubRequest,
    StubResponse,
    ValidationIssue,
    VendorHooks,
)
from provider_verification.stubs.vendors.tts.state import TtsState

STATUS_BY_KIND = {"forbidden": 403, "too_large": 400}
OTHER_PLAN = "the voice needs another plan"
SYNTHESES = frozenset({"convert", "stream", "convertWithTimestamps", "streamWithTimestamps"})
"""The operations that count as concurrent requests: the vendor's guide to models names synthesis only."""


class TtsRejection(RequestRejected):
    """The vendor rejects a request with a code of its own.

    Args:
        status: the status of the response.
        detail: the member `detail` of the response.
        location: the path to the invalid value.
    """

    def __init__(self, status: int, detail: dict[str, str], location: tuple[str | int, ...]) -> None:
        self.detail = detail
        code = detail.get("code") or detail["status"]
        issue = ValidationIssue(location, code, detail["message"])
        super().__init__("invalid", detail["message"], (issue,), status=status)


def error_detail(error_type: str, code: str, status: str, message: str, param: str = "") -> dict[str, str]:
    """The member `detail` in the vendor's newer form; `status` repeats the older form's code.

    UNCONFIRMED: the form comes from the vendor's page on errors, and from responses of September 2026 that another
    project published.
    """
    detail = {"type": error_type, "code": code, "status": status, "message": message}
    return {**detail, "param": param} if param else detail


def business_error(status: int, code: str, message: str) -> StubResponse:
    """An error in the vendor's older form, which names the error in `detail.status`."""
    return StubResponse(status, {"detail": {"status": code, "message": message}})


def not_found(kind: str, item_id: str) -> StubResponse:
    """404 for an id that refers to nothing.

    UNCONFIRMED: `voice_not_found` with 404 instead of 400 is in elevenlabs/elevenlabs-docs#1317 (July 2025) and in
    responses that another project published; those of other kinds are not published.
    """
    code = f"{kind}_not_found"
    message = f"A {kind.replace('_', ' ')} with {kind}_id '{item_id}' was not found."
    return StubResponse(404, {"detail": error_detail("not_found", code, code, message)})


def paid_plan_required() -> StubResponse:
    """402 in the vendor's newer form, with `type` and `code`; it was seen for library voices on a free plan."""
    detail = {
        "type": "payment_required",
        "code": "paid_plan_required",
        "message": OTHER_PLAN,
    }
    return StubResponse(402, {"detail": detail})


def error_response(rejection: RequestRejected) -> StubResponse:
    """The vendor's response to a rejected request."""
    if isinstance(rejection, TtsRejection):
        return StubResponse(rejection.status or 400, {"detail": rejection.detail})
    if rejection.status is not None:
        return business_error(rejection.status, "internal_error", rejection.message)
    if rejection.kind in {"unknown_route", "wrong_method"}:
        is_unknown = rejection.kind == "unknown_route"
        text = "Not Found" if is_unknown else "Method Not Allowed"
        return StubResponse(404 if is_unknown else 405, {"detail": text})
    if rejection.kind == "unauthenticated":
        code = "needs_authorization" if rejection.message == MISSING_KEY else "invalid_api_key"
        detail = error_detail("authentication_error", "unauthorized", code, rejection.message)
        return StubResponse(401, {"detail": detail})
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


MISSING_KEY = "Neither authorization header nor xi-api-key received, please provide one."
INVALID_KEY = "Invalid API key"


def authenticate(state: TtsState, headers: Mapping[str, str], _query: Mapping[str, str]) -> str:
    """Return the API key. The vendor requires the header, although its spec marks it as optional.

    Raises:
        RequestRejected: the key is missing or unknown.
    """
    api_key = headers.get("xi-api-key")
    if not api_key:
        raise RequestRejected("unauthenticated", MISSING_KEY)
    if api_key not in state.api_keys:
        raise RequestRejected("unauthenticated", INVALID_KEY)
    return api_key


def outage_response(state: TtsState, request: StubRequest) -> StubResponse | None:
    """The response during an outage or while a limit is reached, otherwise None."""
    if state.is_down:
        return business_error(503, "internal_error", "the service is down")
    if state.retry_after is not None:
        response = business_error(429, "rate_limit_exceeded", "too many requests")
        response.headers["Retry-After"] = str(state.retry_after)
        return response
    if state.concurrency_limit_reached and request.operation_id in SYNTHESES:
        return business_error(429, "too_many_concurrent_requests", "the concurrency limit is reached")
    return None


HOOKS: VendorHooks[TtsState] = VendorHooks(
    error_response=error_response, authenticate=authenticate, outage_response=outage_response
)
