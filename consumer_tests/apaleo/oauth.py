"""The token endpoint of the identity server."""

from __future__ import annotations

from consumer_tests.apaleo import contract
from consumer_tests.contract import error_response, expected_error, ok, provider_state
from consumer_tests.interaction import CredentialSpec, Request
from orchestrator.vendors.apaleo.models import OAuthError, TokenResponse
from orchestrator.vendors.errors import RequestRejected, VendorUnavailable

BASIC_CREDENTIAL = CredentialSpec(
    "Authorization", "Basic ${token}", r"^Basic \S+$", "Basic ZXhhbXBsZQ==", provider_state("a client")
)
WRONG_CLIENT_SECRET = CredentialSpec("Authorization", "", r"^Basic \S+$", "Basic d3Jvbmc6d3Jvbmc=", None)
CLIENT_CREDENTIALS_REQUEST = Request("POST", "/connect/token", form={"grant_type": "client_credentials"})

contract.add_interaction(
    "an access token",
    credential=BASIC_CREDENTIAL,
    invoke=lambda apaleo: apaleo.tokens.request_token(),
    request=CLIENT_CREDENTIALS_REQUEST,
    response=ok(TokenResponse, {"access_token": "example", "expires_in": 3600}),
)
contract.add_interaction(
    "an access token with a wrong secret",
    credential=WRONG_CLIENT_SECRET,
    invoke=lambda apaleo: apaleo.tokens.request_token(),
    request=CLIENT_CREDENTIALS_REQUEST,
    response=error_response(400, OAuthError, {"error": "invalid_client"}),
    raises=expected_error(RequestRejected, status=400, code="invalid_client"),
)
contract.add_interaction(
    "an access token while the identity server is down",
    credential=BASIC_CREDENTIAL,
    given=provider_state("the identity server is down", status=503),
    invoke=lambda apaleo: apaleo.tokens.request_token(),
    request=CLIENT_CREDENTIALS_REQUEST,
    response=error_response(503),
    raises=expected_error(VendorUnavailable, status=503),
)
