"""The settings in use, whose secrets can be rotated while the service runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from orchestrator.observability.metrics import Metrics
from orchestrator.security.secret_rotation import SecretRotation
from orchestrator.security.tokens import JwtService, SigningKeys
from orchestrator.security.vault_secrets import (
    RESTART_SECRET_NAMES,
    VaultSource,
    create_reader,
    secret_variables,
)
from orchestrator.settings import Settings, SettingsError, load_settings


class LiveSettings:
    """Holds the settings; each component that needs a secret reads it here whenever it uses it.

    Args:
        settings: the settings that the service starts with.
        variables: those of its variables that come from Vault.
        tokens: the service whose signing keys are rotated.

    Attributes:
        current: the settings in use.
    """

    def __init__(self, settings: Settings, variables: Mapping[str, str], tokens: JwtService) -> None:
        self.current = settings
        self._at_start = {name: value for name, value in variables.items() if name in RESTART_SECRET_NAMES}
        self._tokens = tokens

    def apply(self, values: Mapping[str, Any]) -> list[str]:
        """Use the values of a new secret, all or none. Return the changed variables that need a restart.

        Raises:
            SettingsError: the service could not start with this secret.
        """
        variables = secret_variables(values)
        # with all of them, because the next start uses all of them
        keys = signing_keys(load_settings(variables))
        rotated = {name: value for name, value in variables.items() if name not in RESTART_SECRET_NAMES}
        self.current = load_settings({**rotated, **self._at_start})
        self._tokens.replace_keys(keys)
        return sorted(
            name for name in RESTART_SECRET_NAMES if variables.get(name) != self._at_start.get(name)
        )


def signing_keys(settings: Settings) -> SigningKeys:
    """Return the signing keys of the settings.

    Raises:
        SettingsError: JWT_KEYS is malformed.
    """
    try:
        return SigningKeys(settings.security.jwt_signing_keys.get_secret_value())
    except ValueError as error:
        raise SettingsError(str(error)) from None


def create_secret_rotation(
    source: VaultSource, http: httpx.AsyncClient, live_settings: LiveSettings, metrics: Metrics
) -> SecretRotation:
    """Return the task that reads Vault's secret again and applies it, and expose its metrics."""
    reads = metrics.vault_reads
    rotation = SecretRotation(
        create_reader(source.settings, http),
        source,
        live_settings.apply,
        lambda outcome: reads.labels(outcome).inc(),
    )
    metrics.register_vault(lambda: rotation.available, lambda: rotation.version)
    return rotation
