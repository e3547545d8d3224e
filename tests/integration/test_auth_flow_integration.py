"""Who gets in, what they may do, and how they leave."""

from __future__ import annotations

import asyncio
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from local_stack.stack import ADMIN, Stack, run_stack
from tests.integration.access_matrix import ACCESS_MATRIX, ALL_CALLERS, CALLERS, ROLES, WEBHOOKS
from tests.integration.api import ApiClient, IdFactory, bearer
from tests.integration.conftest import (
    LENIENT_SETTINGS,
    VAULT_KEY,
    MakeUser,
    create_api_key,
    login_client,
    require_local_stack,
)
from tests.integration.jwt_attacks import (
    ATTACKS,
    CURRENT_KEY,
    PREVIOUS_KEY,
    REQUIRED_CLAIMS,
    ValidToken,
    encode_token,
)
from tests.redis_server import RedisServer, redis_server

PASSWORD = "correct horse battery"
DEADLINE = 30.0
WINDOW_SECONDS = 3.1
"""Seconds after which nothing is left in a window of the strict service: asked more often, it would never be empty."""
UNAUTHENTICATED_ERROR = {"code": "AUTHENTICATION_ERROR", "message": "Log in first, or send an API key."}
Account = tuple[str, str]


@pytest.fixture
def account(admin: ApiClient, names: IdFactory) -> Account:
    """Somebody who may log in."""
    email = names.email()
    admin.post("/auth/admin/users", {"email": email, "password": PASSWORD, "roles": ["operator"]})
    return email, PASSWORD


@pytest.fixture
def login(anonymous: ApiClient) -> Callable[..., dict[str, Any]]:
    """Logs in and gives the tokens."""

    def logging_in(account: Account, **more: Any) -> dict[str, Any]:
        answer = anonymous.post("/auth/login", {"email": account[0], "password": account[1], **more})
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    return logging_in


Login = Callable[..., dict[str, Any]]


def profile(api: ApiClient, token: str) -> int:
    """How the profile is answered to a token."""
    return api.get("/auth/profile", headers=bearer(token)).status_code


class TestAuthFlowIntegration:
    """From login to logout."""

    @pytest.mark.critical
    def test_login_profile_refresh_logout(self, anonymous: ApiClient, account: Account, login: Login) -> None:
        """Each step does its part, and after the last one nothing is good any more."""
        tokens = login(account)
        seen = anonymous.get("/auth/profile", headers=bearer(tokens["access_token"])).json()
        renewed = anonymous.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).json()
        left = anonymous.post("/auth/logout", headers=bearer(renewed["access_token"]))

        assert (seen["email"], seen["roles"]) == (account[0], ["operator"])
        assert seen["permissions"] == ["call:end", "call:start", "call:view", "hotel:view"]
        assert renewed["access_token"] != tokens["access_token"]
        assert (left.status_code, left.json()["sessions_ended"]) == (200, 1)
        assert [profile(anonymous, one["access_token"]) for one in (tokens, renewed)] == [401, 401]
        again = anonymous.post("/auth/refresh", {"refresh_token": renewed["refresh_token"]})
        assert again.status_code == 401

    def test_a_login_tells_what_it_gives(self, account: Account, login: Login) -> None:
        """The form that clients know."""
        tokens = login(account)

        assert tokens.keys() == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
        assert (tokens["token_type"], tokens["expires_in"], tokens["user"]["email"]) == (
            "bearer",
            900,
            account[0],
        )

    def test_an_address_is_one_in_any_case(self, account: Account, login: Login) -> None:
        """People write it as they like."""
        assert login((account[0].upper(), account[1]))["user"]["email"] == account[0]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"email": "nobody"}, "email"),
            ({"password": "short"}, "password"),
            ({"password": "x" * 257}, "password"),
            ({"password": None}, "password"),
            ({"remember_me": "perhaps"}, "remember_me"),
            ({"otp": "123456"}, "otp"),
        ],
    )
    def test_a_wrong_login_form_is_named(
        self, anonymous: ApiClient, change: dict[str, Any], field: str
    ) -> None:
        """The field, without what was typed."""
        answer = anonymous.post("/auth/login", {"email": "a@b.example", "password": PASSWORD} | change)

        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["error"]["details"]] == [field]
        assert PASSWORD not in answer.text

    @pytest.mark.parametrize("scheme", ["Basic", "Token", "Bearer Bearer", ""])
    def test_another_scheme_is_refused(
        self, anonymous: ApiClient, account: Account, login: Login, scheme: str
    ) -> None:
        """Even with a good token behind it."""
        token = login(account)["access_token"]

        answer = anonymous.get("/auth/profile", headers={"Authorization": f"{scheme} {token}".strip()})

        assert answer.status_code == 401

    def test_a_users_name_is_taken_once(self, admin: ApiClient, account: Account) -> None:
        """409, also in another case."""
        new = {"email": account[0].upper(), "password": PASSWORD, "roles": ["viewer"]}

        assert admin.post("/auth/admin/users", new).status_code == 409

    def test_security_headers_are_on_every_answer(self, anonymous: ApiClient) -> None:
        """Also on errors."""
        for path in ("/healthz", "/nowhere", "/auth/profile"):
            headers = anonymous.get(path).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Cache-Control"] == "no-store"
            assert "max-age" in headers["Strict-Transport-Security"]


class TestRefresh:
    """A refresh token is good once."""

    def test_a_refresh_token_is_used_up(self, anonymous: ApiClient, account: Account, login: Login) -> None:
        """The second use is a theft: the session ends for both."""
        first = login(account)
        second = anonymous.post("/auth/refresh", {"refresh_token": first["refresh_token"]}).json()

        stolen = anonymous.post("/auth/refresh", {"refresh_token": first["refresh_token"]})

        assert stolen.status_code == 401
        assert profile(anonymous, second["access_token"]) == 401
        assert anonymous.post("/auth/refresh", {"refresh_token": second["refresh_token"]}).status_code == 401

    def test_concurrent_refreshes_succeed_exactly_once(
        self, anonymous: ApiClient, account: Account, login: Login
    ) -> None:
        """A race is a theft too."""
        token = login(account)["refresh_token"]

        with ThreadPoolExecutor(8) as pool:
            statuses = list(
                pool.map(
                    lambda _: anonymous.post("/auth/refresh", {"refresh_token": token}).status_code, range(8)
                )
            )

        assert statuses.count(200) <= 1
        assert set(statuses) <= {200, 401}

    @pytest.mark.parametrize("change", ["", "x", "a.b.c", "a.-1.c", "\u0661"])
    def test_a_made_up_refresh_token_is_refused(self, anonymous: ApiClient, change: str) -> None:
        """Whatever it looks like."""
        assert anonymous.post("/auth/refresh", {"refresh_token": change}).status_code == 401

    def test_an_access_token_does_not_refresh(
        self, anonymous: ApiClient, account: Account, login: Login
    ) -> None:
        """Nor does a refresh token give access."""
        tokens = login(account)

        swapped = anonymous.post("/auth/refresh", {"refresh_token": tokens["access_token"][:256]})

        assert (swapped.status_code, profile(anonymous, tokens["refresh_token"])) == (401, 401)


class TestSessions:
    """Sessions, kept in a real Redis."""

    def test_sessions_are_listed_and_ended_one_by_one(
        self, anonymous: ApiClient, account: Account, login: Login
    ) -> None:
        """The other ones go on."""
        first, second = login(account), login(account)
        mine = bearer(first["access_token"])
        listed = anonymous.get("/auth/sessions", headers=mine).json()
        other = next(one["session_id"] for one in listed if not one["current"])

        anonymous.post("/auth/logout", {"session_id": other}, headers=mine)

        assert len(listed) == 2
        assert [profile(anonymous, one["access_token"]) for one in (first, second)] == [200, 401]

    def test_all_sessions_end_at_once(self, anonymous: ApiClient, account: Account, login: Login) -> None:
        """When a telephone is lost."""
        tokens = [login(account)["access_token"] for _ in range(3)]

        ended = anonymous.post("/auth/logout", {"all_sessions": True}, headers=bearer(tokens[0])).json()

        assert ended["sessions_ended"] == 3
        assert [profile(anonymous, token) for token in tokens] == [401] * 3

    def test_another_users_session_cannot_be_ended(
        self, anonymous: ApiClient, admin: ApiClient, account: Account, login: Login
    ) -> None:
        """It is as if it were not there."""
        tokens = login(account)
        theirs = admin.get("/auth/sessions").json()[0]["session_id"]

        answer = anonymous.post(
            "/auth/logout", {"session_id": theirs}, headers=bearer(tokens["access_token"])
        )

        assert (answer.status_code, admin.get("/auth/profile").status_code) == (404, 200)

    def test_remembered_sessions_live_longer(
        self, anonymous: ApiClient, account: Account, login: Login
    ) -> None:
        """Thirty times as long."""
        lives = []
        for remember in (False, True):
            token = login(account, remember_me=remember)["access_token"]
            listed = anonymous.get("/auth/sessions", headers=bearer(token)).json()
            current = next(one for one in listed if one["current"])
            lives.append(round(current["expires_at"] - current["created_at"]))

        assert lives == [8 * 3600, 30 * 8 * 3600]


@pytest.fixture
def stack_with_own_redis(tmp_path: Path) -> Iterator[tuple[Stack, RedisServer]]:
    """A service with a Redis of its own, which may be killed."""
    require_local_stack("kills Redis")
    with (
        redis_server() as server,
        run_stack(tmp_path, {**LENIENT_SETTINGS, "REDIS_URL": server.url}) as stack,
    ):
        yield stack, server


class TestRedisAway:
    """Redis dies, and comes back."""

    def test_redis_outage_returns_503_and_recovers(
        self, stack_with_own_redis: tuple[Stack, RedisServer]
    ) -> None:
        """503 and not ready while it is away, never 500; sessions are gone, and a new login works."""
        stack, server = stack_with_own_redis
        user = login_client(stack.url, *ADMIN)
        server.kill()
        away = [user.get("/auth/profile"), user.get("/readyz")]
        server.start()
        _until(lambda: user.get("/readyz").status_code == 200)

        forgotten = user.get("/auth/profile").status_code
        again = login_client(stack.url, *ADMIN)
        back = again.get("/auth/profile").status_code
        user.close()
        again.close()

        assert [answer.status_code for answer in away] == [503, 503]
        assert [answer.json()["error"]["code"] for answer in away] == ["SERVICE_UNAVAILABLE"] * 2
        assert "redis" in away[1].json()["error"]["message"]
        assert (forgotten, back) == (401, 200)


class TestSessionExpiry:
    """Nothing is good for ever."""

    def test_session_expires(self, strict_stack: Stack) -> None:
        """After its time a refresh token is none any more."""
        tokens = _eventual_login(strict_stack)
        with httpx.Client(base_url=strict_stack.url, timeout=20) as http:
            _until(
                lambda: http.get("/auth/sessions", headers=bearer(tokens["access_token"])).status_code == 401,
                WINDOW_SECONDS,
            )
            _until(lambda: _refused(http).headers["x-ratelimit-remaining"] == "4", WINDOW_SECONDS)

            answer = http.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})

        assert answer.status_code == 401


class TestAudit:
    """Who did what can be told later."""

    def test_logins_and_refusals_are_noted_without_addresses(
        self, anonymous: ApiClient, account: Account, login: Login, service_log: Callable[[], str]
    ) -> None:
        """By the user's id, and by why not."""
        user = login(account)["user"]["user_id"]
        anonymous.post("/auth/login", {"email": account[0], "password": "wrong password"})

        log = service_log()

        lines = [json.loads(line) for line in log.splitlines() if '"event": "audit"' in line]
        logins = [(line["actor"], line["outcome"]) for line in lines if line["action"] == "login"]
        assert (user, "success") in logins
        assert ("nobody", "wrong") in logins
        assert account[0] not in log


class TestApiKeys:
    """Keys of services."""

    def test_a_key_is_shown_once(self, admin: ApiClient) -> None:
        """And never again."""
        made = create_api_key(admin, "call:start")

        listed = next(one for one in admin.get("/auth/api-keys").json() if one["id"] == made["id"])

        assert made["key"].startswith("vh_")
        assert (listed["key"], listed["permissions"]) == (None, ["call:start"])
        assert made["key"] not in admin.get("/auth/api-keys").text

    def test_api_key_is_limited_to_its_permissions(self, anonymous: ApiClient, admin: ApiClient) -> None:
        """And nothing else."""
        speaking = create_api_key(admin, "call:start")["key"]
        viewing = create_api_key(admin, "call:view")["key"]

        statuses = [
            anonymous.post("/tts/synthesize", {"text": "Good day."}, headers={"X-API-Key": key}).status_code
            for key in (speaking, viewing)
        ]

        assert statuses == [200, 403]

    def test_revoked_api_key_is_rejected(self, anonymous: ApiClient, admin: ApiClient) -> None:
        """At once."""
        made = create_api_key(admin, "call:start")

        gone = admin.delete(f"/auth/api-keys/{made['id']}")

        used = anonymous.post("/tts/synthesize", {"text": "Hi"}, headers={"X-API-Key": made["key"]})
        assert (gone.status_code, used.status_code) == (204, 401)

    def test_a_rotated_key_has_a_new_secret(self, anonymous: ApiClient, admin: ApiClient) -> None:
        """The old one is dead, the rights are the same."""
        made = create_api_key(admin, "call:start")

        fresh = admin.post(f"/auth/api-keys/{made['id']}/rotate").json()

        statuses = [
            anonymous.post(
                "/tts/synthesize", {"text": "Good day."}, headers={"X-API-Key": one["key"]}
            ).status_code
            for one in (made, fresh)
        ]
        assert (statuses, fresh["permissions"]) == ([401, 200], ["call:start"])

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda key: key[:0],
            lambda key: key[:3],
            lambda key: key[:-1],
            lambda key: f"{key}x",
            lambda key: key.replace("vh_", "VH_"),
            lambda key: f"vh_{'0' * 16}_{key.rpartition('_')[2]}",
            lambda key: f"vh_' OR '1'='1_{key.rpartition('_')[2]}",
            lambda key: key * 50,
        ],
    )
    def test_malformed_api_key_is_rejected(
        self, anonymous: ApiClient, admin: ApiClient, spoil: Callable[[str], str]
    ) -> None:
        """With the words for everybody."""
        key = spoil(create_api_key(admin, "call:start")["key"])

        answer = anonymous.post("/tts/synthesize", {"text": "Hi"}, headers={"X-API-Key": key})

        assert answer.status_code == 401
        assert answer.json()["error"] | UNAUTHENTICATED_ERROR == answer.json()["error"]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"permissions": []}, "permissions"),
            ({"permissions": ["everything"]}, "permissions.0"),
            ({"expires_days": 0}, "expires_days"),
            ({"name": ""}, "name"),
        ],
    )
    def test_a_wrong_key_request_is_named(self, admin: ApiClient, change: dict[str, Any], field: str) -> None:
        """The field."""
        wanted = {"name": "n", "service_name": "s", "permissions": ["call:start"]} | change

        answer = admin.post("/auth/api-keys", wanted)

        assert [one["field"] for one in answer.json()["error"]["details"]] == [field]


@pytest.fixture(scope="session")
def callers(stack: Stack, admin: ApiClient, worker_id: str) -> Iterator[dict[str, ApiClient]]:
    """One of each kind."""
    names = IdFactory(f"r{worker_id}")
    found = {"nobody": ApiClient(stack.url)}
    for role in ROLES:
        email = names.email()
        admin.post("/auth/admin/users", {"email": email, "password": PASSWORD, "roles": [role]})
        found[role] = login_client(stack.url, email, PASSWORD)
    found["service"] = ApiClient(
        stack.url, {"X-API-Key": create_api_key(admin, "call:start", "call:end")["key"]}
    )
    yield found
    for api in found.values():
        api.close()


class TestRoleBasedAccess:
    """The full table: each route and each kind of caller."""

    @pytest.mark.critical
    def test_every_route_is_in_the_table(self, anonymous: ApiClient) -> None:
        """A route that nobody thought about fails here."""
        document = anonymous.get("/openapi.json").json()

        routes = {(method.upper(), path) for path, item in document["paths"].items() for method in item}

        assert routes == set(ACCESS_MATRIX)

    @pytest.mark.parametrize("caller", CALLERS)
    @pytest.mark.parametrize("route", ACCESS_MATRIX, ids=" ".join)
    def test_access_matrix(self, callers: dict[str, ApiClient], route: tuple[str, str], caller: str) -> None:
        """And is refused in the one form."""
        right = ACCESS_MATRIX[route]
        expected = 401 if right.path in WEBHOOKS else right.expected(caller)

        answer = callers[caller].http.request(route[0], right.path, json=right.body)

        assert answer.status_code == expected
        if expected in {401, 403}:
            names = {401: "AUTHENTICATION_ERROR", 403: "AUTHORIZATION_ERROR"}
            assert answer.json()["error"]["code"] == names[expected]

    @pytest.mark.parametrize(
        "route",
        [
            route
            for route, right in ACCESS_MATRIX.items()
            if route[0] == "POST" and "nobody" not in right.allowed
        ],
        ids=" ".join,
    )
    def test_unauthenticated_request_gets_401_before_validation(
        self, anonymous: ApiClient, route: tuple[str, str]
    ) -> None:
        """Credentials are looked at first: 401, whatever was sent."""
        answer = anonymous.http.post(
            ACCESS_MATRIX[route].path, content=b"{", headers={"Content-Type": "application/json"}
        )

        assert answer.status_code == 401

    def test_a_closed_route_says_so_in_the_document(self, anonymous: ApiClient) -> None:
        """What a client generator needs to know."""
        document = anonymous.get("/openapi.json").json()

        closed = {
            (method.upper(), path)
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if operation.get("security")
        }

        open_routes = {route for route, right in ACCESS_MATRIX.items() if right.allowed == ALL_CALLERS}
        assert closed == set(ACCESS_MATRIX) - open_routes - {("POST", path) for path in WEBHOOKS}


@pytest.fixture
def valid_token(account: Account, login: Login) -> ValidToken:
    """A good token."""
    return ValidToken(login(account)["access_token"])


class TestJwtEdgeCases:
    """Tokens that somebody made up."""

    def test_valid_tokens_are_accepted(self, anonymous: ApiClient, valid_token: ValidToken) -> None:
        """Also signed by us with both keys: what follows fails for its own reason only."""
        require_local_stack("needs the signing keys")
        tokens = [valid_token.token, valid_token.resigned_with(), valid_token.resigned_with(key=PREVIOUS_KEY)]

        assert [profile(anonymous, token) for token in tokens] == [200, 200, 200]

    @pytest.mark.parametrize("attack", ATTACKS)
    def test_an_attack_is_refused(self, anonymous: ApiClient, valid_token: ValidToken, attack: str) -> None:
        """With the same words as any other."""
        token = ATTACKS[attack](valid_token)

        answer = anonymous.get(
            "/auth/profile", headers={"Authorization": f"Bearer {token}".rstrip().encode()}
        )

        assert answer.status_code == 401
        assert answer.json()["error"] | UNAUTHENTICATED_ERROR == answer.json()["error"]

    def test_there_are_enough_attacks(self) -> None:
        """At least sixty, each another token."""
        good = ValidToken(_example_token())

        assert len({attack(good) for attack in ATTACKS.values()}) == len(ATTACKS) >= 60

    def test_expiry_is_exact(self, anonymous: ApiClient, valid_token: ValidToken) -> None:
        """A token of the next seconds is good, one of this second is not; none lives longer for a slow clock."""
        require_local_stack("needs the signing keys")
        now = int(time.time())

        statuses = [profile(anonymous, valid_token.resigned_with(exp=now + more)) for more in (30, 0, -1)]

        assert statuses == [200, 401, 401]

    def test_a_token_expires(self, strict_stack: Stack) -> None:
        """After its second."""
        user = ApiClient(strict_stack.url, bearer(_eventual_login(strict_stack)["access_token"]))

        _until(lambda: user.get("/auth/sessions").status_code == 401)

        user.close()


class TestKeysFromVault:
    """Signing keys and vendors' credentials may be in Vault."""

    def test_tokens_are_signed_with_vaults_key(self, vault_stack: Stack) -> None:
        """And are good; the key's id says where it came from."""
        api = login_client(vault_stack.url, *ADMIN)
        token = api.headers["Authorization"].removeprefix("Bearer ")
        signed = ValidToken(token).resigned_with(key=("from-vault", VAULT_KEY.partition(":")[2]))

        statuses = [
            profile(api, one) for one in (token, signed, ValidToken(token).resigned_with(key=CURRENT_KEY))
        ]
        api.close()

        assert jwt.get_unverified_header(token)["kid"] == "from-vault"
        assert statuses == [200, 200, 401]

    def test_the_vendors_credentials_are_vaults(self, vault_stack: Stack) -> None:
        """The voice vendor takes the key that stands nowhere else."""
        api = login_client(vault_stack.url, *ADMIN)

        spoken = api.post("/tts/synthesize", {"text": "Good evening."})
        api.close()

        assert (spoken.status_code, spoken.headers["content-type"]) == (200, "audio/mpeg")


class TestNoInformationLeak:
    """An error does not help whoever guesses."""

    def test_wrong_address_and_wrong_password_look_alike(
        self, anonymous: ApiClient, account: Account
    ) -> None:
        """Same status, same words, same headers."""
        known = anonymous.post("/auth/login", {"email": account[0], "password": "wrong password"})
        unknown = anonymous.post("/auth/login", {"email": f"x{account[0]}", "password": "wrong password"})

        kept = ("code", "message", "retryable", "details")
        assert known.status_code == unknown.status_code == 401
        assert [known.json()["error"][name] for name in kept] == [
            unknown.json()["error"][name] for name in kept
        ]
        ids = {"x-correlation-id", "date", "x-ratelimit-remaining", "x-ratelimit-reset"}
        assert {*known.headers.items()} ^ {*unknown.headers.items()} <= {
            item for answer in (known, unknown) for item in answer.headers.items() if item[0] in ids
        }

    def test_wrong_address_and_wrong_password_take_as_long(
        self, strict_stack: Stack, names: IdFactory
    ) -> None:
        """A password is hashed whether there is such a user or not."""
        known, unknown = [], []
        with httpx.Client(base_url=strict_stack.url, timeout=20) as http:
            for _ in range(4):
                known.append(_timed_login(http, ADMIN[0]))
                unknown.append(_timed_login(http, names.email()))

        ratio = statistics.median(unknown) / statistics.median(known)
        assert 0.3 < ratio < 3.5


class TestThrottling:
    """Too many requests."""

    def test_login_is_rate_limited_per_address(self, strict_stack: Stack, names: IdFactory) -> None:
        """Whether it exists or not; and then it may try again."""
        email = names.email()
        with httpx.Client(base_url=strict_stack.url, timeout=20) as http:
            _until(
                lambda: _wrong_login(http, names.email()).headers["x-ratelimit-remaining"] == "4",
                WINDOW_SECONDS,
            )
            answers = [_wrong_login(http, email) for _ in range(4)]

            assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
            assert answers[3].json()["error"]["message"] == "Too many attempts."
            _until(lambda: _wrong_login(http, email).status_code == 401)

    def test_a_limit_is_told_before_and_when_it_is_reached(self, strict_stack: Stack) -> None:
        """Headers on successes, and on the refusal when to come back."""
        with httpx.Client(base_url=strict_stack.url, timeout=20) as http:
            _until(lambda: _refused(http).headers.get("x-ratelimit-remaining") == "4", WINDOW_SECONDS)
            answers = [_refused(http) for _ in range(6)]

        assert [answer.status_code for answer in answers].count(429) >= 1
        limited = next(answer for answer in answers if answer.status_code == 429)
        assert limited.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
        assert limited.headers["x-ratelimit-limit"] == "5"
        assert int(limited.headers["retry-after"]) >= 1
        assert limited.headers["x-ratelimit-remaining"] == "0"

    def test_an_admin_sees_what_a_client_used(self, admin: ApiClient, make_user: MakeUser) -> None:
        """By endpoint."""
        viewer = make_user("viewer")
        viewer.get("/auth/profile")
        viewer.get("/auth/profile")
        who = viewer.get("/auth/profile").json()["user_id"]

        used = admin.get(f"/resilience/rate-limits/{who}").json()["used"]

        assert used == {"/auth/profile": 3}


class TestCors:
    """Which web pages may call."""

    ORIGIN = "https://console.hotel.example"

    def test_cors_allows_configured_origin(self, anonymous: ApiClient) -> None:
        """With the headers that clients need."""
        require_local_stack("needs settings of its own")
        answer = anonymous.http.options(
            "/auth/login",
            headers={
                "Origin": self.ORIGIN,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, x-correlation-id",
            },
        )

        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, self.ORIGIN)

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "https://console.hotel.example.evil.example", "null"]
    )
    def test_cors_rejects_other_origins(self, anonymous: ApiClient, origin: str) -> None:
        """Neither ask nor read."""
        asked = anonymous.http.options(
            "/auth/login", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        )
        read = anonymous.get("/healthz", headers={"Origin": origin})

        assert asked.status_code == 400
        assert "access-control-allow-origin" not in asked.headers
        assert "access-control-allow-origin" not in read.headers


class TestLoad:
    """Many users at a time."""

    @pytest.mark.slow
    async def test_many_users_log_in_at_once(self, admin: ApiClient, names: IdFactory) -> None:
        """Each gets a session of their own."""
        emails = [names.email() for _ in range(60)]
        async with httpx.AsyncClient(base_url=admin.url, timeout=60) as http:
            for email in emails:
                new = {"email": email, "password": PASSWORD, "roles": ["viewer"]}
                await http.post("/auth/admin/users", json=new, headers=admin.headers)

            seen = await asyncio.gather(*(_come_and_go(http, email) for email in emails))

        assert seen == [(email, 200, 401) for email in emails]


async def _come_and_go(http: httpx.AsyncClient, email: str) -> tuple[str, int, int]:
    tokens = (await http.post("/auth/login", json={"email": email, "password": PASSWORD})).json()
    headers = bearer(tokens["access_token"])
    who = (await http.get("/auth/profile", headers=headers)).json()["email"]
    left = await http.post("/auth/logout", headers=headers)
    after = await http.get("/auth/profile", headers=headers)
    return who, left.status_code, after.status_code


def _until(condition: Callable[[], bool], pause: float = 0.05) -> None:
    """Wait until something is true."""
    ends = time.monotonic() + DEADLINE
    waiting = threading.Event()
    while not condition():
        assert time.monotonic() < ends, "it did not happen within the deadline"
        waiting.wait(pause)


def _wrong_login(http: httpx.Client, email: str) -> httpx.Response:
    return http.post("/auth/login", json={"email": email, "password": "wrong password"})


def _eventual_login(strict: Stack) -> dict[str, Any]:
    """Tokens, as soon as a login is let through."""
    found: list[dict[str, Any]] = []

    def tried() -> bool:
        wanted = {"email": ADMIN[0], "password": ADMIN[1]}
        answer = httpx.post(f"{strict.url}/auth/login", json=wanted, timeout=20)
        if answer.status_code == 200:
            found.append(answer.json())
        return bool(found)

    _until(tried)
    return found[0]


def _refused(http: httpx.Client) -> httpx.Response:
    return http.post("/auth/refresh", json={"refresh_token": "made-up"})


def _timed_login(http: httpx.Client, email: str) -> float:
    """Seconds a wrong login takes that is neither throttled nor limited."""
    ends = time.monotonic() + DEADLINE
    while time.monotonic() < ends:
        begun = time.perf_counter()
        if _wrong_login(http, email).status_code == 401:
            return time.perf_counter() - begun
        threading.Event().wait(0.05)
    raise AssertionError("the login was limited all the time")


def _example_token() -> str:
    """A token of the form of a good one."""
    claims = dict.fromkeys(REQUIRED_CLAIMS, "x") | {"exp": 9_999_999_998}
    return encode_token({"alg": "HS256", "typ": "JWT", "kid": CURRENT_KEY[0]}, claims, CURRENT_KEY[1])
