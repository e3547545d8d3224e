"""Provider states of Vault."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.state import FIXED_TIME, Secret, Token, VaultState


@stub.provider_state("a token")
def a_token(vault: VaultState, *, renewable: bool = True) -> dict[str, str]:
    """A token that is valid."""
    token = vault.new_token()
    vault.tokens[token] = Token(renewable=renewable)
    return {"token": token}


@stub.provider_state("a role")
def a_role(vault: VaultState, role_id: str, secret_id: str) -> None:
    """A service that may log in."""
    vault.roles = {role_id: secret_id}


@stub.provider_state("a secret")
def a_secret(
    vault: VaultState, path: str, data: dict[str, Any], *, versions: int = 1, deleted: bool = False
) -> None:
    """A secret that was written so many times, its newest version perhaps deleted."""
    secret = vault.secrets[path] = Secret()
    for _ in range(versions):
        secret.write(data)
    if deleted:
        secret.versions[secret.current].deletion_time = FIXED_TIME


@stub.provider_state("no secret")
def no_secret(vault: VaultState) -> None:
    """Nothing was ever written."""
    vault.secrets.clear()


@stub.provider_state("a policy that hides a path")
def path_denied(vault: VaultState, path: str) -> None:
    """The token is good, and may not do this there."""
    vault.denied_paths.add(path)


@stub.provider_state("a policy that allows nothing")
def all_denied(vault: VaultState, *, denies: bool = True) -> None:
    """The token is good, and may do nothing."""
    vault.deny_all = denies


@stub.provider_state("Vault")
def seal_status(
    vault: VaultState, *, initialized: bool = True, sealed: bool = False, standby: bool = False
) -> None:
    """Whether it runs."""
    vault.initialized, vault.sealed, vault.standby = initialized, sealed, standby


@stub.provider_state("the rate limit reached")
def rate_limited(vault: VaultState, *, reached: bool = True) -> None:
    """A quota is used up."""
    vault.rate_limited = reached
