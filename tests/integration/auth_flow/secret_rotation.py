"""Secrets that are rotated in Vault while the service runs."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from local_stack.stack import ADMIN, WEBHOOK_SECRET, Stack
from provider_verification.stubs.vendors.livekit.state import API_SECRET
from tests.integration.accounts import login_client, profile_status
from tests.integration.api import ApiClient
from tests.integration.auth_flow.rotating_service import RotatingService, synthesize_status
from tests.integration.call_events import call_ended, call_started
from tests.integration.ids import IdFactory
from tests.integration.jwt_attacks import CURRENT_KEY, JWT_KEYS
from tests.integration.scenarios import exported_calls
from tests.integration.settings import VAULT_KEY
from tests.integration.waiting import wait_until
from tests.integration.webhooks import deliver_apaleo, deliver_livekit, room_finished, sign_livekit

REJECTED_CREDENTIALS = {
    "PMS_CLIENT_SECRET": "rejected",
    "TTS_API_KEY": "rejected",
    "LIVEKIT_API_SECRET": "rejected-and-long-enough-for-an-hmac-signature",
}


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

    def test_webhooks_are_verified_with_rotated_secrets(
        self, service: RotatingService, names: IdFactory
    ) -> None:
        """Those of LiveKit and of Apaleo; the former secrets are rejected."""
        new_secrets = {"LIVEKIT_API_SECRET": "a-new-" * 8, "APALEO_WEBHOOK_SECRET": "a-new-secret"}
        service.rotate(new_secrets)
        stack = Stack(service.url, {})
        body = room_finished(service.vendors, names.call())
        event = service.vendors.apaleo.message("a reservation was amended")

        livekit = [
            deliver_livekit(stack, body, sign_livekit(body, secret)).status_code
            for secret in (API_SECRET, new_secrets["LIVEKIT_API_SECRET"])
        ]
        apaleo = [
            deliver_apaleo(stack, event, secret).status_code
            for secret in (WEBHOOK_SECRET, new_secrets["APALEO_WEBHOOK_SECRET"])
        ]

        assert (livekit, apaleo) == ([401, 200], [401, 200])

    def test_value_that_needs_a_restart_is_named_and_not_used(
        self, service: RotatingService, rotating_api: ApiClient, names: IdFactory
    ) -> None:
        """The pseudonym of a caller stays the same, so that the call record is still found."""
        phone, call_id = names.phone(), names.call()
        rotating_api.send_event(call_started(call_id, phone))
        rotating_api.send_event(call_ended(call_id))

        service.rotate({"PRIVACY_KEY": "another-key-that-takes-effect-at-the-next-start"})

        assert len(exported_calls(rotating_api, phone)) == 1
        assert service.log_entries("secret_needs_restart")[-1]["variables"] == ["PRIVACY_KEY"]

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"JWT_KEY": "a-misspelled-name"}, "VAULT_PATH: unknown names in the secret: JWT_KEY"),
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

        entry = service.log_entries("secret_refused")[-1]
        assert (in_use, speech, entry["in_use"]) == (version, 200, version)
        assert entry["problem"].startswith(problem)
        assert "password@" not in service.log.read_text(encoding="utf-8")
