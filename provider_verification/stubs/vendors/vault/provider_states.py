"""Provider states of the Vault stub. State and parameter names are those of the pacts."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import Count
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.state import (
    FIXED_TIME,
    TOKEN_TTL_SECONDS,
    KvSettings,
    Role,
    Secret,
    Token,
    VaultState,
)


@stub.provider_state("a token")
def a_token(state: VaultState, *, renewable: bool = True) -> dict[str, str]:
    """A valid token."""
    return {"token": state.issue(Token(renewable=renewable))}


@stub.provider_state("no token")
def no_token(state: VaultState) -> None:
    """No token is valid any more: each was revoked or has expired."""
    state.tokens.clear()


@stub.provider_state("a role")
def a_role(
    state: VaultState,
    role_id: str,
    secret_id: str,
    *,
    token_ttl: Count = TOKEN_TTL_SECONDS,
    renewed_ttl: Count = TOKEN_TTL_SECONDS,
) -> dict[str, str]:
    """Exactly one AppRole role; the leases of its tokens, and of their renewals, are in seconds."""
    state.roles = {role_id: Role(secret_id, token_ttl, renewed_ttl)}
    return {"role_id": role_id, "secret_id": secret_id}


@stub.provider_state("a secret")
def a_secret(
    state: VaultState, path: str, data: dict[str, Any], *, versions: Count = 1, deleted: bool = False
) -> None:
    """A secret that was written `versions` times; its newest version is deleted if `deleted` is set."""
    secret = state.secrets[path] = Secret()
    for _ in range(versions):
        secret.write(data)
    if deleted:
        secret.versions[secret.current].deletion_time = FIXED_TIME


@stub.provider_state("no secret")
def no_secret(state: VaultState) -> None:
    """No secret was ever written, and the engine has its default settings."""
    state.secrets.clear()
    state.settings = KvSettings()


@stub.provider_state("a policy that hides a path")
def path_denied(state: VaultState, path: str) -> None:
    """The token is valid but its policy denies one path."""
    state.denied_paths.add(path)


@stub.provider_state("a policy that allows nothing")
def all_denied(state: VaultState, *, denies: bool = True) -> None:
    """The token is valid but its policy denies every path."""
    state.deny_all = denies


@stub.provider_state("Vault")
def seal_status(
    state: VaultState,
    *,
    initialized: bool = True,
    sealed: bool = False,
    standby: bool = False,
    performance_standby: bool = False,
    dr_secondary: bool = False,
    active_node_reachable: bool = True,
    removed: bool = False,
) -> None:
    """Whether Vault is initialized and sealed, and which node of a cluster it is."""
    state.initialized, state.sealed, state.standby = initialized, sealed, standby
    state.performance_standby, state.dr_secondary = performance_standby, dr_secondary
    state.active_node_reachable, state.removed = active_node_reachable, removed


@stub.provider_state("the rate limit reached")
def rate_limited(state: VaultState, *, reached: bool = True) -> None:
    """Every operation but health responds with 429."""
    state.rate_limited = reached
