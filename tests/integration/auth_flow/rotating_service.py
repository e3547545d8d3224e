"""A service whose secrets are in a Vault that the test controls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from local_stack.stack import ADMIN, run_stack
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.vendors.vault.state import ROLE_ID, SECRET_ID
from tests.alert_receiver import AlertReceiver, alert_receiver
from tests.integration import pact_coverage
from tests.integration.accounts import login_client
from tests.integration.api import ApiClient
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.jwt_attacks import JWT_KEYS
from tests.integration.metrics import read_metrics
from tests.integration.settings import LENIENT_SETTINGS
from tests.integration.vendors import StubClient, StubClients
from tests.integration.waiting import wait_until

VAULT_PATH = "orchestrator"
SECRET = {
    "JWT_KEYS": JWT_KEYS,
    "PMS_CLIENT_SECRET": "stub-secret",
    "TTS_API_KEY": "stub-tts-key",
    "LIVEKIT_API_SECRET": "stub-secret-long-enough-for-any-hmac-signature-that-a-client-may-try",
}
"""What the stub vendors accept."""
ALERT_SECONDS = "0.3"


@dataclass(frozen=True)
class RotatingService:
    """The service, its stub vendors and Vault, and where its alerts go."""

    url: str
    vendors: StubClients
    receiver: AlertReceiver
    log: Path
    # the service starts with version 1
    _versions: Iterator[int] = field(default_factory=lambda: count(2))

    @property
    def vault(self) -> StubClient:
        """The control of Vault."""
        return self.vendors.all["vault"]

    def write(self, changes: Mapping[str, Any] | None = None) -> int:
        """Write the next version of the secret with changes to what the stubs accept; return its number."""
        version = next(self._versions)
        data = {**SECRET, **(changes or {})}
        self.vault.set_provider_state("a secret", path=VAULT_PATH, data=data, versions=version)
        return version

    def rotate(self, changes: Mapping[str, Any] | None = None) -> None:
        """Write the next version of the secret, and wait until it is in use."""
        version = self.write(changes)
        wait_until(lambda: self.metric("vault_secret_version") == version, f"version {version} is in use")

    def metric(self, name: str) -> float:
        """Return the value of a series, 0 if it does not exist yet."""
        api = ApiClient(self.url)
        try:
            return read_metrics(api).get(name, 0.0)
        finally:
            api.close()

    def issue_short_tokens(self, token_ttl: int, renewed_ttl: int) -> None:
        """Let the service log in again, and get tokens with these leases in seconds."""
        self.set_role(SECRET_ID, token_ttl=token_ttl, renewed_ttl=renewed_ttl)
        self.vault.set_provider_state("no token")

    def set_role(self, secret_id: str, **leases: int) -> None:
        """Set the secret id with which the service's role can log in, and the leases of its tokens."""
        self.vault.set_provider_state("a role", role_id=ROLE_ID, secret_id=secret_id, **leases)

    def vault_requests(self) -> list[tuple[str, int]]:
        """Return operation and status of each request to Vault, oldest first."""
        return [(entry["operation"], entry["status"]) for entry in self.vault.journal()]

    def wait_for_request(self, operation: str, status: int, times: int = 1) -> None:
        """Wait until Vault has responded to requests of an operation with a status."""
        wait_until(lambda: self.vault_requests().count((operation, status)) >= times, f"{operation} {status}")

    def log_entries(self, event: str) -> list[dict[str, Any]]:
        """Return the log entries of an event, oldest first."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if f'"event": "{event}"' in line]

    def triggers(self, condition: str) -> int:
        """Return how often an alert about a condition was raised."""
        return self.receiver.actions(condition).count("trigger")


@pytest.fixture(scope="module")
def rotating_process(
    tmp_path_factory: pytest.TempPathFactory, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[RotatingService]:
    """A service that polls Vault ten times a second."""
    require_local_stack("needs settings of its own")
    folder = tmp_path_factory.mktemp("rotating")
    with run_apps([create_stub_app("vault")]) as servers, alert_receiver() as receiver:
        vault = StubClient("vault", servers.urls["vault"], control)
        vault.set_provider_state("a secret", path=VAULT_PATH, data=SECRET)
        settings = {
            **LENIENT_SETTINGS,
            **receiver.settings,
            **dict.fromkeys(SECRET, ""),
            "ALERT_REPEAT_SECONDS": "0.01",
            "VAULT_ADDR": vault.url,
            "VAULT_ROLE_ID": ROLE_ID,
            "VAULT_SECRET_ID": SECRET_ID,
            "VAULT_POLL_SECONDS": "0.1",
            "VAULT_ALERT_SECONDS": ALERT_SECONDS,
        }
        with run_stack(folder, settings) as stack:
            vendors = StubClients({**stack.stub_urls, "vault": vault.url}, control)
            # before a test empties the journal: how the process started
            pact_coverage.fail_on_unknown_requests(request.config, vendors)
            yield RotatingService(stack.url, vendors, receiver, folder / "orchestrator.log")
        operations = [entry["operation"] for entry in vault.journal()]
        assert operations[-1] == "revokeSelf", "the service revokes its token when it stops"


@pytest.fixture
def service(rotating_process: RotatingService, request: pytest.FixtureRequest) -> Iterator[RotatingService]:
    """That service with reset stubs, and with a secret that they accept."""
    for vendor in rotating_process.vendors.all.values():
        vendor.reset()
    rotating_process.rotate()
    yield rotating_process
    pact_coverage.fail_on_unknown_requests(request.config, rotating_process.vendors)


@pytest.fixture
def rotating_api(service: RotatingService) -> Iterator[ApiClient]:
    """An administrator of that service, whose access token was signed with the first key."""
    api = login_client(service.url, *ADMIN)
    yield api
    api.close()


def synthesize_status(api: ApiClient, names: IdFactory) -> int:
    """Return the status of a request for speech that no cache has."""
    return api.post("/tts/synthesize", {"text": names.call()}).status_code
