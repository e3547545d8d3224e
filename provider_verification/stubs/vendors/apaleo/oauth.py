"""The token endpoint."""

from __future__ import annotations

import base64
import binascii

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.state import CLIENT_CREDENTIALS, SCOPES, ApaleoState

TOKEN_TTL_SECONDS = 3600


@stub.operation("token")
def token(hotel: ApaleoState, call: StubRequest) -> StubResponse:
    """A token for a client that knows its secret, with the scopes it asks for."""
    if _client(call.headers.get("authorization", "")) != ":".join(CLIENT_CREDENTIALS):
        return StubResponse(400, {"error": "invalid_client"})
    asked = frozenset(call.body.get("scope", "").split())
    if asked - SCOPES:
        return StubResponse(400, {"error": "invalid_scope"})
    granted = asked or SCOPES
    issued = hotel.issue_token(granted)
    scope = " ".join(sorted(granted))
    return ok(
        {"access_token": issued, "expires_in": TOKEN_TTL_SECONDS, "token_type": "Bearer", "scope": scope}
    )


def _client(authorization: str) -> str | None:
    scheme, _, credentials = authorization.partition(" ")
    try:
        return base64.b64decode(credentials, validate=True).decode() if scheme == "Basic" else None
    except (binascii.Error, UnicodeDecodeError):
        return None
