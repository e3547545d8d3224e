"""Secrets, token and session lifetimes, and the origins that browsers can call from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, IPvAnyNetwork, SecretStr
from pydantic_settings import NoDecode

from orchestrator.settings.section import Credential, SettingsSection, SplitAtCommas

DEVELOPMENT_SECRET_MARK = "refused-in-production"  # noqa: S105 - it marks the defaults below

TrustedProxies = Annotated[tuple[IPvAnyNetwork, ...], NoDecode, SplitAtCommas]


class SecuritySettings(SettingsSection):
    """Authentication and the service's own secrets.

    Attributes:
        jwt_signing_keys: `kid:secret,…`; the first key signs, all keys verify.
        pseudonymization_key: the HMAC key that turns telephone numbers into pseudonyms.
        apaleo_webhook_secret: the `secret` query parameter of the address that Apaleo sends events to.
        trusted_proxies: IP addresses and networks (CIDR), separated by commas, whose `X-Forwarded-For` names the client.
        admin_email: the first user, created at start-up if it does not exist.
        refresh_reuse_grace_seconds: how long after a refresh the replaced refresh token is rejected without ending the
            session: two tabs of a browser may refresh at once. It never yields tokens. 0: any reuse ends the session.
        argon2_cost: `least` is for tests only.
    """

    jwt_signing_keys: SecretStr = Field(
        default=SecretStr("development:not-a-secret-and-refused-in-production"), validation_alias="JWT_KEYS"
    )
    pseudonymization_key: Credential = Field(
        default=SecretStr("not-a-secret-and-refused-in-production"), validation_alias="PRIVACY_KEY"
    )
    apaleo_webhook_secret: Credential = Field(
        default=SecretStr("not-a-secret-and-refused-in-production"), validation_alias="APALEO_WEBHOOK_SECRET"
    )
    admin_email: str | None = Field(default=None, validation_alias="ADMIN_EMAIL")
    admin_password: SecretStr | None = Field(default=None, validation_alias="ADMIN_PASSWORD")
    trusted_proxies: TrustedProxies = Field(default=(), validation_alias="TRUSTED_PROXIES")
    cors_origins: list[str] = Field(default=[], validation_alias="CORS_ORIGINS")
    access_token_ttl_seconds: int = Field(default=900, ge=1, validation_alias="ACCESS_TOKEN_SECONDS")
    session_ttl_seconds: int = Field(default=8 * 3600, ge=1, validation_alias="SESSION_SECONDS")
    refresh_reuse_grace_seconds: float = Field(
        default=10.0, ge=0, le=60, validation_alias="REFRESH_REUSE_GRACE_SECONDS"
    )
    argon2_cost: Literal["full", "least"] = Field(default="full", validation_alias="PASSWORD_COST")

    def development_values(self) -> list[str]:
        """Return the variables whose value must not be used in production."""
        variables = {
            "JWT_KEYS": self.jwt_signing_keys,
            "PRIVACY_KEY": self.pseudonymization_key,
            "APALEO_WEBHOOK_SECRET": self.apaleo_webhook_secret,
        }
        # by content, because the default may have been copied into the environment
        names = [
            name for name, value in variables.items() if DEVELOPMENT_SECRET_MARK in value.get_secret_value()
        ]
        return names + (["PASSWORD_COST"] if self.argon2_cost != "full" else [])
