"""LiveKit's errors: Twirp JSON, or plain text from before Twirp."""

from __future__ import annotations

from pydantic import ValidationError

from orchestrator.vendors.errors import Refusal
from orchestrator.vendors.livekit.models import TwirpError
from orchestrator.vendors.transport import VendorAnswer


def read_refusal(answer: VendorAnswer) -> Refusal:
    """Read Twirp's code and nothing else: the plain text of a 401 echoes the whole token."""
    try:
        return Refusal(TwirpError.model_validate_json(answer.body).code)
    except ValidationError:
        return Refusal()
