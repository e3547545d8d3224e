"""Vault's stub: the KV engine (version 2) at `secret/`, AppRole logins, tokens and health."""

from __future__ import annotations

from provider_verification.stubs.stub import StubDefinition
from provider_verification.stubs.vault.rules import HOOKS
from provider_verification.stubs.vault.store import ROLE_ID, SECRET_ID, VaultState

stub: StubDefinition[VaultState] = StubDefinition(
    state_factory=VaultState,
    hooks=HOOKS,
    env_vars={"VAULT_ADDR": "{url}", "VAULT_ROLE_ID": ROLE_ID, "VAULT_SECRET_ID": SECRET_ID},
)
