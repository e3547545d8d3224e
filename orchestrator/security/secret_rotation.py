"""Reads the secret in Vault again while the service runs, and applies its new versions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Literal

from orchestrator.observability import logging
from orchestrator.security.vault_reader import VaultReader
from orchestrator.security.vault_secrets import VaultSource
from orchestrator.settings import SettingsError
from orchestrator.vendors.errors import VendorError

MIN_INTERVAL_SECONDS = 0.5
"""Seconds between two reads at least, however often vendors reject a credential."""
ReadOutcome = Literal["unchanged", "applied", "refused", "failed"]


class SecretRotation:
    """Reads the secret at intervals, and at once when a vendor rejects a credential.

    An outage of Vault changes nothing: the secret that was read last stays in use.

    Args:
        reader: reads the secret.
        source: the settings, and the secret in use.
        apply: puts the values of a secret into effect, all or none; returns the changed variables that take effect at
            the next start only, and raises `SettingsError` if the secret is invalid.
        count: receives the outcome of each read.
        clock: a monotonic clock, in seconds.

    Attributes:
        version: the version of the secret in use.
        available: whether the latest read succeeded.
        refused: whether the newest version of the secret is invalid and not in use.
    """

    def __init__(
        self,
        reader: VaultReader,
        source: VaultSource,
        apply: Callable[[Mapping[str, Any]], list[str]],
        count: Callable[[ReadOutcome], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._settings = source.settings
        self._newest = source.secret
        self._apply = apply
        self._count = count
        self._clock = clock
        self._last_read_at = self._last_success_at = clock()
        self._next_read_at = self._last_read_at + source.settings.poll_interval_seconds
        self._rescheduled = asyncio.Event()
        self.version = source.secret.version
        self.available = True
        self.refused = False

    def notice_rejection(self) -> None:
        """Read soon, because a vendor rejected a credential that may have been rotated; never waits."""
        soon = max(self._clock(), self._last_read_at + MIN_INTERVAL_SECONDS)
        if soon < self._next_read_at:
            self._next_read_at = soon
            self._rescheduled.set()

    def is_outage_tolerable(self) -> bool:
        """Return whether the secret could be read within the time after which an alert is raised."""
        outage = self._clock() - self._last_success_at
        return self.available or outage < self._settings.outage_alert_seconds

    async def run_forever(self) -> None:
        """Read the secret whenever it is time, until cancelled."""
        while True:
            while (delay := self._next_read_at - self._clock()) > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await self._rescheduled.wait()
                self._rescheduled.clear()
            self._count(await self._read())

    async def close(self) -> None:
        """Revoke the token."""
        await self._reader.close()

    async def _read(self) -> ReadOutcome:
        self._last_read_at = self._clock()
        # before the request, so that a credential that is rejected meanwhile is read again
        self._next_read_at = self._last_read_at + self._settings.poll_interval_seconds
        try:
            secret = await self._reader.read()
        except VendorError as error:
            self.available = False
            server = await self._reader.describe_server()
            logging.warning("vault_unavailable", server=server, error=type(error).__name__)
            return "failed"
        if not self.available:
            logging.info("vault_available")
        self.available, self._last_success_at = True, self._clock()
        renewal_at = max(self._reader.renewal_due_at, self._last_read_at + MIN_INTERVAL_SECONDS)
        self._next_read_at = min(self._next_read_at, renewal_at)
        if secret == self._newest:
            return "unchanged"
        self._newest = secret
        return self._use(secret.version, secret.values)

    def _use(self, version: int, values: Mapping[str, Any]) -> ReadOutcome:
        # first, so that the alert is raised after an unexpected error too
        self.refused = True
        try:
            at_next_start = self._apply(values)
        except SettingsError as error:
            logging.warning("secret_refused", version=version, in_use=self.version, problem=str(error))
            return "refused"
        self.refused, self.version = False, version
        logging.info("secret_applied", version=version)
        if at_next_start:
            logging.warning("secret_needs_restart", version=version, variables=at_next_start)
        return "applied"
