"""Logins, tokens and health."""

from __future__ import annotations

import re
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.hooks import success_envelope, vault_error
from provider_verification.stubs.vendors.vault.state import FIXED_TIME, VaultState

FIXED_TIME_EPOCH_SECONDS = 1_795_447_149
STATUS_BY_HEALTH = {"active": 200, "standby": 429, "uninit": 501, "sealed": 503}
TRUE, FALSE = {"true", "1"}, {"false", "0", ""}


@stub.operation("login")
@stub.operation("loginPut")
def login(vault: VaultState, call: StubRequest) -> StubResponse:
    """A new token; what is wrong is 400, and a missing role 500."""
    role, secret = (str(call.body.get(name) or "").strip() for name in ("role_id", "secret_id"))
    if not role:
        return vault_error(500, "failed to determine alias name from login request")
    if not secret:
        return vault_error(400, "missing secret_id")
    if vault.roles.get(role) != secret:
        return vault_error(400, "invalid role or secret ID")
    return ok(success_envelope(auth=_auth(vault, vault.new_token(), {"role_name": "app"})))


@stub.operation("lookupSelf")
def lookup_self(vault: VaultState, call: StubRequest) -> StubResponse:
    """What the token is."""
    token = vault.tokens[call.principal]
    return ok(
        success_envelope(
            {
                "accessor": f"accessor-of-{call.principal[-6:]}",
                "creation_time": FIXED_TIME_EPOCH_SECONDS,
                "creation_ttl": token.ttl,
                "display_name": "approle" if token.ttl else "root",
                "entity_id": "",
                "expire_time": FIXED_TIME if token.ttl else None,
                "explicit_max_ttl": 0,
                "id": call.principal,
                "meta": None,
                "num_uses": 0,
                "orphan": True,
                "path": "auth/approle/login" if token.ttl else "auth/token/root",
                "policies": sorted(token.policies),
                "ttl": max(0, token.ttl - 1),
                "type": "service",
                **(
                    {"issue_time": FIXED_TIME, "renewable": token.renewable}
                    if token.ttl
                    else {"renewable": False}
                ),
            }
        )
    )


@stub.operation("renewSelf")
@stub.operation("renewSelfPut")
def renew_self(vault: VaultState, call: StubRequest) -> StubResponse:
    """A token that may be renewed lives on."""
    if not vault.tokens[call.principal].renewable:
        return vault_error(400, "lease is not renewable")
    increment = str(call.body.get("increment", "0"))
    if not re.fullmatch(r"\d+[smhd]?", increment):
        return vault_error(400, f"time: invalid duration {increment}")
    return ok(success_envelope(auth=_auth(vault, call.principal, {"role_name": "app"})))


@stub.operation("revokeSelf")
def revoke_self(vault: VaultState, call: StubRequest) -> StubResponse:
    """The token is not valid any more."""
    del vault.tokens[call.principal]
    return no_content()


@stub.operation("health")
def health(vault: VaultState, call: StubRequest) -> StubResponse:
    """Its state as a status, which the caller may choose."""
    state = "standby" if vault.standby else "active"
    state = "uninit" if not vault.initialized else "sealed" if vault.sealed else state
    standby_ok = call.query.get("standbyok", "false")
    code = call.query.get(f"{state}code", str(STATUS_BY_HEALTH[state]))
    if not code.isdecimal() or standby_ok not in TRUE | FALSE:
        return vault_error(400)
    status = 200 if state == "standby" and standby_ok in TRUE else int(code)
    return StubResponse(status, _health(vault, state))


@stub.operation("healthHead")
def health_head(vault: VaultState, call: StubRequest) -> StubResponse:
    """The same without a body."""
    return StubResponse(health(vault, call).status)


def _health(vault: VaultState, state: str) -> dict[str, Any]:
    running = state in {"active", "standby"}
    mode = "disabled" if running else "unknown"
    shown: dict[str, Any] = {
        "initialized": vault.initialized,
        "sealed": not running,
        "standby": state != "active",
        "performance_standby": False,
        "replication_performance_mode": mode,
        "replication_dr_mode": mode,
        "server_time_utc": FIXED_TIME_EPOCH_SECONDS,
        "version": "1.14.8",
    }
    if running:
        shown |= {"cluster_name": "vault-cluster-stub", "cluster_id": "00000000-0000-4000-8000-000000000001"}
    return shown


def _auth(vault: VaultState, token: str, metadata: dict[str, str]) -> dict[str, Any]:
    found = vault.tokens[token]
    return {
        "client_token": token,
        "accessor": f"accessor-of-{token[-6:]}",
        "policies": sorted(found.policies),
        "token_policies": sorted(found.policies),
        "metadata": metadata,
        "lease_duration": found.ttl,
        "renewable": found.renewable,
        "entity_id": "00000000-0000-4000-8000-000000000002",
        "token_type": "service",
        "orphan": True,
        "mfa_requirement": None,
        "num_uses": 0,
    }
