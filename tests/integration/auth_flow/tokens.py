"""Access tokens: forged, expired, and signed with a key from Vault."""

from __future__ import annotations

import time

import httpx
import jwt
import pytest

from local_stack.stack import ADMIN, Stack
from tests.integration.accounts import Account, Login, assert_unauthenticated, login_client, profile_status
from tests.integration.api import ApiClient
from tests.integration.controlled_stack import control_stack
from tests.integration.deployment import require_local_stack
from tests.integration.given_servers import SuiteVault
from tests.integration.ids import IdFactory
from tests.integration.jwt_attacks import ATTACKS, CURRENT_KEY, PREVIOUS_KEY, ValidToken
from tests.integration.settings import ACCESS_TOKEN_SECONDS, VAULT_KEY, VAULT_SECRET
from tests.integration.strict_service import StrictService
from tests.integration.waiting import wait_until


@pytest.fixture
def valid_token(account: Account, login: Login) -> ValidToken:
    """The access token of a new login."""
    return ValidToken(login(account)["access_token"])


class TestJwtEdgeCases:
    """Forged, changed and expired access tokens."""

    def test_valid_tokens_are_accepted(self, anonymous: ApiClient, valid_token: ValidToken) -> None:
        """Tokens signed by the test with either key are valid too, so each attack fails for its own reason."""
        require_local_stack("needs the signing keys")
        tokens = [valid_token.token, valid_token.resigned_with(), valid_token.resigned_with(key=PREVIOUS_KEY)]

        assert [profile_status(anonymous, token) for token in tokens] == [200, 200, 200]

    @pytest.mark.parametrize("attack", ATTACKS)
    def test_forged_token_is_rejected(
        self, anonymous: ApiClient, valid_token: ValidToken, attack: str
    ) -> None:
        """The error is that of every unauthenticated request."""
        token = ATTACKS[attack](valid_token)

        response = anonymous.get(
            "/auth/profile", headers={"Authorization": f"Bearer {token}".rstrip().encode()}
        )

        assert_unauthenticated(response)

    def test_token_is_rejected_from_its_expiry_on(
        self, anonymous: ApiClient, valid_token: ValidToken
    ) -> None:
        """No leeway is granted for clock skew."""
        require_local_stack("needs the signing keys")
        now = int(time.time())

        statuses = [
            profile_status(anonymous, valid_token.resigned_with(exp=now + seconds)) for seconds in (30, 0, -1)
        ]

        assert statuses == [200, 401, 401]

    def test_access_token_expires(self, strict_service: StrictService) -> None:
        """It is issued for its lifetime; the same token issued that long ago is rejected."""
        api = strict_service.anonymous
        login = api.post("/auth/login", {"email": ADMIN[0], "password": ADMIN[1]}).json()
        token = ValidToken(login["access_token"])
        claims = token.claims
        past = {name: claims[name] - ACCESS_TOKEN_SECONDS for name in ("iat", "nbf", "exp")}

        statuses = [
            profile_status(api, candidate) for candidate in (token.token, token.resigned_with(**past))
        ]

        assert claims["exp"] - claims["iat"] == login["expires_in"] == ACCESS_TOKEN_SECONDS
        assert statuses == [200, 401]


class TestKeysFromVault:
    """Signing keys and vendor credentials that come from Vault."""

    def test_tokens_are_signed_with_the_key_from_vault(self, vault_stack: Stack) -> None:
        """The key id names it, and a token of another key is rejected."""
        api = login_client(vault_stack.url, *ADMIN)
        token = api.headers["Authorization"].removeprefix("Bearer ")
        signed = ValidToken(token).resigned_with(key=("from-vault", VAULT_KEY.partition(":")[2]))

        statuses = [
            profile_status(api, candidate)
            for candidate in (token, signed, ValidToken(token).resigned_with(key=CURRENT_KEY))
        ]
        api.close()

        assert jwt.get_unverified_header(token)["kid"] == "from-vault"
        assert statuses == [200, 200, 401]

    def test_vendor_credentials_come_from_vault(self, vault_stack: Stack) -> None:
        """The TTS vendor accepts the key that only Vault holds."""
        api = login_client(vault_stack.url, *ADMIN)

        response = api.post("/tts/synthesize", {"text": "Good evening."})
        api.close()

        assert (response.status_code, response.headers["content-type"]) == (200, "audio/mpeg")

    def test_credential_that_the_vendor_rejects_is_read_again_at_once(
        self,
        vault_stack: Stack,
        secrets_in_vault: SuiteVault,
        control: httpx.Client,
        names: IdFactory,
        request: pytest.FixtureRequest,
    ) -> None:
        """The key was rotated at the vendor and in Vault; a request shows it, an hour before the next poll."""
        body = {"text": f"Room {names.call()}"}
        with control_stack(vault_stack, control, request.config) as (api, vendors):
            vendors.tts.set_provider_state("an API key", key="rotated")
            secrets_in_vault.write({**VAULT_SECRET, "TTS_API_KEY": "rotated"})

            rejected = api.post("/tts/synthesize", body)
            wait_until(lambda: api.post("/tts/synthesize", body).status_code == 200, "the new key is in use")

            secrets_in_vault.write(VAULT_SECRET)
            vendors.tts.set_provider_state("an API key")
            wait_until(
                lambda: api.post("/tts/synthesize", {"text": names.call()}).status_code == 200,
                "the first key is in use again",
            )
        assert rejected.status_code == 503
