"""When the secret is read again, and what a new version, an invalid one and an outage do."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any, cast

import pytest

from orchestrator.security import secret_rotation
from orchestrator.security.secret_rotation import SecretRotation
from orchestrator.security.vault_reader import VaultReader, VaultSecret
from orchestrator.security.vault_secrets import VaultSource
from orchestrator.settings import SettingsError
from orchestrator.settings.vault import VaultSettings
from orchestrator.vendors.errors import VendorError, VendorUnavailable
from tests.orchestrator.clock import Clock

FIRST = VaultSecret(1, {"TTS_API_KEY": "first"})
SEALED = VendorUnavailable("vault", "read", status=503)
HOUR = 3600.0


class Reader:
    """Gives the results that a test has put in; `reads` counts them."""

    def __init__(self) -> None:
        self.results: asyncio.Queue[VaultSecret | VendorError] = asyncio.Queue()
        self.reads = 0
        self.started = asyncio.Event()
        self.renewal_due_at = math.inf

    async def read(self) -> VaultSecret:
        """Return or raise the next result; wait for it if there is none."""
        self.reads += 1
        self.started.set()
        result = await self.results.get()
        if isinstance(result, VendorError):
            raise result
        return result

    async def describe_server(self) -> str:
        """Return a state."""
        return "sealed"


class Running:
    """A rotation, what it reads, and what it has done."""

    def __init__(self, clock: Clock | None = None, **settings: float) -> None:
        self.reader = Reader()
        self.applied: list[Mapping[str, Any]] = []
        self.outcomes: asyncio.Queue[str] = asyncio.Queue()
        variables = {"VAULT_POLL_SECONDS": HOUR, "VAULT_ALERT_SECONDS": 300.0} | settings
        source = VaultSource(VaultSettings(**cast("Any", variables)), FIRST)
        options: dict[str, Any] = {"clock": clock} if clock else {}
        self.rotation = SecretRotation(
            cast("VaultReader", self.reader), source, self.apply, self.outcomes.put_nowait, **options
        )

    def apply(self, values: Mapping[str, Any]) -> list[str]:
        """Refuse an empty secret."""
        if not values:
            raise SettingsError("TTS_API_KEY: is missing")
        self.applied.append(values)
        return []

    async def read(self, result: VaultSecret | VendorError) -> str:
        """Let a vendor reject a credential, so that this result is read; return the outcome."""
        self.reader.results.put_nowait(result)
        self.rotation.notice_rejection()
        return await self.outcomes.get()


@pytest.fixture
async def running(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    """A rotation whose next poll is an hour away, and that may read at once."""
    monkeypatch.setattr(secret_rotation, "MIN_INTERVAL_SECONDS", 0.0)
    running = Running()
    task = asyncio.create_task(running.rotation.run_forever())
    yield running
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_only_another_secret_is_applied(running: Running) -> None:
    """The same version again, and the same values under another number."""
    second = VaultSecret(2, {"TTS_API_KEY": "second"})

    outcomes = [await running.read(secret) for secret in (FIRST, second, second)]

    assert outcomes == ["unchanged", "applied", "unchanged"]
    assert (running.applied, running.rotation.version) == ([second.values], 2)


async def test_secret_that_was_deleted_and_written_anew_is_applied(running: Running) -> None:
    """Its versions start at 1 again."""
    anew = VaultSecret(1, {"TTS_API_KEY": "anew"})

    assert await running.read(anew) == "applied"
    assert running.applied == [anew.values]


async def test_invalid_secret_is_refused_until_a_valid_one_is_read(running: Running) -> None:
    """The version in use stays; the invalid one is not tried again at each read."""
    invalid = VaultSecret(2, {})
    outcomes = [await running.read(invalid) for _ in range(2)]
    refused = (running.rotation.refused, running.rotation.version)
    outcomes.append(await running.read(VaultSecret(3, {"TTS_API_KEY": "third"})))

    assert outcomes == ["refused", "unchanged", "applied"]
    assert refused == (True, 1)
    assert (running.rotation.refused, running.rotation.version) == (False, 3)


async def test_outage_changes_nothing(running: Running) -> None:
    """The next read that succeeds ends it."""
    assert await running.read(SEALED) == "failed"
    assert (running.rotation.available, running.rotation.version, running.applied) == (False, 1, [])

    assert await running.read(FIRST) == "unchanged"
    assert running.rotation.available


async def test_rejections_during_a_read_cause_one_more(running: Running) -> None:
    """The secret may have been written after that read began; twenty requests meet the rejection at once."""
    running.rotation.notice_rejection()
    await running.reader.started.wait()
    for _ in range(20):
        running.rotation.notice_rejection()
    for _ in range(2):
        running.reader.results.put_nowait(FIRST)
        await running.outcomes.get()

    assert running.reader.reads == 2


@pytest.mark.parametrize(("renewal", "reads"), [(math.inf, 1), (0.0, 2)])
async def test_secret_is_read_when_the_token_is_due(
    monkeypatch: pytest.MonkeyPatch, renewal: float, reads: int
) -> None:
    """Long before the next poll, if the lease is short."""
    monkeypatch.setattr(secret_rotation, "MIN_INTERVAL_SECONDS", 0.0)
    running = Running()
    running.reader.renewal_due_at = renewal
    task = asyncio.create_task(running.rotation.run_forever())
    await running.read(FIRST)
    for _ in range(10):
        await asyncio.sleep(0)
    task.cancel()

    assert running.reader.reads == reads


async def test_rejections_cause_two_reads_per_second_at_most() -> None:
    """A vendor that rejects every request would otherwise cause as many requests to Vault."""
    clock = Clock()
    running = Running(clock)
    task = asyncio.create_task(running.rotation.run_forever())
    running.rotation.notice_rejection()
    for _ in range(10):
        await asyncio.sleep(0)
    task.cancel()

    # the clock stands still: the service started less than half a second ago
    assert running.reader.reads == 0


async def test_outage_is_tolerable_for_a_time(running: Running) -> None:
    """An alert about a restart of Vault would be noise."""
    impatient = Running(VAULT_ALERT_SECONDS=0.0)
    task = asyncio.create_task(impatient.rotation.run_forever())
    assert impatient.rotation.is_outage_tolerable()
    for each in (running, impatient):
        await each.read(SEALED)
    task.cancel()

    assert (running.rotation.is_outage_tolerable(), impatient.rotation.is_outage_tolerable()) == (True, False)
