"""Apaleo's token endpoint: OAuth 2.0 client credentials, by HTTP Basic or in the body."""

from __future__ import annotations

import base64
import binascii

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.apaleo import stub
from provider_verification.stubs.vendors.apaleo.state import CLIENT_ID, SCOPES, ApaleoState

TOKEN_TTL_SECONDS = 3600


@stub.operation("token")
def token(state: ApaleoState, request: StubRequest) -> StubResponse:
    """Issue a token with the requested scopes, or with all of them if none is requested."""
    if _credentials(request) != f"{CLIENT_ID}:{state.client_secret}":
        # UNCONFIRMED: RFC 6749 allows 400 and 401 for a wrong secret.
        return StubResponse(400, {"error": "invalid_client"})
    # RFC 6749: scopes are separated by spaces.
    requested = frozenset(request.body.get("scope", "").split())
    if requested - SCOPES:
        return StubResponse(400, {"error": "invalid_scope"})
    granted = requested or state.client_scopes
    return ok(
        {
            "access_token": state.issue_token(granted),
            "expires_in": TOKEN_TTL_SECONDS,
            "token_type": "Bearer",
            "scope": " ".join(sorted(granted)),
        }
    )


def _credentials(request: StubRequest) -> str | None:
    """The client's id and secret, separated by a colon; those in the body only without the header Authorization.

    RFC 6749, section 2.3.1, has both ways. Apaleo's own clients use HTTP Basic; apaleo-api-client, which is tested with
    Apaleo's development system, sends both in the body.
    """
    if "authorization" in request.headers:
        return _decode_basic(request.headers["authorization"])
    if "client_id" not in request.body or "client_secret" not in request.body:
        return None
    return f"{request.body['client_id']}:{request.body['client_secret']}"


def _decode_basic(authorization: str) -> str | None:
    scheme, _, credentials = authorization.partition(" ")
    try:
        return base64.b64decode(credentials, validate=True).decode() if scheme == "Basic" else None
    except (binascii.Error, ValueError):
        return None
