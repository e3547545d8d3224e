"""Stub of Vault: the KV engine (version 2) at `secret/`, AppRole logins, tokens and health."""

from __future__ import annotations

from provider_verification.stubs.sdk import StubDefinition
from provider_verification.stubs.vendors.vault.hooks import HOOKS
from provider_verification.stubs.vendors.vault.state import ROLE_ID, SECRET_ID, VaultState

stub: StubDefinition[VaultState] = StubDefinition(
    state_factory=VaultState,
    hooks=HOOKS,
    env_vars={"VAULT_ADDR": "{url}", "VAULT_ROLE_ID": ROLE_ID, "VAULT_SECRET_ID": SECRET_ID},
)
