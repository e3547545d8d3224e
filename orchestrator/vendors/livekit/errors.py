"""LiveKit's errors: Twirp JSON, or plain text from before Twirp."""

from __future__ import annotations

from pydantic import ValidationError

from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorResponse
from orchestrator.vendors.livekit.models import TwirpError


def read_refusal(answer: VendorResponse) -> ErrorDetails:
    """Read Twirp's code, or the SIP status behind it; the plain text of a 401 echoes the whole token and is not read."""
    try:
        error = TwirpError.model_validate_json(answer.body)
    except ValidationError:
        return ErrorDetails()
    status = error.meta.sip_status_code if error.meta else None
    return ErrorDetails(f"sip {status}" if status else error.code)
