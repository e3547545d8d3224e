"""Parses Apaleo's error bodies. Apaleo documents only the body of a 422; clients must not depend on any other."""

from __future__ import annotations

from pydantic import ValidationError

from orchestrator.vendors.apaleo.models import OAuthError, ValidationMessages
from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorResponse


def parse_error(response: VendorResponse) -> ErrorDetails:
    """Return the messages of a 422; any other body may be a proxy's HTML and is ignored."""
    if response.status != 422:
        return ErrorDetails()
    try:
        return ErrorDetails(
            "validation", tuple(ValidationMessages.model_validate_json(response.body).messages)
        )
    except ValidationError:
        return ErrorDetails()


def parse_oauth_error(response: VendorResponse) -> ErrorDetails:
    """Return the token endpoint's error code, such as `invalid_client` or `invalid_scope` (RFC 6749, 5.2)."""
    try:
        return ErrorDetails(OAuthError.model_validate_json(response.body).error)
    except ValidationError:
        return ErrorDetails()
