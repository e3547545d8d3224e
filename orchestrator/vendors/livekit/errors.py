"""Parses LiveKit's error bodies: JSON of Twirp, or plain text of the layers before Twirp."""

from __future__ import annotations

from pydantic import ValidationError

from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorResponse
from orchestrator.vendors.livekit.models import TwirpError


def parse_error(response: VendorResponse) -> ErrorDetails:
    """Return Twirp's error code, or the SIP status that caused it.

    A plain-text body is ignored, because that of a 401 contains the whole token.
    """
    try:
        error = TwirpError.model_validate_json(response.body)
    except ValidationError:
        return ErrorDetails()
    sip_status = error.meta.sip_status_code if error.meta else None
    return ErrorDetails(f"sip {sip_status}" if sip_status else error.code)
