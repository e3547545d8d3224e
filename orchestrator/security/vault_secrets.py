"""Signing keys and vendors' credentials from Vault, read once at the start."""

from __future__ import annotations

from typing import Self

import httpx
from pydantic import HttpUrl, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from orchestrator.resilience.policy import CallPolicy
from orchestrator.settings import SettingsError
from orchestrator.vendors.errors import NotFound, VendorError
from orchestrator.vendors.vault.client import VaultClient

ALLOWED_SECRET_NAMES = frozenset(
    {
        "PMS_CLIENT_ID",
        "PMS_CLIENT_SECRET",
        "TTS_API_KEY",
        "LIVEKIT_API_KEY",
        "LIVEKIT_API_SECRET",
        "JWT_KEYS",
        "PRIVACY_KEY",
        "APALEO_WEBHOOK_SECRET",
    }
)
"""What a secret may hold, by the names the environment would use."""


class VaultSettings(BaseSettings):
    """Where Vault is, how to log in, and where our secret lies in it.

    Attributes:
        vault_addr: as `https://vault.example.org:8200`; without it nothing is read.
        vault_role_id: the AppRole's.
        vault_secret_id: the AppRole's.
        vault_path: below the KV mount.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    vault_addr: HttpUrl | None = None
    vault_role_id: str = ""
    vault_secret_id: SecretStr = SecretStr("")
    vault_path: str = "orchestrator"

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        if self.vault_addr and not (self.vault_role_id and self.vault_secret_id.get_secret_value()):
            raise ValueError("VAULT_ROLE_ID and VAULT_SECRET_ID should be set with VAULT_ADDR")
        return self


async def load_vault_secrets() -> dict[str, str]:
    """The secrets that Vault has for us; none without VAULT_ADDR.

    Raises:
        SettingsError: Vault cannot be reached, does not know us, or has something we do not know.
    """
    try:
        settings = VaultSettings()
    except ValidationError as error:
        raise SettingsError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    if settings.vault_addr is None:
        return {}
    async with httpx.AsyncClient() as http:
        client = VaultClient(base_url=str(settings.vault_addr), http=http, policy=CallPolicy())
        try:
            return await _read(client, settings)
        except NotFound:
            raise SettingsError(f"VAULT_PATH: Vault has no secret at '{settings.vault_path}'") from None
        except VendorError as error:
            raise SettingsError(f"VAULT_ADDR: {error}") from None


async def _read(client: VaultClient, settings: VaultSettings) -> dict[str, str]:
    auth = await client.login(settings.vault_role_id, settings.vault_secret_id.get_secret_value())
    token = auth.client_token.get_secret_value()
    try:
        found = (await client.read_secret(token, settings.vault_path)).data
    finally:
        await client.revoke_self(token)
    if unknown := sorted(found.keys() - ALLOWED_SECRET_NAMES):
        raise SettingsError(f"VAULT_PATH: unknown names in the secret: {', '.join(unknown)}")
    return {name: str(value) for name, value in found.items()}
