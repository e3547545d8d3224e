"""Secrets of the KV engine, version 2."""

from __future__ import annotations

from consumer_tests.contract import error_response, expected_error, get, ok, provider_state
from consumer_tests.value_markers import exactly
from consumer_tests.vault import INVALID_TOKEN, PATH, TOKEN, VALUES, contract, vault_error
from orchestrator.vendors.errors import AccessDenied, NotFound, RateLimited, VendorUnavailable
from orchestrator.vendors.vault.models import ReadSecretResponse

SECRET_PATH = f"/v1/secret/data/{PATH}"
SECRET_STATE = provider_state("a secret", path=PATH, data=VALUES)
READ_SECRET_RESPONSE = {"data": {"data": VALUES, "metadata": {"version": exactly(1)}}}

contract.add_interaction(
    "a secret",
    given=SECRET_STATE,
    invoke=lambda vault: vault.read_secret(TOKEN, PATH),
    request=get(SECRET_PATH),
    response=ok(ReadSecretResponse, READ_SECRET_RESPONSE),
    returns=ReadSecretResponse.model_validate(READ_SECRET_RESPONSE).data,
)
contract.add_interaction(
    "a secret that was never written",
    given=provider_state("no secret"),
    invoke=lambda vault: vault.read_secret(TOKEN, PATH),
    request=get(SECRET_PATH),
    response=vault_error(404),
    raises=expected_error(NotFound, status=404),
)
contract.add_interaction(
    "a secret that was deleted",
    given=provider_state("a secret", path=PATH, data=VALUES, deleted=True),
    invoke=lambda vault: vault.read_secret(TOKEN, PATH),
    request=get(SECRET_PATH),
    response=error_response(404),
    raises=expected_error(NotFound, status=404),
)
contract.add_interaction(
    "a secret with a bad token",
    credential=INVALID_TOKEN,
    given=SECRET_STATE,
    invoke=lambda vault: vault.read_secret(TOKEN, PATH),
    request=get(SECRET_PATH),
    response=vault_error(403, "permission denied"),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a secret that the policy hides",
    given=(SECRET_STATE, provider_state("a policy that hides a path", path=PATH)),
    invoke=lambda vault: vault.read_secret(TOKEN, PATH),
    request=get(SECRET_PATH),
    response=vault_error(403, "permission denied by policy"),
    raises=expected_error(AccessDenied, status=403),
)
contract.add_interaction(
    "a secret while Vault is sealed",
    given=(SECRET_STATE, provider_state("Vault", sealed=True)),
    invoke=lambda vault: vault.read_secret(TOKEN, PATH),
    request=get(SECRET_PATH),
    response=vault_error(503, "Vault is sealed"),
    raises=expected_error(VendorUnavailable, status=503),
)
contract.add_interaction(
    "a secret while a quota is used up",
    given=(SECRET_STATE, provider_state("the rate limit reached")),
    invoke=lambda vault: vault.read_secret(TOKEN, PATH),
    request=get(SECRET_PATH),
    response=vault_error(429, "rate limit quota exceeded"),
    raises=expected_error(RateLimited, retry_after=None),
)
