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


def client_credentials_request(**form: str) -> Request:
    """A token request with the client credentials grant."""
    return Request("POST", "/connect/token", form={"grant_type": "client_credentials", **form})


contract.add_interaction(
    "an access token",
    credential=BASIC_CREDENTIAL,
    invoke=lambda apaleo: apaleo.tokens.request_token(),
    request=client_credentials_request(),
    response=ok(TokenResponse, {"access_token": "example", "expires_in": 3600}),
)
contract.add_interaction(
    "an access token with one scope",
    credential=BASIC_CREDENTIAL,
    invoke=lambda apaleo: apaleo.tokens.request_token("offers.read"),
    request=client_credentials_request(scope="offers.read"),
    response=ok(TokenResponse, {"access_token": "example", "expires_in": 3600}),
)
contract.add_interaction(
    "an access token with a wrong secret",
    credential=WRONG_CLIENT_SECRET,
    invoke=lambda apaleo: apaleo.tokens.request_token(),
    request=client_credentials_request(),
    response=error_response(400, OAuthError, {"error": "invalid_client"}),
    raises=expected_error(RequestRejected, status=400, code="invalid_client"),
)
contract.add_interaction(
    "an access token with a scope the client does not have",
    credential=BASIC_CREDENTIAL,
    invoke=lambda apaleo: apaleo.tokens.request_token("accounting.write"),
    request=client_credentials_request(scope="accounting.write"),
    response=error_response(400, OAuthError, {"error": "invalid_scope"}),
    raises=expected_error(RequestRejected, status=400, code="invalid_scope"),
)
contract.add_interaction(
    "an access token while Apaleo is down",
    credential=BASIC_CREDENTIAL,
    given=provider_state("Apaleo is down", status=503),
    invoke=lambda apaleo: apaleo.tokens.request_token(),
    request=client_credentials_request(),
    response=error_response(503),
    raises=expected_error(VendorUnavailable, status=503),
)
