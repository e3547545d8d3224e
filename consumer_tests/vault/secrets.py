"""Secrets: read, written, listed."""

from __future__ import annotations

from consumer_tests.contract import delete, failure, get, no_content, ok, post, refused, state
from consumer_tests.expectation import Request
from consumer_tests.vault import BAD, PATH, TOKEN, VALUES, contract, says_no
from orchestrator.vendors.errors import NotFound, RateLimited, Rejected, Unauthorised, VendorUnavailable
from orchestrator.vendors.vault.models import KeysAnswer, SecretAnswer, VersionsAnswer, WriteAnswer

DATA = f"/v1/secret/data/{PATH}"
SECRET = state("a secret", path=PATH, data=VALUES)
THERE = {"version": 1, "deletion_time": "", "destroyed": False}
READ = {"data": {"data": VALUES, "metadata": THERE}}
WRITTEN = {"data": {**THERE, "version": 2}}
STATES = {"data": {"current_version": 1, "versions": {"1": {"deletion_time": "", "destroyed": False}}}}

contract.expect(
    "a secret",
    given=SECRET,
    call=lambda vault: vault.read(TOKEN, PATH),
    request=get(DATA),
    response=ok(SecretAnswer, READ),
    returns=SecretAnswer.model_validate(READ).data,
)
contract.expect(
    "an older version of a secret",
    given=state("a secret", path=PATH, data=VALUES, versions=2),
    call=lambda vault: vault.read(TOKEN, PATH, version=1),
    request=get(DATA, {"version": "1"}),
    response=ok(SecretAnswer, READ),
    returns=SecretAnswer.model_validate(READ).data,
)
contract.expect(
    "a secret that was never written",
    given=state("no secret"),
    call=lambda vault: vault.read(TOKEN, PATH),
    request=get(DATA),
    response=says_no(404),
    raises=failure(NotFound, status=404),
)
contract.expect(
    "a secret that was deleted",
    given=state("a secret", path=PATH, data=VALUES, deleted=True),
    call=lambda vault: vault.read(TOKEN, PATH),
    request=get(DATA),
    response=refused(404),
    raises=failure(NotFound, status=404),
)
contract.expect(
    "a secret with a bad token",
    credential=BAD,
    given=SECRET,
    call=lambda vault: vault.read(TOKEN, PATH),
    request=get(DATA),
    response=says_no(403, "permission denied"),
    raises=failure(Unauthorised, status=403),
)
contract.expect(
    "a secret that the policy hides",
    given=(SECRET, state("a policy that hides a path", path=PATH)),
    call=lambda vault: vault.read(TOKEN, PATH),
    request=get(DATA),
    response=says_no(403, "permission denied by policy"),
    raises=failure(Unauthorised, status=403),
)
contract.expect(
    "a secret while Vault is sealed",
    given=(SECRET, state("Vault", sealed=True)),
    call=lambda vault: vault.read(TOKEN, PATH),
    request=get(DATA),
    response=says_no(503, "Vault is sealed"),
    raises=failure(VendorUnavailable, status=503),
)
contract.expect(
    "a secret while a quota is used up",
    given=(SECRET, state("the rate limit reached")),
    call=lambda vault: vault.read(TOKEN, PATH),
    request=get(DATA),
    response=says_no(429, "rate limit quota exceeded"),
    raises=failure(RateLimited, retry_after=None),
)
contract.expect(
    "a secret being written over the version that is known",
    given=SECRET,
    call=lambda vault: vault.write(TOKEN, PATH, VALUES, over=1),
    request=post(DATA, {"data": VALUES, "options": {"cas": 1}}),
    response=ok(WriteAnswer, WRITTEN),
    returns=WriteAnswer.model_validate(WRITTEN).data,
)
contract.expect(
    "a secret being written that somebody else wrote meanwhile",
    given=state("a secret", path=PATH, data=VALUES, versions=2),
    call=lambda vault: vault.write(TOKEN, PATH, VALUES, over=1),
    request=post(DATA, {"data": VALUES, "options": {"cas": 1}}),
    response=says_no(400, "check-and-set parameter did not match the current version"),
    raises=failure(Rejected, status=400),
)
contract.expect(
    "a secret being deleted",
    given=SECRET,
    call=lambda vault: vault.delete(TOKEN, PATH),
    request=delete(DATA),
    response=no_content(),
)
contract.expect(
    "the versions of a secret",
    given=SECRET,
    call=lambda vault: vault.versions(TOKEN, PATH),
    request=get(f"/v1/secret/metadata/{PATH}"),
    response=ok(VersionsAnswer, STATES),
    returns=VersionsAnswer.model_validate(STATES).data,
)
contract.expect(
    "the versions of a secret that was never written",
    given=state("no secret"),
    call=lambda vault: vault.versions(TOKEN, PATH),
    request=get(f"/v1/secret/metadata/{PATH}"),
    response=says_no(404),
    raises=failure(NotFound, status=404),
)
contract.expect(
    "what is in a folder",
    given=SECRET,
    call=lambda vault: vault.keys(TOKEN, "hotels"),
    request=Request("LIST", "/v1/secret/metadata/hotels"),
    response=ok(KeysAnswer, {"data": {"keys": ["muc"]}}),
    returns=KeysAnswer.model_validate({"data": {"keys": ["muc"]}}).data,
)
contract.expect(
    "what is in an empty folder",
    given=state("no secret"),
    call=lambda vault: vault.keys(TOKEN, "hotels"),
    request=Request("LIST", "/v1/secret/metadata/hotels"),
    response=says_no(404),
    raises=failure(NotFound, status=404),
)
