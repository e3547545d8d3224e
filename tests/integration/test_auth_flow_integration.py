"""Logins, logouts and what the service reveals about them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest

from tests.integration.accounts import Account, Login, profile_status
from tests.integration.api import TIMEOUT_SECONDS, ApiClient, bearer
from tests.integration.auth_flow.access import TestRoleBasedAccess, callers
from tests.integration.auth_flow.api_keys import TestApiKeys
from tests.integration.auth_flow.rotating_service import rotating_api, rotating_process, service
from tests.integration.auth_flow.secret_rotation import TestSecretRotation
from tests.integration.auth_flow.sessions import (
    TestRedisAway,
    TestRefresh,
    TestSessionExpiry,
    TestSessions,
    stack_with_own_redis,
)
from tests.integration.auth_flow.throttling import TestNoInformationLeak, TestThrottling, costly_login_service
from tests.integration.auth_flow.tokens import TestJwtEdgeCases, TestKeysFromVault, valid_token
from tests.integration.auth_flow.vault_outage import TestVaultOutage, TestVaultToken
from tests.integration.data import PASSWORD
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.settings import ALLOWED_ORIGIN
from tests.thoroughness import choose

__all__ = [
    "TestApiKeys",
    "TestJwtEdgeCases",
    "TestKeysFromVault",
    "TestNoInformationLeak",
    "TestRedisAway",
    "TestRefresh",
    "TestRoleBasedAccess",
    "TestSecretRotation",
    "TestSessionExpiry",
    "TestSessions",
    "TestThrottling",
    "TestVaultOutage",
    "TestVaultToken",
    "callers",
    "costly_login_service",
    "rotating_api",
    "rotating_process",
    "service",
    "stack_with_own_redis",
    "valid_token",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""


class TestAuthFlowIntegration:
    """From login to logout."""

    @pytest.mark.critical
    def test_login_profile_refresh_logout(self, anonymous: ApiClient, account: Account, login: Login) -> None:
        """Each step works, and after the logout every token is rejected."""
        tokens = login(account)
        profile = anonymous.get_json("/auth/profile", headers=bearer(tokens["access_token"]))
        renewed = anonymous.post("/auth/refresh", {"refresh_token": tokens["refresh_token"]}).json()
        logout = anonymous.post("/auth/logout", headers=bearer(renewed["access_token"]))

        assert (profile["email"], profile["roles"]) == (account[0], ["operator"])
        assert profile["permissions"] == ["call:end", "call:start", "call:view", "hotel:view"]
        assert renewed["access_token"] != tokens["access_token"]
        assert (logout.status_code, logout.json()["sessions_ended"]) == (200, 1)
        assert [profile_status(anonymous, tokens["access_token"]) for tokens in (tokens, renewed)] == [
            401,
            401,
        ]
        reused = anonymous.post("/auth/refresh", {"refresh_token": renewed["refresh_token"]})
        assert reused.status_code == 401

    def test_login_response_has_the_documented_fields(self, account: Account, login: Login) -> None:
        """Clients rely on these fields."""
        tokens = login(account)

        assert tokens.keys() == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
        assert (tokens["token_type"], tokens["user"]["email"]) == ("bearer", account[0])
        claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
        assert tokens["expires_in"] == claims["exp"] - claims["iat"]

    def test_email_is_case_insensitive(self, account: Account, login: Login) -> None:
        """The login finds the account in any letter case."""
        assert login((account[0].upper(), account[1]))["user"]["email"] == account[0]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"email": "nobody"}, "email"),
            ({"password": "sh0rt!"}, "password"),
            ({"password": "x" * 257}, "password"),
            ({"password": None}, "password"),
            ({"remember_me": "perhaps"}, "remember_me"),
            ({"otp": "123456"}, "otp"),
        ],
    )
    def test_invalid_login_request_returns_422_with_field(
        self, anonymous: ApiClient, change: dict[str, Any], field: str
    ) -> None:
        """The error names the field and does not repeat the password."""
        body = {"email": "a@b.example", "password": PASSWORD} | change

        response = anonymous.post("/auth/login", body)

        assert response.status_code == 422
        assert [detail["field"] for detail in response.json()["error"]["details"]] == [field]
        assert str(body["password"]) not in response.text or body["password"] is None

    @pytest.mark.parametrize("scheme", ["Basic", "Token", "Bearer Bearer", ""])
    def test_other_authorization_schemes_are_rejected(
        self, anonymous: ApiClient, account: Account, login: Login, scheme: str
    ) -> None:
        """A valid token after another scheme is rejected too."""
        token = login(account)["access_token"]

        response = anonymous.get("/auth/profile", headers={"Authorization": f"{scheme} {token}".strip()})

        assert response.status_code == 401

    def test_duplicate_email_returns_409(self, admin: ApiClient, account: Account) -> None:
        """An e-mail address in another letter case is a duplicate too."""
        body = {"email": account[0].upper(), "password": PASSWORD, "roles": ["viewer"]}

        assert admin.post("/auth/admin/users", body).status_code == 409

    def test_security_headers_are_on_every_response(self, anonymous: ApiClient) -> None:
        """Error responses have the headers too."""
        for path in ("/healthz", "/nowhere", "/auth/profile"):
            headers = anonymous.get(path).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Cache-Control"] == "no-store"
            assert "max-age" in headers["Strict-Transport-Security"]


class TestAudit:
    """Security events in the audit log."""

    def test_audit_log_records_logins_without_email(
        self, anonymous: ApiClient, account: Account, login: Login, service_log: Callable[[], str]
    ) -> None:
        """A success names the user id, a failure its reason."""
        user = login(account)["user"]["user_id"]
        anonymous.post("/auth/login", {"email": account[0], "password": "wrong password"})

        log = service_log()

        lines = [json.loads(line) for line in log.splitlines() if '"event": "audit"' in line]
        logins = [(line["actor"], line["outcome"]) for line in lines if line["action"] == "login"]
        assert (user, "success") in logins
        assert ("anonymous", "wrong") in logins
        assert account[0] not in log


class TestCors:
    """Origins that web pages may call from."""

    def test_cors_allows_configured_origin(self, anonymous: ApiClient) -> None:
        """The response allows the headers that clients need."""
        require_local_stack("needs settings of its own")
        response = anonymous.http.options(
            "/auth/login",
            headers={
                "Origin": ALLOWED_ORIGIN,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, x-correlation-id",
            },
        )

        assert (response.status_code, response.headers["access-control-allow-origin"]) == (
            200,
            ALLOWED_ORIGIN,
        )

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "https://console.hotel.example.evil.example", "null"]
    )
    def test_cors_rejects_other_origins(self, anonymous: ApiClient, origin: str) -> None:
        """Neither a preflight nor a response allows them."""
        preflight = anonymous.http.options(
            "/auth/login", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        )
        response = anonymous.get("/healthz", headers={"Origin": origin})

        assert (preflight.status_code, response.status_code) == (400, 200)
        assert "access-control-allow-origin" not in preflight.headers
        assert "access-control-allow-origin" not in response.headers


class TestLoad:
    """Many users at a time."""

    @pytest.mark.slow
    async def test_concurrent_logins_get_their_own_sessions(self, admin: ApiClient, names: IdFactory) -> None:
        """Each user reads the own profile and logs out."""
        emails = [names.email() for _ in range(choose(normal=20, thorough=60))]
        async with httpx.AsyncClient(base_url=admin.url, timeout=TIMEOUT_SECONDS) as http:
            for email in emails:
                body = {"email": email, "password": PASSWORD, "roles": ["viewer"]}
                await http.post("/auth/admin/users", json=body, headers=admin.headers)

            results = await asyncio.gather(*(_log_in_and_out(http, email) for email in emails))

        assert results == [(email, 200, 401) for email in emails]


async def _log_in_and_out(http: httpx.AsyncClient, email: str) -> tuple[str, int, int]:
    """Return the e-mail of the profile, the status of the logout and the profile's status after it."""
    tokens = (await http.post("/auth/login", json={"email": email, "password": PASSWORD})).json()
    headers = bearer(tokens["access_token"])
    profile = (await http.get("/auth/profile", headers=headers)).json()
    logout = await http.post("/auth/logout", headers=headers)
    after = await http.get("/auth/profile", headers=headers)
    return profile["email"], logout.status_code, after.status_code
