"""Vault's AppRole login and the operations of a token on itself."""

from __future__ import annotations

import re
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.hooks import success_envelope, vault_error
from provider_verification.stubs.vendors.vault.state import FIXED_TIME, FIXED_TIME_SECONDS, Token, VaultState

DURATION_PATTERN = re.compile(r"[0-9]+[smhd]?")


@stub.operation("login")
@stub.operation("loginPut")
def login(state: VaultState, request: StubRequest) -> StubResponse:
    """Issue a token. Recorded: wrong credentials are 400, a missing role id is 500."""
    role_id, secret_id = (str(request.body.get(name) or "").strip() for name in ("role_id", "secret_id"))
    if not role_id:
        return vault_error(500, "failed to determine alias name from login request")
    if not secret_id:
        return vault_error(400, "missing secret_id")
    role = state.roles.get(role_id)
    if role is None or role.secret_id != secret_id:
        return vault_error(400, "invalid role or secret ID")
    token = state.issue(Token(ttl=role.token_ttl, renewed_ttl=role.renewed_ttl))
    return ok(success_envelope(auth=_auth(state, token, role.token_ttl)))


@stub.operation("lookupSelf")
def lookup_self(state: VaultState, request: StubRequest) -> StubResponse:
    """The properties of the token; those of a root token differ, because it never expires."""
    token = state.tokens[request.principal]
    expires = token.ttl > 0
    data = {
        "accessor": _accessor(request.principal),
        "creation_time": FIXED_TIME_SECONDS,
        "creation_ttl": token.ttl,
        "display_name": "approle" if expires else "root",
        "entity_id": "",
        "expire_time": FIXED_TIME if expires else None,
        "explicit_max_ttl": 0,
        "id": request.principal,
        "meta": None,
        "num_uses": 0,
        "orphan": True,
        "path": "auth/approle/login" if expires else "auth/token/root",
        "policies": sorted(token.policies),
        "ttl": max(0, token.ttl - 1),
        "type": "service",
        "renewable": token.renewable if expires else False,
    }
    return ok(success_envelope(data | ({"issue_time": FIXED_TIME} if expires else {})))


@stub.operation("renewSelf")
@stub.operation("renewSelfPut")
def renew_self(state: VaultState, request: StubRequest) -> StubResponse:
    """Extend a renewable token; its max TTL caps the new lease."""
    token = state.tokens[request.principal]
    if not token.renewable:
        return vault_error(400, "lease is not renewable")
    increment = str(request.body.get("increment", "0"))
    if not DURATION_PATTERN.fullmatch(increment):
        return vault_error(400, f"time: invalid duration {increment}")
    return ok(success_envelope(auth=_auth(state, request.principal, token.renewed_ttl)))


@stub.operation("revokeSelf")
def revoke_self(state: VaultState, request: StubRequest) -> StubResponse:
    """Revoke the token."""
    del state.tokens[request.principal]
    return no_content()


def _accessor(token: str) -> str:
    return f"accessor-of-{token[-6:]}"


def _auth(state: VaultState, token_id: str, lease: int) -> dict[str, Any]:
    token = state.tokens[token_id]
    return {
        "client_token": token_id,
        "accessor": _accessor(token_id),
        "policies": sorted(token.policies),
        "token_policies": sorted(token.policies),
        "metadata": {"role_name": "app"},
        "lease_duration": lease,
        "renewable": token.renewable,
        "entity_id": "00000000-0000-4000-8000-000000000002",
        "token_type": "service",
        "orphan": True,
        "mfa_requirement": None,
        "num_uses": 0,
    }
