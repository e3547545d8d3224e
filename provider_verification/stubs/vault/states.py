"""Provider states of Vault."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.vault import stub
from provider_verification.stubs.vault.store import TIME, Secret, Token, Vault


@stub.state("a token")
def a_token(vault: Vault, *, renewable: bool = True) -> dict[str, str]:
    """A token that is valid."""
    token = vault.new_token()
    vault.tokens[token] = Token(renewable=renewable)
    return {"token": token}


@stub.state("a role")
def a_role(vault: Vault, role_id: str, secret_id: str) -> None:
    """A service that may log in."""
    vault.roles = {role_id: secret_id}


@stub.state("a secret")
def a_secret(
    vault: Vault, path: str, data: dict[str, Any], *, versions: int = 1, deleted: bool = False
) -> None:
    """A secret that was written so many times, its newest version perhaps deleted."""
    secret = vault.secrets[path] = Secret()
    for _ in range(versions):
        secret.write(data)
    if deleted:
        secret.versions[secret.current].deletion_time = TIME


@stub.state("no secret")
def no_secret(vault: Vault) -> None:
    """Nothing was ever written."""
    vault.secrets.clear()


@stub.state("a policy that hides a path")
def hidden(vault: Vault, path: str) -> None:
    """The token is good, and may not do this there."""
    vault.denied.add(path)


@stub.state("a policy that allows nothing")
def denying(vault: Vault, *, denies: bool = True) -> None:
    """The token is good, and may do nothing."""
    vault.denying = denies


@stub.state("Vault")
def vault_is(vault: Vault, *, initialized: bool = True, sealed: bool = False, standby: bool = False) -> None:
    """Whether it runs."""
    vault.initialized, vault.sealed, vault.standby = initialized, sealed, standby


@stub.state("the rate limit reached")
def limited(vault: Vault, *, reached: bool = True) -> None:
    """A quota is used up."""
    vault.limited = reached
