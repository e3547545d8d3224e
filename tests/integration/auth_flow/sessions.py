"""Sessions and refresh tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local_stack.stack import ADMIN, Stack, run_stack
from tests.integration.accounts import Account, Login, login_client, profile_status
from tests.integration.api import TIMEOUT_SECONDS, ApiClient, bearer
from tests.integration.deployment import require_local_stack
from tests.integration.jwt_attacks import ValidToken
from tests.integration.settings import LENIENT_SETTINGS, SESSION_SECONDS
from tests.integration.strict_service import StrictService
from tests.integration.waiting import wait_until
from tests.redis_server import RedisServer, redis_server


class TestRefresh:
    """A refresh token can be used once."""

    def test_reused_refresh_token_ends_the_session(self, strict_service: StrictService) -> None:
        """Reuse after the grace period, here none, indicates theft, so the session ends for both holders."""
        anonymous = strict_service.anonymous
        first = anonymous.post("/auth/login", {"email": ADMIN[0], "password": ADMIN[1]}).json()
        second = anonymous.post("/auth/refresh", {"refresh_token": first["refresh_token"]}).json()

        reused = anonymous.post("/auth/refresh", {"refresh_token": first["refresh_token"]})

        assert reused.status_code == 401
        assert profile_status(anonymous, second["access_token"]) == 401
        assert anonymous.post("/auth/refresh", {"refresh_token": second["refresh_token"]}).status_code == 401

    async def test_concurrent_refreshes_succeed_exactly_once(
        self, anonymous: ApiClient, account: Account, login: Login
    ) -> None:
        """The tokens of the winner work; several rounds, because a race is a matter of luck."""
        tokens = [login(account)["refresh_token"] for _ in range(10)]
        async with httpx.AsyncClient(base_url=anonymous.url, timeout=TIMEOUT_SECONDS) as http:
            await asyncio.gather(*(http.get("/healthz") for _ in range(8)))  # opens the connections

            rounds = [
                await asyncio.gather(
                    *(http.post("/auth/refresh", json={"refresh_token": token}) for _ in range(8))
                )
                for token in tokens
            ]

        statuses = [sorted(response.status_code for response in responses) for responses in rounds]
        assert statuses == [[200, *[401] * 7]] * 10
        winners = [response.json() for responses in rounds for response in responses if response.is_success]
        refreshed = [
            anonymous.post("/auth/refresh", {"refresh_token": winner["refresh_token"]}) for winner in winners
        ]
        assert [profile_status(anonymous, winner["access_token"]) for winner in winners] == [200] * 10
        assert [response.status_code for response in refreshed] == [200] * 10

    @pytest.mark.parametrize("change", ["", "x", "a.b.c", "a.-1.c", "\u0661"])
    def test_invalid_refresh_token_is_rejected(self, anonymous: ApiClient, change: str) -> None:
        """Tokens of every invalid form are rejected."""
        assert anonymous.post("/auth/refresh", {"refresh_token": change}).status_code == 401

    def test_access_and_refresh_tokens_are_not_interchangeable(
        self, anonymous: ApiClient, account: Account, login: Login
    ) -> None:
        """An access token does not refresh, and a refresh token gives no access."""
        tokens = login(account)

        swapped = anonymous.post("/auth/refresh", {"refresh_token": tokens["access_token"][:256]})

        assert (swapped.status_code, profile_status(anonymous, tokens["refresh_token"])) == (401, 401)


class TestSessions:
    """Sessions, kept in a real Redis."""

    def test_logout_of_one_session_keeps_the_others(
        self, anonymous: ApiClient, account: Account, login: Login
    ) -> None:
        """A user lists sessions and ends one by its id."""
        first, second = login(account), login(account)
        own_headers = bearer(first["access_token"])
        listed = anonymous.get_json("/auth/sessions", headers=own_headers)
        other = next(session["session_id"] for session in listed if not session["current"])

        anonymous.post("/auth/logout", {"session_id": other}, headers=own_headers)

        assert len(listed) == 2
        assert [profile_status(anonymous, tokens["access_token"]) for tokens in (first, second)] == [200, 401]

    def test_logout_of_all_sessions(self, anonymous: ApiClient, account: Account, login: Login) -> None:
        """Every token of the user is rejected afterwards."""
        tokens = [login(account)["access_token"] for _ in range(3)]

        ended = anonymous.post("/auth/logout", {"all_sessions": True}, headers=bearer(tokens[0])).json()

        assert ended["sessions_ended"] == 3
        assert [profile_status(anonymous, token) for token in tokens] == [401] * 3

    def test_session_of_another_user_is_not_found(
        self, anonymous: ApiClient, admin: ApiClient, account: Account, login: Login
    ) -> None:
        """404, and the other session stays valid."""
        tokens = login(account)
        foreign_session = admin.get_json("/auth/sessions")[0]["session_id"]

        response = anonymous.post(
            "/auth/logout", {"session_id": foreign_session}, headers=bearer(tokens["access_token"])
        )

        assert (response.status_code, admin.get("/auth/profile").status_code) == (404, 200)

    def test_empty_session_id_is_not_the_own_session(
        self, anonymous: ApiClient, account: Account, login: Login
    ) -> None:
        """404 as for any other id that names no session."""
        token = login(account)["access_token"]

        response = anonymous.post("/auth/logout", {"session_id": ""}, headers=bearer(token))

        assert (response.status_code, profile_status(anonymous, token)) == (404, 200)

    def test_remember_me_extends_the_session(
        self, anonymous: ApiClient, account: Account, login: Login
    ) -> None:
        """A remembered session lasts thirty times as long."""
        lifetimes = []
        for remember in (False, True):
            token = login(account, remember_me=remember)["access_token"]
            listed = anonymous.get_json("/auth/sessions", headers=bearer(token))
            current = next(session for session in listed if session["current"])
            lifetimes.append(round(current["expires_at"] - current["created_at"]))

        assert lifetimes == [8 * 3600, 30 * 8 * 3600]


@pytest.fixture
def stack_with_own_redis(tmp_path: Path) -> Iterator[tuple[Stack, RedisServer]]:
    """A service with a Redis of its own that the test can kill."""
    require_local_stack("kills Redis")
    with (
        redis_server() as server,
        run_stack(tmp_path, {**LENIENT_SETTINGS, "REDIS_URL": server.url}) as stack,
    ):
        yield stack, server


class TestRedisAway:
    """Redis is killed and restarted."""

    def test_redis_outage_returns_503_and_recovers(
        self, stack_with_own_redis: tuple[Stack, RedisServer]
    ) -> None:
        """503 and not ready during the outage, never 500; afterwards a new login works."""
        stack, server = stack_with_own_redis
        user = login_client(stack.url, *ADMIN)
        server.kill()
        during_outage = [user.get("/auth/profile"), user.get("/readyz")]
        server.start()
        wait_until(lambda: user.get("/readyz").status_code == 200, "the service is ready again")

        old_session = user.get("/auth/profile").status_code
        new_login = login_client(stack.url, *ADMIN)
        new_session = new_login.get("/auth/profile").status_code
        user.close()
        new_login.close()

        assert [response.status_code for response in during_outage] == [503, 503]
        assert [response.json()["error"]["code"] for response in during_outage] == ["SERVICE_UNAVAILABLE"] * 2
        assert "redis" in during_outage[1].json()["error"]["message"]
        assert (old_session, new_session) == (401, 200)


class TestSessionExpiry:
    """Sessions have a limited lifetime."""

    def test_session_expires(self, strict_service: StrictService) -> None:
        """It is stored for its lifetime; afterwards its access and refresh tokens are rejected."""
        api = strict_service.anonymous
        tokens = api.post("/auth/login", {"email": ADMIN[0], "password": ADMIN[1]}).json()
        session_id = ValidToken(tokens["access_token"]).claims["session_id"]
        ttl = strict_service.redis.session_ttl(session_id)
        before = profile_status(api, tokens["access_token"])

        strict_service.redis.expire_session(session_id)

        refreshed = api.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]})
        assert SESSION_SECONDS - 600 < ttl <= SESSION_SECONDS
        assert (before, profile_status(api, tokens["access_token"]), refreshed.status_code) == (200, 401, 401)
