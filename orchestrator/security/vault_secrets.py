"""Reads signing keys and vendor credentials from Vault, once at start-up."""

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
        "MEWS_CLIENT_TOKEN",
        "MEWS_ACCESS_TOKEN",
        "TTS_API_KEY",
        "LIVEKIT_API_KEY",
        "LIVEKIT_API_SECRET",
        "JWT_KEYS",
        "PRIVACY_KEY",
        "APALEO_WEBHOOK_SECRET",
        "ADMIN_PASSWORD",
        "DATABASE_URL",
        "REDIS_URL",
        "PAGERDUTY_ROUTING_KEY",
        "SLACK_WEBHOOK_URL",
    }
)
"""The variables that the secret can contain; they take precedence over the environment."""


class VaultSettings(BaseSettings):
    """Vault's address, the AppRole to log in with, and the path of the secret.

    Attributes:
        vault_addr: such as `https://vault.example.org:8200`; without it nothing is read.
        vault_role_id: the role id of the AppRole.
        vault_secret_id: the secret id of the AppRole.
        vault_path: the path of the secret below the KV mount.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    vault_addr: HttpUrl | None = None
    vault_role_id: str = ""
    vault_secret_id: SecretStr = SecretStr("")
    vault_path: str = "orchestrator"

    @model_validator(mode="after")
    def _require_credentials(self) -> Self:
        if self.vault_addr and not (self.vault_role_id and self.vault_secret_id.get_secret_value()):
            raise ValueError("VAULT_ROLE_ID and VAULT_SECRET_ID should be set with VAULT_ADDR")
        return self


async def load_vault_secrets() -> dict[str, str]:
    """Return the variables in the secret; none without VAULT_ADDR.

    Raises:
        SettingsError: Vault cannot be reached or rejects the login, or the secret is missing or has unknown names.
    """
    try:
        settings = VaultSettings()
    except ValidationError as error:
        # the message alone, because the text of the whole error repeats the input and with it the secret id
        raise SettingsError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    if settings.vault_addr is None:
        return {}
    async with httpx.AsyncClient() as http:
        client = VaultClient(base_url=str(settings.vault_addr), http=http, policy=CallPolicy())
        try:
            return await _read_secret(client, settings)
        except NotFound:
            raise SettingsError(f"VAULT_PATH: Vault has no secret at '{settings.vault_path}'") from None
        except VendorError as error:
            raise SettingsError(f"VAULT_ADDR: {error}") from None


async def _read_secret(client: VaultClient, settings: VaultSettings) -> dict[str, str]:
    auth = await client.login(settings.vault_role_id, settings.vault_secret_id.get_secret_value())
    token = auth.client_token.get_secret_value()
    try:
        data = (await client.read_secret(token, settings.vault_path)).data
    finally:
        # nothing else needs the token, which would stay valid for the rest of its lease
        await client.revoke_self(token)
    # a misspelt name would silently leave the value of the environment in use
    if unknown := sorted(data.keys() - ALLOWED_SECRET_NAMES):
        raise SettingsError(f"VAULT_PATH: unknown names in the secret: {', '.join(unknown)}")
    return {name: str(value) for name, value in data.items()}
