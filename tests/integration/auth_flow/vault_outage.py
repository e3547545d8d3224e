"""The service while Vault cannot be read, and the token with which it reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from provider_verification.stubs.vendors.vault.state import SECRET_ID
from tests.integration.api import ApiClient
from tests.integration.auth_flow.rotating_service import VAULT_PATH, RotatingService, synthesize_status
from tests.integration.ids import IdFactory
from tests.integration.jwt_attacks import JWT_KEYS
from tests.integration.settings import VAULT_KEY
from tests.integration.waiting import wait_until


@dataclass(frozen=True)
class Outage:
    """Why the secret cannot be read: status and state of Vault's health, and the provider states."""

    health: int
    server: str
    states: dict[str, dict[str, Any]]


OUTAGES = {
    "sealed": Outage(503, "sealed", {"Vault": {"sealed": True}}),
    "not initialized": Outage(501, "uninitialized", {"Vault": {"initialized": False}}),
    "rate limit": Outage(200, "active", {"the rate limit reached": {}}),
    "rate limit of a standby": Outage(
        429, "standby", {"Vault": {"standby": True}, "the rate limit reached": {}}
    ),
    "path denied": Outage(200, "active", {"a policy that hides a path": {"path": VAULT_PATH}}),
    "secret never written": Outage(200, "active", {"no secret": {}}),
    "secret deleted": Outage(
        200, "active", {"a secret": {"path": VAULT_PATH, "data": {}, "versions": 2, "deleted": True}}
    ),
}


def wait_for_vault(api: ApiClient, status: str) -> dict[str, Any]:
    """Wait until the health route reports this status of Vault; return its response."""
    responses: list[dict[str, Any]] = []

    def is_reported() -> bool:
        responses.append(api.get("/healthz").json())
        return bool(responses[-1]["dependencies"]["vault"] == status)

    wait_until(is_reported, f"Vault is {status}")
    return responses[-1]


class TestVaultOutage:
    """The service continues with the secrets that it read last."""

    @pytest.mark.parametrize("outage", OUTAGES)
    def test_service_works_while_the_secret_cannot_be_read(
        self, service: RotatingService, rotating_api: ApiClient, names: IdFactory, outage: str
    ) -> None:
        """The health route reports it, the log has the state of the server, and the service stays ready."""
        reason = OUTAGES[outage]
        for state, params in reason.states.items():
            service.vault.set_provider_state(state, **params)
        health = wait_for_vault(rotating_api, "down")
        service.wait_for_request("health", reason.health)

        assert (health["status"], service.metric("vault_up")) == ("degraded", 0)
        assert (rotating_api.get("/readyz").status_code, synthesize_status(rotating_api, names)) == (200, 200)
        wait_until(
            lambda: service.log_entries("vault_unavailable")[-1]["server"] == reason.server,
            "the log has the state of the server",
        )

    @pytest.mark.critical
    def test_sealed_vault_raises_alert_until_it_is_unsealed(
        self, service: RotatingService, rotating_api: ApiClient
    ) -> None:
        """A secret that was written meanwhile is in use afterwards."""
        triggers = service.triggers("vault")
        service.vault.set_provider_state("Vault", sealed=True)
        wait_until(lambda: service.triggers("vault") > triggers, "an alert is raised")
        version = service.write({"JWT_KEYS": f"{JWT_KEYS},{VAULT_KEY}"})
        before = service.metric("vault_secret_version")
        service.vault.set_provider_state("Vault", sealed=False)
        health = wait_for_vault(rotating_api, "up")
        wait_until(lambda: service.receiver.actions("vault")[-1] == "resolve", "the alert is resolved")
        wait_until(lambda: service.metric("vault_secret_version") == version, "the new version is in use")

        assert (before, health["status"]) == (version - 1, "healthy")


class TestVaultToken:
    """The token with which the service reads the secret."""

    def test_token_is_renewed_before_its_lease_ends(self, service: RotatingService) -> None:
        """One login, and several renewals."""
        service.vault.forget_requests()
        service.issue_short_tokens(token_ttl=1, renewed_ttl=1)
        service.wait_for_request("renewSelf", 200, times=2)

        assert service.vault_requests().count(("login", 200)) == 1

    def test_token_near_its_max_ttl_is_replaced(self, service: RotatingService) -> None:
        """The renewed lease is much shorter than that of a login, and each further one would be shorter still."""
        service.issue_short_tokens(token_ttl=3, renewed_ttl=1)
        service.wait_for_request("renewSelf", 200)
        service.rotate()

        requests = service.vault_requests()
        assert requests[requests.index(("renewSelf", 200)) + 1] == ("login", 200)

    def test_lost_token_is_replaced(self, service: RotatingService) -> None:
        """It was revoked or has expired: a login follows, and the secret is read with the new token."""
        service.vault.forget_requests()
        service.vault.set_provider_state("no token")
        service.wait_for_request("login", 200)
        service.rotate()

        requests = service.vault_requests()
        first = requests.index(("readSecret", 403))
        assert requests[first : first + 4] == [
            ("readSecret", 403),
            ("renewSelf", 403),
            ("login", 200),
            ("readSecret", 200),
        ]

    def test_renewal_and_login_while_sealed_are_repeated(
        self, service: RotatingService, rotating_api: ApiClient
    ) -> None:
        """The lease ends meanwhile; the token is replaced when Vault is unsealed."""
        service.issue_short_tokens(token_ttl=1, renewed_ttl=1)
        service.wait_for_request("renewSelf", 200)
        service.vault.set_provider_state("Vault", sealed=True)
        service.wait_for_request("renewSelf", 503)
        service.wait_for_request("login", 503)
        service.vault.set_provider_state("no token")
        service.vault.set_provider_state("Vault", sealed=False)

        assert wait_for_vault(rotating_api, "up")["status"] == "healthy"

    def test_rejected_login_is_repeated(
        self, service: RotatingService, rotating_api: ApiClient, names: IdFactory
    ) -> None:
        """The secret id of the role was replaced by mistake."""
        service.set_role("another-secret-id")
        service.vault.set_provider_state("no token")
        service.wait_for_request("login", 400)
        wait_for_vault(rotating_api, "down")
        speech = synthesize_status(rotating_api, names)
        service.set_role(SECRET_ID)

        assert (speech, wait_for_vault(rotating_api, "up")["status"]) == (200, "healthy")
