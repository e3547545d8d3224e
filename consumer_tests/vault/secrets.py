"""Secrets of the KV engine, version 2."""

from __future__ import annotations

from consumer_tests.contract import (
    delete,
    error_response,
    expected_error,
    get,
    no_content,
    ok,
    post,
    provider_state,
)
from consumer_tests.interaction import Request
from consumer_tests.vault import INVALID_TOKEN, PATH, TOKEN, VALUES, contract, vault_error
from consumer_tests.words import exactly
from orchestrator.vendors.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    RequestRejected,
    VendorUnavailable,
)
from orchestrator.vendors.vault.models import (
    ListSecretsResponse,
    ReadSecretResponse,
    SecretMetadataResponse,
    WriteSecretResponse,
)

SECRET_PATH = f"/v1/secret/data/{PATH}"
SECRET_STATE = provider_state("a secret", path=PATH, data=VALUES)
CURRENT_VERSION = {"version": exactly(1), "deletion_time": "", "destroyed": False}
READ_SECRET_RESPONSE = {"data": {"data": VALUES, "metadata": CURRENT_VERSION}}
WRITE_SECRET_RESPONSE = {"data": {**CURRENT_VERSION, "version": exactly(2)}}
SECRET_METADATA_RESPONSE = {
    "data": {"current_version": exactly(1), "versions": {"1": {"deletion_time": "", "destroyed": False}}}
}

contract.add_interaction(
    "a secret",
    given=SECRET_STATE,
    invoke=lambda vault: vault.read_secret(TOKEN, PATH),
    request=get(SECRET_PATH),
    response=ok(ReadSecretResponse, READ_SECRET_RESPONSE),
    returns=ReadSecretResponse.model_validate(READ_SECRET_RESPONSE).data,
)
contract.add_interaction(
    "an older version of a secret",
    given=provider_state("a secret", path=PATH, data=VALUES, versions=2),
    invoke=lambda vault: vault.read_secret(TOKEN, PATH, version=1),
    request=get(SECRET_PATH, {"version": "1"}),
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
contract.add_interaction(
    "a secret being written over the version that is known",
    given=SECRET_STATE,
    invoke=lambda vault: vault.write_secret(TOKEN, PATH, VALUES, cas=1),
    request=post(SECRET_PATH, {"data": VALUES, "options": {"cas": 1}}),
    response=ok(WriteSecretResponse, WRITE_SECRET_RESPONSE),
    returns=WriteSecretResponse.model_validate(WRITE_SECRET_RESPONSE).data,
)
contract.add_interaction(
    "a secret being written that somebody else wrote meanwhile",
    given=provider_state("a secret", path=PATH, data=VALUES, versions=2),
    invoke=lambda vault: vault.write_secret(TOKEN, PATH, VALUES, cas=1),
    request=post(SECRET_PATH, {"data": VALUES, "options": {"cas": 1}}),
    response=vault_error(400, "check-and-set parameter did not match the current version"),
    raises=expected_error(RequestRejected, status=400),
)
contract.add_interaction(
    "a secret being deleted",
    given=SECRET_STATE,
    invoke=lambda vault: vault.delete_secret(TOKEN, PATH),
    request=delete(SECRET_PATH),
    response=no_content(),
)
contract.add_interaction(
    "the versions of a secret",
    given=SECRET_STATE,
    invoke=lambda vault: vault.read_metadata(TOKEN, PATH),
    request=get(f"/v1/secret/metadata/{PATH}"),
    response=ok(SecretMetadataResponse, SECRET_METADATA_RESPONSE),
    returns=SecretMetadataResponse.model_validate(SECRET_METADATA_RESPONSE).data,
)
contract.add_interaction(
    "the versions of a secret that was never written",
    given=provider_state("no secret"),
    invoke=lambda vault: vault.read_metadata(TOKEN, PATH),
    request=get(f"/v1/secret/metadata/{PATH}"),
    response=vault_error(404),
    raises=expected_error(NotFound, status=404),
)
contract.add_interaction(
    "what is in a folder",
    given=SECRET_STATE,
    invoke=lambda vault: vault.list_secrets(TOKEN, "hotels"),
    request=Request("LIST", "/v1/secret/metadata/hotels"),
    response=ok(ListSecretsResponse, {"data": {"keys": ["muc"]}}),
    returns=ListSecretsResponse.model_validate({"data": {"keys": ["muc"]}}).data,
)
contract.add_interaction(
    "what is in an empty folder",
    given=provider_state("no secret"),
    invoke=lambda vault: vault.list_secrets(TOKEN, "hotels"),
    request=Request("LIST", "/v1/secret/metadata/hotels"),
    response=vault_error(404),
    raises=expected_error(NotFound, status=404),
)
