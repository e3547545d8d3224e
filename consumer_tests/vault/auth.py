"""AppRole login, the token's lifecycle, and health."""

from __future__ import annotations

from consumer_tests.contract import expected_error, get, no_content, ok, post, provider_state
from consumer_tests.vault import INVALID_TOKEN, TOKEN, contract, vault_error
from orchestrator.vendors.errors import AccessDenied, RequestRejected, VendorUnavailable
from orchestrator.vendors.vault.models import Health, LoginResponse

LOGIN_BODY = {"role_id": "orchestrator", "secret_id": "example"}
AUTH = {"auth": {"client_token": "hvs.example", "lease_duration": 3600, "renewable": True}}
HEALTHY = {"initialized": True, "sealed": False, "standby": False}
LOGIN_PATH = "/v1/auth/approle/login"

contract.add_interaction(
    "a login",
    credential=None,
    given=provider_state("a role", **LOGIN_BODY),
    invoke=lambda vault: vault.login("orchestrator", "example"),
    request=post(LOGIN_PATH, LOGIN_BODY),
    response=ok(LoginResponse, AUTH),
    returns=LoginResponse.model_validate(AUTH).auth,
)
contract.add_interaction(
    "a login with a wrong secret id",
    credential=None,
    given=provider_state("a role", role_id="orchestrator", secret_id="another"),
    invoke=lambda vault: vault.login("orchestrator", "example"),
    request=post(LOGIN_PATH, LOGIN_BODY),
    response=vault_error(400, "invalid role or secret ID"),
    raises=expected_error(RequestRejected, status=400),
)
contract.add_interaction(
    "a login while Vault is sealed",
    credential=None,
    given=provider_state("Vault", sealed=True),
    invoke=lambda vault: vault.login("orchestrator", "example"),
    request=post(LOGIN_PATH, LOGIN_BODY),
    response=vault_error(503, "Vault is sealed"),
    raises=expected_error(VendorUnavailable, status=503),
)
contract.add_interaction(
    "a token being renewed",
    invoke=lambda vault: vault.renew_self(TOKEN),
    request=post("/v1/auth/token/renew-self", {}),
    response=ok(LoginResponse, AUTH),
    returns=LoginResponse.model_validate(AUTH).auth,
)
contract.add_interaction(
    "a token that has expired being renewed",
    credential=INVALID_TOKEN,
    given=provider_state("no token"),
    invoke=lambda vault: vault.renew_self(TOKEN),
    request=post("/v1/auth/token/renew-self", {}),
    response=vault_error(403, "permission denied"),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a token being renewed while Vault is sealed",
    given=provider_state("Vault", sealed=True),
    invoke=lambda vault: vault.renew_self(TOKEN),
    request=post("/v1/auth/token/renew-self", {}),
    response=vault_error(503, "Vault is sealed"),
    raises=expected_error(VendorUnavailable, status=503),
)
contract.add_interaction(
    "a token being revoked",
    invoke=lambda vault: vault.revoke_self(TOKEN),
    request=post("/v1/auth/token/revoke-self"),
    response=no_content(),
)
contract.add_interaction(
    "the health of an active Vault",
    credential=None,
    invoke=lambda vault: vault.health(),
    request=get("/v1/sys/health"),
    response=ok(Health, HEALTHY),
)
contract.add_interaction(
    "the health of a standby",
    credential=None,
    given=provider_state("Vault", standby=True),
    invoke=lambda vault: vault.health(),
    request=get("/v1/sys/health"),
    response=ok(Health, {**HEALTHY, "standby": True}, status=429),
)
contract.add_interaction(
    "the health of a sealed Vault",
    credential=None,
    given=provider_state("Vault", sealed=True),
    invoke=lambda vault: vault.health(),
    request=get("/v1/sys/health"),
    response=ok(Health, {**HEALTHY, "sealed": True, "standby": True}, status=503),
)
contract.add_interaction(
    "the health of a Vault that was never initialised",
    credential=None,
    given=provider_state("Vault", initialized=False),
    invoke=lambda vault: vault.health(),
    request=get("/v1/sys/health"),
    response=ok(Health, {"initialized": False, "sealed": True, "standby": True}, status=501),
)
