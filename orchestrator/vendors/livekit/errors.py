"""LiveKit's errors: Twirp JSON, or plain text from before Twirp."""

from __future__ import annotations

from pydantic import ValidationError

from orchestrator.vendors.errors import Refusal
from orchestrator.vendors.livekit.models import TwirpError
from orchestrator.vendors.transport import VendorAnswer


def read_refusal(answer: VendorAnswer) -> Refusal:
    """Read Twirp's code, or the SIP status behind it; the plain text of a 401 echoes the whole token and is not read."""
    try:
        error = TwirpError.model_validate_json(answer.body)
    except ValidationError:
        return Refusal()
    status = error.meta.sip_status_code if error.meta else None
    return Refusal(f"sip {status}" if status else error.code)
