"""The TTS vendor's error bodies, of which it has four shapes."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorResponse
from orchestrator.vendors.tts.models import BusinessErrorDetail, ErrorBody, ValidationBody

_SHAPES: TypeAdapter[Any] = TypeAdapter(ErrorBody | ValidationBody | dict[str, str])


def read_refusal(answer: VendorResponse) -> ErrorDetails:
    """Read a validation list, a business error (older or newer form) or a plain text under `detail`.

    The code of a business error tells apart what the status does not: a used-up quota is a 401, as a wrong key is.
    """
    try:
        body = _SHAPES.validate_json(answer.body)
    except ValidationError:
        return ErrorDetails()
    if isinstance(body, ValidationBody):
        return ErrorDetails(
            "validation", tuple(f"{'.'.join(map(str, item.loc))}: {item.msg}" for item in body.detail)
        )
    if isinstance(body, ErrorBody):
        return _business(body.detail)
    return ErrorDetails(None, tuple(body.values()))


def _business(detail: BusinessErrorDetail) -> ErrorDetails:
    return ErrorDetails(detail.status or detail.code, (detail.message,) if detail.message else ())
