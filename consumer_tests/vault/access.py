"""Logins, tokens and health."""

from __future__ import annotations

from consumer_tests.contract import failure, get, no_content, ok, post, state
from consumer_tests.vault import BAD, FIXED, TOKEN, contract, says_no
from orchestrator.vendors.errors import Rejected, Unauthorised, VendorUnavailable
from orchestrator.vendors.vault.models import Health, LoginAnswer, TokenAnswer

ROLE = {"role_id": "orchestrator", "secret_id": "example"}
AUTH = {"auth": {"client_token": "hvs.example", "lease_duration": 3600, "renewable": True}}
HEALTHY = {"initialized": True, "sealed": False, "standby": False}
LOGIN = "/v1/auth/approle/login"

contract.expect(
    "a login",
    credential=None,
    given=state("a role", **ROLE),
    call=lambda vault: vault.login("orchestrator", "example"),
    request=post(LOGIN, ROLE),
    response=ok(LoginAnswer, AUTH),
    returns=LoginAnswer.model_validate(AUTH).auth,
)
contract.expect(
    "a login with a wrong secret id",
    credential=None,
    given=state("a role", role_id="orchestrator", secret_id="another"),
    call=lambda vault: vault.login("orchestrator", "example"),
    request=post(LOGIN, ROLE),
    response=says_no(400, "invalid role or secret ID"),
    raises=failure(Rejected, status=400),
)
contract.expect(
    "a login while Vault is sealed",
    credential=None,
    given=state("Vault", sealed=True),
    call=lambda vault: vault.login("orchestrator", "example"),
    request=post(LOGIN, ROLE),
    response=says_no(503, "Vault is sealed"),
    raises=failure(VendorUnavailable, status=503),
)
contract.expect(
    "a token being renewed",
    call=lambda vault: vault.renew(TOKEN),
    request=post("/v1/auth/token/renew-self", {}),
    response=ok(LoginAnswer, AUTH),
    returns=LoginAnswer.model_validate(AUTH).auth,
)
contract.expect(
    "a token that may not be renewed being renewed",
    credential=FIXED,
    call=lambda vault: vault.renew(TOKEN),
    request=post("/v1/auth/token/renew-self", {}),
    response=says_no(400, "lease is not renewable"),
    raises=failure(Rejected, status=400),
)
contract.expect(
    "a token that has expired being renewed",
    credential=BAD,
    call=lambda vault: vault.renew(TOKEN),
    request=post("/v1/auth/token/renew-self", {}),
    response=says_no(403, "permission denied"),
    raises=failure(Unauthorised, status=403),
)
contract.expect(
    "what a token is",
    call=lambda vault: vault.look_up(TOKEN),
    request=get("/v1/auth/token/lookup-self"),
    response=ok(TokenAnswer, {"data": {"ttl": 3599, "renewable": True, "policies": ["app"]}}),
    returns=TokenAnswer.model_validate({"data": {"ttl": 3599, "renewable": True, "policies": ["app"]}}).data,
)
contract.expect(
    "what a token that has expired is",
    credential=BAD,
    call=lambda vault: vault.look_up(TOKEN),
    request=get("/v1/auth/token/lookup-self"),
    response=says_no(403, "permission denied"),
    raises=failure(Unauthorised, status=403),
)
contract.expect(
    "a token being revoked",
    call=lambda vault: vault.revoke(TOKEN),
    request=post("/v1/auth/token/revoke-self"),
    response=no_content(),
)
contract.expect(
    "the health of an active Vault",
    credential=None,
    call=lambda vault: vault.health(),
    request=get("/v1/sys/health"),
    response=ok(Health, HEALTHY),
)
contract.expect(
    "the health of a standby",
    credential=None,
    given=state("Vault", standby=True),
    call=lambda vault: vault.health(),
    request=get("/v1/sys/health"),
    response=ok(Health, {**HEALTHY, "standby": True}, status=429),
)
contract.expect(
    "the health of a sealed Vault",
    credential=None,
    given=state("Vault", sealed=True),
    call=lambda vault: vault.health(),
    request=get("/v1/sys/health"),
    response=ok(Health, {**HEALTHY, "sealed": True, "standby": True}, status=503),
)
contract.expect(
    "the health of a Vault that was never initialised",
    credential=None,
    given=state("Vault", initialized=False),
    call=lambda vault: vault.health(),
    request=get("/v1/sys/health"),
    response=ok(Health, {"initialized": False, "sealed": True, "standby": True}, status=501),
)
