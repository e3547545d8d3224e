"""Where Vault is, and how often it is read."""

from __future__ import annotations

from typing import Self

from pydantic import Field, HttpUrl, SecretStr, model_validator

from orchestrator.settings.section import SettingsSection


class VaultSettings(SettingsSection):
    """Vault's address, the AppRole to log in with, and the path of the secret.

    Attributes:
        address: such as `https://vault.example.org:8200`; without it nothing is read.
        role_id: the role id of the AppRole.
        secret_id: the secret id of the AppRole.
        path: the path of the secret below the KV mount.
        poll_interval_seconds: seconds between two reads of the secret, which may have a new version.
        outage_alert_seconds: seconds for which the secret cannot be read until an alert is raised.
    """

    address: HttpUrl | None = Field(default=None, validation_alias="VAULT_ADDR")
    role_id: str = Field(default="", validation_alias="VAULT_ROLE_ID")
    secret_id: SecretStr = Field(default=SecretStr(""), validation_alias="VAULT_SECRET_ID")
    path: str = Field(default="orchestrator", validation_alias="VAULT_PATH")
    poll_interval_seconds: float = Field(default=60.0, gt=0, validation_alias="VAULT_POLL_SECONDS")
    outage_alert_seconds: float = Field(default=300.0, ge=0, validation_alias="VAULT_ALERT_SECONDS")

    @model_validator(mode="after")
    def _require_credentials(self) -> Self:
        if self.address and not (self.role_id and self.secret_id.get_secret_value()):
            raise ValueError("VAULT_ROLE_ID and VAULT_SECRET_ID should be set with VAULT_ADDR")
        return self
