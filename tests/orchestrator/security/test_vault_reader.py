"""The token with which the secret is read: renewed, replaced and revoked in time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from orchestrator.resilience.policy import NO_RETRY
from orchestrator.security.vault_reader import VaultReader, VaultSecret
from orchestrator.settings.vault import VaultSettings
from orchestrator.vendors.errors import AccessDenied, VendorUnavailable
from orchestrator.vendors.vault.client import VaultClient
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.vendors.vault.state import ROLE_ID, SECRET_ID
from tests.orchestrator.clock import Clock

LEASE = 3600
SECRET = {"TTS_API_KEY": "x"}
LOGIN, RENEWAL, READ = "login", "renewSelf", "readSecret"


class Vault:
    """The stub with a secret."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.set_state("a secret", path="orchestrator", data=SECRET)

    def set_state(self, state: str, **params: object) -> None:
        """Set up a provider state."""
        httpx.post(f"{self.url}/_stub/states", json={"state": state, "params": params}).raise_for_status()

    def set_role(self, **leases: int) -> None:
        """Set the leases of the tokens that the role gets, in seconds."""
        self.set_state("a role", role_id=ROLE_ID, secret_id=SECRET_ID, **leases)

    def operations(self) -> list[str]:
        """Return the operations of all requests, oldest first."""
        return [entry["operation"] for entry in httpx.get(f"{self.url}/_stub/requests").json()]


@pytest.fixture
def vault() -> Iterator[Vault]:
    """Vault's stub."""
    with run_apps([create_stub_app("vault")]) as servers:
        yield Vault(servers.urls["vault"])


@pytest.fixture
def clock() -> Clock:
    """A stopped clock."""
    return Clock()


@pytest.fixture
async def reader(vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VaultReader]:
    """A reader that has not read yet."""
    for name, value in {"ADDR": vault.url, "ROLE_ID": ROLE_ID, "SECRET_ID": SECRET_ID}.items():
        monkeypatch.setenv(f"VAULT_{name}", value)
    async with httpx.AsyncClient() as http:
        client = VaultClient(base_url=vault.url, http=http, policy=NO_RETRY)
        yield VaultReader(client, VaultSettings(), clock)


async def test_token_is_used_until_half_of_its_lease(reader: VaultReader, vault: Vault, clock: Clock) -> None:
    """Then it is renewed, and the renewed lease counts from the renewal."""
    for seconds in (0, LEASE / 2 - 1, 1, LEASE / 2 - 1, 1):
        clock.now += seconds
        assert await reader.read() == VaultSecret(1, SECRET)

    assert vault.operations() == [LOGIN, READ, READ, RENEWAL, READ, READ, RENEWAL, READ]
    assert reader.renewal_due_at == clock.now + LEASE / 2


async def test_token_whose_max_ttl_caps_the_renewal_is_replaced(
    reader: VaultReader, vault: Vault, clock: Clock
) -> None:
    """A renewed lease of at least half of a full one is used."""
    for renewed_ttl in (LEASE // 2, LEASE // 2 - 1):
        vault.set_role(renewed_ttl=renewed_ttl)
        vault.set_state("no token")
        await reader.read()
        clock.now = reader.renewal_due_at
        await reader.read()

    renewed, replaced = [LOGIN, READ, RENEWAL, READ], [READ, RENEWAL, LOGIN, READ, RENEWAL, LOGIN, READ]
    assert vault.operations() == renewed + replaced


async def test_token_without_a_lease_is_never_renewed(
    reader: VaultReader, vault: Vault, clock: Clock
) -> None:
    """A lease of 0 seconds does not end."""
    vault.set_role(token_ttl=0)
    await reader.read()
    clock.now += 10 * LEASE
    await reader.read()

    assert vault.operations() == [LOGIN, READ, READ]


async def test_denied_path_does_not_cost_a_login_per_read(reader: VaultReader, vault: Vault) -> None:
    """The renewal shows that the token is valid."""
    vault.set_state("a policy that hides a path", path="orchestrator")
    for _ in range(2):
        with pytest.raises(AccessDenied):
            await reader.read()

    assert vault.operations() == [LOGIN, *[READ, RENEWAL, READ] * 2]


async def test_outage_during_a_renewal_keeps_the_token(
    reader: VaultReader, vault: Vault, clock: Clock
) -> None:
    """It is renewed when Vault is unsealed."""
    await reader.read()
    clock.now += LEASE / 2
    vault.set_state("Vault", sealed=True)
    with pytest.raises(VendorUnavailable):
        await reader.read()
    vault.set_state("Vault", sealed=False)

    assert await reader.read() == VaultSecret(1, SECRET)
    assert vault.operations() == [LOGIN, READ, RENEWAL, LOGIN, RENEWAL, READ]


async def test_closed_reader_has_revoked_its_token(reader: VaultReader, vault: Vault) -> None:
    """Once; a reader without a token revokes nothing."""
    await reader.close()
    await reader.read()
    await reader.close()
    await reader.close()

    assert vault.operations() == [LOGIN, READ, "revokeSelf"]


async def test_token_that_cannot_be_revoked_is_no_error(reader: VaultReader, vault: Vault) -> None:
    """It is valid until its lease ends."""
    await reader.read()
    vault.set_state("Vault", sealed=True)

    await reader.close()


async def test_secret_is_not_in_the_text_of_its_version() -> None:
    """A traceback or a log of it discloses nothing."""
    assert repr(VaultSecret(3, {"TTS_API_KEY": "disclosed"})) == "VaultSecret(version=3)"
