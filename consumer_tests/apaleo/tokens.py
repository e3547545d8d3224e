"""The token endpoint."""

from __future__ import annotations

from consumer_tests.apaleo import contract
from consumer_tests.contract import failure, ok, refused, state
from consumer_tests.expectation import Credential, Request
from orchestrator.vendors.apaleo.models import AccessToken, OAuthError
from orchestrator.vendors.errors import Rejected, VendorUnavailable

BASIC = Credential("Authorization", "Basic ${token}", r"^Basic \S+$", "Basic ZXhhbXBsZQ==", state("a client"))
WRONG = Credential("Authorization", "", r"^Basic \S+$", "Basic d3Jvbmc6d3Jvbmc=", None)


def grant(**form: str) -> Request:
    """A client credentials grant."""
    return Request("POST", "/connect/token", form={"grant_type": "client_credentials", **form})


contract.expect(
    "an access token",
    credential=BASIC,
    call=lambda apaleo: apaleo.tokens.fetch(),
    request=grant(),
    response=ok(AccessToken, {"access_token": "example", "expires_in": 3600}),
)
contract.expect(
    "an access token with one scope",
    credential=BASIC,
    call=lambda apaleo: apaleo.tokens.fetch("offers.read"),
    request=grant(scope="offers.read"),
    response=ok(AccessToken, {"access_token": "example", "expires_in": 3600}),
)
contract.expect(
    "an access token with a wrong secret",
    credential=WRONG,
    call=lambda apaleo: apaleo.tokens.fetch(),
    request=grant(),
    response=refused(400, OAuthError, {"error": "invalid_client"}),
    raises=failure(Rejected, status=400, code="invalid_client"),
)
contract.expect(
    "an access token with a scope the client does not have",
    credential=BASIC,
    call=lambda apaleo: apaleo.tokens.fetch("accounting.write"),
    request=grant(scope="accounting.write"),
    response=refused(400, OAuthError, {"error": "invalid_scope"}),
    raises=failure(Rejected, status=400, code="invalid_scope"),
)
contract.expect(
    "an access token while Apaleo is down",
    credential=BASIC,
    given=state("Apaleo is down", status=503),
    call=lambda apaleo: apaleo.tokens.fetch(),
    request=grant(),
    response=refused(503),
    raises=failure(VendorUnavailable, status=503),
)
