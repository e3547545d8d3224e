"""Security behaviour that is invisible unless it is missing: audit, expiry, compare-and-swap, throttling."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import structlog

from orchestrator.api.rate_limiting import whole_seconds
from orchestrator.container import Container
from orchestrator.persistence.tables import ApiKeyRow
from orchestrator.security.roles import Permission, Role
from orchestrator.security.sessions import InvalidRefreshTokenError, SessionService
from orchestrator.security.tokens import JwtService, SigningKeys, TokenSubject
from orchestrator.state.memory import InMemoryStateStore
from tests.orchestrator.api.conftest import ADMIN

PHONE = "+4930123456"
NEW_KEY: dict[str, Any] = {"name": "n", "service_name": "s", "permissions": ["call:manage"]}


class YieldingStateStore(InMemoryStateStore):
    """Lets other tasks run between reading and writing, as a store behind a network does."""

    async def get(self, key: str) -> str | None:
        """Return the value after other tasks ran."""
        value = await super().get(key)
        await asyncio.sleep(0)
        return value


@pytest.fixture
def sessions() -> SessionService:
    """Sessions in a store that interleaves concurrent callers."""
    return SessionService(YieldingStateStore(), 60.0, reuse_grace=0.0)


async def test_sensitive_actions_are_audited(http: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """The audit entry has the ids of actor and object, but not the telephone number."""
    actor = (await http.get("/auth/profile", headers=admin)).json()["user_id"]
    consent = {"subject": PHONE, "purpose": "recording", "granted": True}

    with structlog.testing.capture_logs() as log:
        key = (await http.post("/auth/api-keys", json=NEW_KEY, headers=admin)).json()["id"]
        await http.post(f"/auth/api-keys/{key}/rotate", headers=admin)
        await http.delete(f"/auth/api-keys/{key}", headers=admin)
        await http.post("/gdpr/consent", json=consent, headers=admin)
        await http.get(f"/gdpr/export/{PHONE}", headers=admin)
        await http.post("/gdpr/deletion-request", json={"subject": PHONE}, headers=admin)
        await http.post("/resilience/circuit-breakers/tts/reset", headers=admin)

    events = [entry for entry in log if entry["event"] == "audit"]
    assert [(event["action"], event["actor"], event["outcome"]) for event in events] == [
        ("create API key", actor, "success"),
        ("rotate API key", actor, "success"),
        ("revoke API key", actor, "success"),
        ("consent", actor, "success"),
        ("export", actor, "success"),
        ("erase", actor, "success"),
        ("reset circuit breaker", actor, "success"),
    ]
    assert [event.get("key") for event in events[:3]] == [key] * 3
    assert PHONE not in str(events)


async def test_expired_api_key_is_rejected(
    http: httpx.AsyncClient, admin: dict[str, str], container: Container
) -> None:
    """`expires_days` of the request is stored and checked."""
    key = (await http.post("/auth/api-keys", json={**NEW_KEY, "expires_days": 1}, headers=admin)).json()
    headers = {"X-API-Key": key["key"]}
    before = await http.get(f"/gdpr/export/{PHONE}", headers=headers)
    expires_in = datetime.fromisoformat(key["expires_at"]) - datetime.now(UTC)
    async with container.database.transaction() as db_session:
        row = await db_session.get_one(ApiKeyRow, key["id"])
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)

    after = await http.get(f"/gdpr/export/{PHONE}", headers=headers)

    assert timedelta(hours=23) < expires_in <= timedelta(days=1)
    assert (before.status_code, after.status_code) == (200, 401)


async def test_concurrent_refreshes_succeed_exactly_once(sessions: SessionService) -> None:
    """All read the session before the first one writes it."""
    _, token = await sessions.create("user")

    results = await asyncio.gather(*(sessions.rotate(token) for _ in range(8)), return_exceptions=True)

    assert sum(isinstance(result, tuple) for result in results) == 1
    assert sum(isinstance(result, InvalidRefreshTokenError) for result in results) == 7


async def test_guessed_refresh_token_does_not_end_the_session(sessions: SessionService) -> None:
    """The session id is no secret: it is in the access token and in the list of sessions."""
    session, token = await sessions.create("user")
    _, token = await sessions.rotate(token)

    for guess in ("0.guess", "0.guess.guess", "1.guess.guess", "-1.guess.guess", "0.."):
        with pytest.raises(InvalidRefreshTokenError, match="unknown"):
            await sessions.rotate(f"{session.session_id}.{guess}")

    rotated, _ = await sessions.rotate(token)
    assert rotated.refresh_generation == 2


async def test_session_of_previous_version_is_unknown(http: httpx.AsyncClient, container: Container) -> None:
    """401 for its access token and its refresh token, so the user logs in again."""
    tokens = (await http.post("/auth/login", json={"email": ADMIN[0], "password": ADMIN[1]})).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    [session] = (await http.get("/auth/sessions", headers=headers)).json()
    key = f"session:{session['session_id']}"
    stored = await container.state_store.get(key) or ""
    await container.state_store.set(key, stored.replace("last_used_at", "used_at"), 60)

    profile = await http.get("/auth/profile", headers=headers)
    refreshed = await http.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})

    assert (profile.status_code, refreshed.status_code) == (401, 401)


async def test_reused_refresh_token_ends_the_session(sessions: SessionService) -> None:
    """Two clients have the token, so one of them stole it."""
    session, token = await sessions.create("user")
    await sessions.rotate(token)

    with pytest.raises(InvalidRefreshTokenError, match="used before"):
        await sessions.rotate(token)

    assert await sessions.get(session.session_id) is None


async def test_successful_login_resets_the_throttle(http: httpx.AsyncClient) -> None:
    """Five attempts are allowed: failed ones before a success do not count any more."""
    statuses = []
    for password in ["wrong password"] * 4 + [ADMIN[1]] + ["wrong password"] * 6:
        response = await http.post("/auth/login", json={"email": ADMIN[0], "password": password})
        statuses.append(response.status_code)

    assert statuses == [401] * 4 + [200] + [401] * 5 + [429]


async def test_user_with_most_hotels_gets_a_token_that_is_accepted(
    http: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    """51 hotels are rejected with 422; 50 with the longest ids and address fit into a token."""
    email = f"{'ä' * 60}@{'ö' * 60}.de".ljust(134, "e")
    hotel_ids = [f"H{number:063}" for number in range(51)]
    new = {"email": email, "password": ADMIN[1], "roles": ["admin", "manager", "operator", "viewer"]}

    rejected = await http.post("/auth/admin/users", json={**new, "hotel_ids": hotel_ids}, headers=admin)
    created = await http.post("/auth/admin/users", json={**new, "hotel_ids": hotel_ids[:50]}, headers=admin)
    response = await http.post("/auth/login", json={"email": email, "password": ADMIN[1]})
    token = response.json()["access_token"]
    profile = await http.get("/auth/profile", headers={"Authorization": f"Bearer {token}"})

    assert (rejected.status_code, created.status_code, profile.status_code) == (422, 201, 200)
    assert [detail["field"] for detail in rejected.json()["error"]["details"]] == ["hotel_ids"]


def test_token_is_verified_with_any_key_but_signed_with_the_first() -> None:
    """Keys can be rotated without ending sessions."""
    old, new = "old:" + "o" * 32, "new:" + "n" * 32
    subject = TokenSubject(
        user_id="1",
        email="a@b.example",
        roles=[Role.VIEWER],
        permissions=[Permission.CALL_VIEW],
        hotel_ids=None,
        session_id="s",
    )
    token = JwtService(SigningKeys(old), 60).issue(subject)

    claims = JwtService(SigningKeys(f"{new},{old}"), 60).verify(token)

    assert claims.sub == "1"


@pytest.mark.parametrize(
    ("seconds", "header"),
    [(0.0, "1"), (0.2, "1"), (1.0, "1"), (1.001, "2"), (2.0, "2"), (2.5, "3"), (59.4, "60")],
)
def test_seconds_in_headers_are_rounded_up(seconds: float, header: str) -> None:
    """A whole number of seconds stays as it is."""
    assert whole_seconds(seconds) == header
