"""Apaleo's error bodies. Only that of a 422 is documented; a client must not depend on any other."""

from __future__ import annotations

from pydantic import ValidationError

from orchestrator.vendors.apaleo.models import OAuthError, ValidationMessages
from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorResponse


def parse_error(answer: VendorResponse) -> ErrorDetails:
    """Read the messages of a 422; anything else may be HTML of a proxy and is left alone."""
    if answer.status != 422:
        return ErrorDetails()
    try:
        return ErrorDetails("validation", tuple(ValidationMessages.model_validate_json(answer.body).messages))
    except ValidationError:
        return ErrorDetails()


def parse_oauth_error(answer: VendorResponse) -> ErrorDetails:
    """Read the token endpoint's error code, such as `invalid_client` or `invalid_scope` (RFC 6749, 5.2)."""
    try:
        return ErrorDetails(OAuthError.model_validate_json(answer.body).error)
    except ValidationError:
        return ErrorDetails()
