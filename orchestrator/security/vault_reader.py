"""Reads the secret from Vault with a token that is renewed before its lease ends."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from orchestrator.settings.vault import VaultSettings
from orchestrator.vendors.errors import AccessDenied, VendorError
from orchestrator.vendors.vault.client import VaultClient
from orchestrator.vendors.vault.models import TokenAuth

RENEWAL_SHARE = 0.5
"""The share of its lease after which a token is renewed: enough is left for another attempt."""


@dataclass(frozen=True, slots=True)
class VaultSecret:
    """One version of the secret.

    Args:
        version: its number, which starts at 1.
        values: the values by the names of the variables.
    """

    version: int
    values: Mapping[str, Any] = field(repr=False)


class VaultReader:
    """Reads the secret, and keeps the token that this needs.

    Args:
        client: the client of Vault.
        settings: the AppRole and the path of the secret.
        clock: a monotonic clock, in seconds.

    Attributes:
        renewal_due_at: the time at which the next read renews the token; infinity without a token or a lease.
    """

    def __init__(
        self, client: VaultClient, settings: VaultSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._auth: TokenAuth | None = None
        self._full_lease = 0
        self.renewal_due_at = math.inf

    async def read(self) -> VaultSecret:
        """Return the newest version of the secret.

        Raises:
            NotFound: the secret was never written, or its newest version is deleted.
            AccessDenied: the policy of the role does not allow to read the secret.
            VendorError: Vault is sealed, limits the rate, rejects the login, or does not respond.
        """
        auth = self._auth or await self._log_in()
        if self._clock() >= self.renewal_due_at:
            auth = await self._renew(auth)
        try:
            return await self._read_secret(auth)
        except AccessDenied:
            # the token was revoked or has expired, unless the policy denies the path to every token
            auth = await self._renew(auth)
        return await self._read_secret(auth)

    async def describe_server(self) -> str:
        """Return the state of the server: `active`, `standby`, `sealed`, `uninitialized` or `unreachable`."""
        try:
            health = await self._client.health()
        except VendorError:
            return "unreachable"
        states = {"uninitialized": not health.initialized, "sealed": health.sealed, "standby": health.standby}
        return next((name for name, applies in states.items() if applies), "active")

    async def close(self) -> None:
        """Revoke the token; one that cannot be revoked is valid until its lease ends."""
        if self._auth:
            with suppress(VendorError):
                await self._client.revoke_self(self._auth.client_token.get_secret_value())
            self._auth = None

    async def _read_secret(self, auth: TokenAuth) -> VaultSecret:
        data = await self._client.read_secret(auth.client_token.get_secret_value(), self._settings.path)
        return VaultSecret(data.metadata.version, dict(data.data.items()))

    async def _log_in(self) -> TokenAuth:
        requested_at = self._clock()
        auth = await self._client.login(self._settings.role_id, self._settings.secret_id.get_secret_value())
        self._full_lease = auth.lease_duration
        return self._use(auth, requested_at)

    async def _renew(self, auth: TokenAuth) -> TokenAuth:
        """Renew the token, or log in if that is not possible, or if its max TTL ends the renewed lease early."""
        if auth.renewable:
            requested_at = self._clock()
            # Vault reports a token past its max TTL as 500, an expired one as 403
            with suppress(VendorError):
                renewed = await self._client.renew_self(auth.client_token.get_secret_value())
                if renewed.lease_duration >= self._full_lease * RENEWAL_SHARE:
                    return self._use(renewed, requested_at)
        return await self._log_in()

    def _use(self, auth: TokenAuth, requested_at: float) -> TokenAuth:
        self._auth = auth
        # a lease of 0 seconds never ends
        lease = auth.lease_duration * RENEWAL_SHARE or math.inf
        self.renewal_due_at = requested_at + lease
        return auth
