"""Apaleo's error bodies. Only that of a 422 is documented; a client must not depend on any other."""

from __future__ import annotations

from pydantic import ValidationError

from orchestrator.vendors.apaleo.models import Messages, OAuthError
from orchestrator.vendors.errors import Refusal
from orchestrator.vendors.transport import VendorAnswer


def read_refusal(answer: VendorAnswer) -> Refusal:
    """Read the messages of a 422; anything else may be HTML of a proxy and is left alone."""
    if answer.status != 422:
        return Refusal()
    try:
        return Refusal("validation", tuple(Messages.model_validate_json(answer.body).messages))
    except ValidationError:
        return Refusal()


def read_oauth_refusal(answer: VendorAnswer) -> Refusal:
    """Read the token endpoint's error code, such as `invalid_client` or `invalid_scope` (RFC 6749, 5.2)."""
    try:
        return Refusal(OAuthError.model_validate_json(answer.body).error)
    except ValidationError:
        return Refusal()
