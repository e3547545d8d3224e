"""Vault's AppRole login, and the operations of a token on itself."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.responses import (
    ignored_fields_warnings,
    invalid_field,
    success_envelope,
    vault_error,
)
from provider_verification.stubs.vendors.vault.state import Token, VaultState
from provider_verification.stubs.vendors.vault.token_responses import auth_json, renew, token_json

LOGIN_FIELDS = frozenset({"role_id", "secret_id"})


@stub.operation("login")
@stub.operation("loginPut")
def login(state: VaultState, request: StubRequest) -> StubResponse:
    """Issue a token. Recorded: wrong credentials are 400, a missing role id is 500."""
    role_id, secret_id = (_credential(request.body, name) for name in ("role_id", "secret_id"))
    if not role_id:
        return invalid_field("role_id", "failed to determine alias name from login request", 500)
    if not secret_id:
        return invalid_field("secret_id", "missing secret_id")
    role = state.roles.get(role_id)
    if role is None or role.secret_id != secret_id:
        return vault_error(400, "invalid role or secret ID")
    token = Token(ttl=role.token_ttl, renewed_ttl=role.renewed_ttl)
    auth = auth_json(state.issue(token), token, token.ttl)
    return ok(success_envelope(auth=auth, warnings=ignored_fields_warnings(request.body, LOGIN_FIELDS)))


def _credential(body: dict[str, Any], name: str) -> str:
    """A credential as text. Recorded: numbers and booleans are read as texts, and outer spaces are dropped."""
    value = body.get(name)
    return "" if value is None else str(value).strip()


@stub.operation("lookupSelf")
def lookup_self(state: VaultState, request: StubRequest) -> StubResponse:
    """The properties of the token."""
    return ok(success_envelope(token_json(request.principal, state.tokens[request.principal])))


@stub.operation("renewSelf")
@stub.operation("renewSelfPut")
def renew_self(state: VaultState, request: StubRequest) -> StubResponse:
    """Extend a renewable token; its max TTL caps the new lease."""
    return renew(request.principal, state.tokens[request.principal], request.body)


@stub.operation("revokeSelf")
@stub.operation("revokeSelfPut")
def revoke_self(state: VaultState, request: StubRequest) -> StubResponse:
    """Revoke the token and those that it created."""
    if state.tokens[request.principal].type == "batch":
        return vault_error(400, "batch tokens cannot be revoked")
    state.revoke(request.principal)
    return no_content()
