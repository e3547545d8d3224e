"""The secret in Vault: which variables it can contain, and how it is read at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import ValidationError

from orchestrator.resilience.policy import CallPolicy
from orchestrator.security.vault_reader import VaultReader, VaultSecret
from orchestrator.settings import SettingsError
from orchestrator.settings.vault import VaultSettings
from orchestrator.vendors.errors import NotFound, VendorError
from orchestrator.vendors.vault.client import VaultClient

ROTATED_SECRET_NAMES = frozenset(
    {
        "PMS_CLIENT_ID",
        "PMS_CLIENT_SECRET",
        "MEWS_CLIENT_TOKEN",
        "MEWS_ACCESS_TOKEN",
        "TTS_API_KEY",
        "LIVEKIT_API_KEY",
        "LIVEKIT_API_SECRET",
        "JWT_KEYS",
        "APALEO_WEBHOOK_SECRET",
    }
)
"""The variables whose new value takes effect in the running service."""
RESTART_SECRET_NAMES = frozenset(
    {
        "PRIVACY_KEY",
        "ADMIN_PASSWORD",
        "DATABASE_URL",
        "REDIS_URL",
        "PAGERDUTY_ROUTING_KEY",
        "SLACK_WEBHOOK_URL",
    }
)
"""The variables whose new value takes effect at the next start: connections, watches and pseudonyms depend on them."""
ALLOWED_SECRET_NAMES = ROTATED_SECRET_NAMES | RESTART_SECRET_NAMES
"""The variables that the secret can contain; they take precedence over the environment."""


@dataclass(frozen=True, slots=True)
class VaultSource:
    """Vault's settings, and the secret that the service starts with."""

    settings: VaultSettings
    secret: VaultSecret


async def load_vault_secrets() -> dict[str, str]:
    """Return the variables in the secret, for a command that ends soon; none without VAULT_ADDR.

    Raises:
        SettingsError: as for `read_vault`.
    """
    source = await read_vault()
    return secret_variables(source.secret.values) if source else {}


async def read_vault() -> VaultSource | None:
    """Read the secret that the service starts with, and revoke the token; None without VAULT_ADDR.

    Raises:
        SettingsError: Vault cannot be reached or rejects the login, or the secret is missing or has invalid names.
    """
    settings = _read_settings()
    if settings.address is None:
        return None
    async with httpx.AsyncClient() as http:
        reader = create_reader(settings, http)
        try:
            secret = await reader.read()
        except NotFound:
            raise SettingsError(f"VAULT_PATH: Vault has no secret at '{settings.path}'") from None
        except VendorError as error:
            raise SettingsError(f"VAULT_ADDR: {error}") from None
        finally:
            await reader.close()
    return VaultSource(settings, secret)


def create_reader(settings: VaultSettings, http: httpx.AsyncClient) -> VaultReader:
    """Return a reader of the secret that uses these connections."""
    return VaultReader(VaultClient(base_url=str(settings.address), http=http, policy=CallPolicy()), settings)


def secret_variables(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of a secret as variables.

    Raises:
        SettingsError: a name is unknown, or a value is neither a text nor a number.
    """
    # a misspelled name would silently leave the value of the environment in use
    if unknown := sorted(values.keys() - ALLOWED_SECRET_NAMES):
        raise SettingsError(f"VAULT_PATH: unknown names in the secret: {', '.join(unknown)}")
    variables = {name: _as_text(value) for name, value in values.items()}
    if invalid := sorted(name for name, text in variables.items() if text is None):
        raise SettingsError(f"VAULT_PATH: neither text nor number in the secret: {', '.join(invalid)}")
    return {name: text for name, text in variables.items() if text is not None}


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return str(value)
    # Python does not convert an integer of thousands of digits
    except ValueError:
        return None


def _read_settings() -> VaultSettings:
    try:
        return VaultSettings()
    except ValidationError as error:
        # the message alone, because the text of the whole error repeats the input and with it the secret id
        problem = error.errors()[0]
        variable = "".join(f"{name}: " for name in problem["loc"])
        raise SettingsError(variable + problem["msg"].removeprefix("Value error, ")) from None
