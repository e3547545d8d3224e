"""Secrets that are rotated in Vault while the service runs, and outages of Vault."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import jwt
import pytest

from local_stack.stack import ADMIN
from provider_verification.stubs.vendors.vault.state import SECRET_ID
from tests.integration.accounts import login_client, profile_status
from tests.integration.api import ApiClient
from tests.integration.auth_flow.rotating_service import VAULT_PATH, RotatingService
from tests.integration.call_events import call_ended, call_started
from tests.integration.ids import IdFactory
from tests.integration.jwt_attacks import CURRENT_KEY, JWT_KEYS
from tests.integration.scenarios import exported_calls
from tests.integration.settings import VAULT_KEY
from tests.integration.waiting import wait_until

REJECTED_CREDENTIALS = {
    "PMS_CLIENT_SECRET": "rejected",
    "TTS_API_KEY": "rejected",
    "LIVEKIT_API_SECRET": "rejected-and-long-enough-for-an-hmac-signature",
}


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


def log_entries(service: RotatingService, event: str) -> list[dict[str, Any]]:
    """Return the log entries of an event, oldest first."""
    lines = service.log.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if f'"event": "{event}"' in line]


def synthesize_status(api: ApiClient, names: IdFactory) -> int:
    """Return the status of a request for speech that no cache has."""
    return api.post("/tts/synthesize", {"text": names.call()}).status_code


class TestSecretRotation:
    """New versions of the secret in Vault."""

    @pytest.mark.critical
    def test_rotated_credentials_are_used_at_every_vendor(
        self, service: RotatingService, rotating_api: ApiClient, names: IdFactory
    ) -> None:
        """Vendors reject the first ones, so calls are degraded, until the next version has the right ones."""
        service.rotate(REJECTED_CREDENTIALS)
        degraded = rotating_api.send_event(call_started(names.call(), reservation_id=names.reservation()))
        speech = synthesize_status(rotating_api, names)
        service.rotate()
        normal = rotating_api.send_event(call_started(names.call()))

        statuses = {
            name: {entry["status"] for entry in service.vendors.all[name].journal()} & {400, 401}
            for name in ("apaleo", "livekit", "tts")
        }
        assert statuses == {"apaleo": {400}, "livekit": {401}, "tts": {401}}
        assert (speech, synthesize_status(rotating_api, names)) == (503, 200)
        assert (len(degraded["warnings"]) > 0, normal["warnings"]) == (True, [])

    @pytest.mark.critical
    def test_rotated_signing_keys_sign_and_old_ones_verify_while_listed(
        self, service: RotatingService, rotating_api: ApiClient
    ) -> None:
        """A token of the old key, verified before, is rejected once the key is not listed any more."""
        old_token = rotating_api.headers["Authorization"].removeprefix("Bearer ")
        statuses = [profile_status(rotating_api, old_token)]
        service.rotate({"JWT_KEYS": f"{VAULT_KEY},{JWT_KEYS}"})
        new_api = login_client(service.url, *ADMIN)
        new_token = new_api.headers["Authorization"].removeprefix("Bearer ")
        statuses.append(profile_status(rotating_api, old_token))
        service.rotate({"JWT_KEYS": VAULT_KEY})
        statuses += [profile_status(rotating_api, token) for token in (old_token, new_token)]
        new_api.close()

        kids = [jwt.get_unverified_header(token)["kid"] for token in (old_token, new_token)]
        assert kids == [CURRENT_KEY[0], "from-vault"]
        assert statuses == [200, 200, 401, 200]

    def test_value_that_needs_a_restart_is_named_and_not_used(
        self, service: RotatingService, rotating_api: ApiClient, names: IdFactory
    ) -> None:
        """The pseudonym of a caller stays the same, so that the call record is still found."""
        phone, call_id = names.phone(), names.call()
        rotating_api.send_event(call_started(call_id, phone))
        rotating_api.send_event(call_ended(call_id))

        service.rotate({"PRIVACY_KEY": "another-key-that-takes-effect-at-the-next-start"})

        assert len(exported_calls(rotating_api, phone)) == 1
        assert log_entries(service, "secret_needs_restart")[-1]["variables"] == ["PRIVACY_KEY"]

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"JWT_KEY": "a-misspelt-name"}, "VAULT_PATH: unknown names in the secret: JWT_KEY"),
            ({"JWT_KEYS": "short"}, "JWT_KEYS should be 'kid:secret,…'"),
            ({"TTS_API_KEY": None}, "VAULT_PATH: neither text nor number in the secret: TTS_API_KEY"),
            ({"DATABASE_URL": "mysql://password@db"}, "DATABASE_URL: "),
        ],
    )
    def test_invalid_secret_is_refused_as_a_whole(
        self,
        service: RotatingService,
        rotating_api: ApiClient,
        names: IdFactory,
        changes: dict[str, Any],
        problem: str,
    ) -> None:
        """The alert lasts until a valid version; a valid credential beside the invalid value is not used either."""
        version = service.metric("vault_secret_version")
        triggers = service.triggers("vault-secret")
        service.write({**REJECTED_CREDENTIALS, **changes})
        wait_until(lambda: service.triggers("vault-secret") > triggers, "an alert is raised")
        in_use = service.metric("vault_secret_version")
        speech = synthesize_status(rotating_api, names)
        service.rotate()
        wait_until(lambda: service.receiver.actions("vault-secret")[-1] == "resolve", "the alert is resolved")

        entry = log_entries(service, "secret_refused")[-1]
        assert (in_use, speech, entry["in_use"]) == (version, 200, version)
        assert entry["problem"].startswith(problem)
        assert "password@" not in service.log.read_text(encoding="utf-8")


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
            lambda: log_entries(service, "vault_unavailable")[-1]["server"] == reason.server,
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
