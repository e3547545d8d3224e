"""Parses the TTS vendor's error bodies, and distinguishes the errors that the service reacts to."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from orchestrator.vendors.errors import ErrorDetails, VendorError
from orchestrator.vendors.http_client import VendorResponse
from orchestrator.vendors.tts.models import BusinessErrorDetail, ErrorBody

_ERROR_BODIES: TypeAdapter[Any] = TypeAdapter(ErrorBody | dict[str, str])
QUOTA_EXCEEDED = "quota_exceeded"
_UNKNOWN_VOICE_CODES = frozenset({"voice_not_found", "voice_id_does_not_exist"})
"""Over HTTP and over the WebSocket."""
_PAYMENT_REQUIRED = 402


def parse_error(response: VendorResponse) -> ErrorDetails:
    """Return the details of a business error (older or newer form), or a text under `detail`.

    A validation list (422) has no code, and no message that is needed: the service sends nothing that the vendor's schema
    forbids. Only the code of a business error distinguishes an exhausted quota from a wrong API key: both are a 401.
    """
    try:
        body = _ERROR_BODIES.validate_json(response.body)
    except ValidationError:
        return ErrorDetails()
    if isinstance(body, ErrorBody):
        return _business_error_details(body.detail)
    return ErrorDetails(None, tuple(body.values()))


def is_quota_exceeded(error: VendorError) -> bool:
    """Return whether the plan has fewer characters left than the text needs."""
    return error.code == QUOTA_EXCEEDED


def is_voice_unavailable(error: VendorError) -> bool:
    """Return whether another voice may speak the text: this one does not exist, or needs another plan."""
    if is_quota_exceeded(error):
        return False
    return error.code in _UNKNOWN_VOICE_CODES or error.status == _PAYMENT_REQUIRED


def _business_error_details(detail: BusinessErrorDetail) -> ErrorDetails:
    # `status` first, because the newer form still repeats the older form's code there
    return ErrorDetails(detail.status or detail.code, (detail.message,) if detail.message else ())
