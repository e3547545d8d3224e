"""Parses the TTS vendor's error bodies, which have four forms."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorResponse
from orchestrator.vendors.tts.models import BusinessErrorDetail, ErrorBody, ValidationBody

_ERROR_BODIES: TypeAdapter[Any] = TypeAdapter(ErrorBody | ValidationBody | dict[str, str])


def parse_error(response: VendorResponse) -> ErrorDetails:
    """Return the details of a validation list, a business error (older or newer form) or a text under `detail`.

    Only the code of a business error distinguishes an exhausted quota from a wrong API key: both are a 401.
    """
    try:
        body = _ERROR_BODIES.validate_json(response.body)
    except ValidationError:
        return ErrorDetails()
    if isinstance(body, ValidationBody):
        return ErrorDetails(
            "validation", tuple(f"{'.'.join(map(str, item.loc))}: {item.msg}" for item in body.detail)
        )
    if isinstance(body, ErrorBody):
        return _business_error_details(body.detail)
    return ErrorDetails(None, tuple(body.values()))


def _business_error_details(detail: BusinessErrorDetail) -> ErrorDetails:
    # `status` first, because the newer form still repeats the older form's code there
    return ErrorDetails(detail.status or detail.code, (detail.message,) if detail.message else ())
