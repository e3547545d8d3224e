"""The settings in use while secrets are rotated."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
import respx

from orchestrator.container.live_settings import LiveSettings, signing_keys
from orchestrator.container.vendors import create_livekit_client, create_pms, create_tts_client
from orchestrator.pms.errors import PmsError
from orchestrator.resilience.policy import NO_RETRY, CallPolicy
from orchestrator.security.tokens import JwtService
from orchestrator.security.vault_secrets import RESTART_SECRET_NAMES
from orchestrator.settings import SettingsError, load_settings
from orchestrator.vendors.errors import VendorError
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS

AT_START = {"DATABASE_URL": "sqlite+aiosqlite:///start.sqlite", "TTS_API_KEY": "first"}
LIVEKIT_SECRET = "a-secret-of-at-least-32-characters"


def make_live(monkeypatch: pytest.MonkeyPatch, **environment: str) -> LiveSettings:
    """Return the settings of a service that has started with `AT_START` in Vault."""
    for name, value in {**DUMMY_VENDOR_SETTINGS, **environment}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(AT_START)
    return LiveSettings(settings, AT_START, JwtService(signing_keys(settings), 60))


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """The connection pool of a vendor."""
    async with httpx.AsyncClient() as client:
        yield client


def no_retry(_vendor: str) -> CallPolicy:
    """A policy for one attempt."""
    return NO_RETRY


def test_values_that_need_a_restart_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are new, changed or gone are named."""
    live = make_live(monkeypatch)
    changed = {**AT_START, "TTS_API_KEY": "second", "PRIVACY_KEY": "another"}
    gone = {"TTS_API_KEY": "third"}

    named = [live.apply(values) for values in (AT_START, changed, gone)]

    assert named == [[], ["PRIVACY_KEY"], ["DATABASE_URL"]]
    assert live.current.tts.api_key.get_secret_value() == "third"
    assert live.current.storage.database_url == AT_START["DATABASE_URL"]
    assert "another" not in live.current.security.pseudonymization_key.get_secret_value()


def test_value_that_is_gone_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at a start."""
    live = make_live(monkeypatch)

    live.apply({})

    assert live.current.tts.api_key.get_secret_value() == DUMMY_VENDOR_SETTINGS["TTS_API_KEY"]


@pytest.mark.parametrize(
    "invalid",
    [{"JWT_KEYS": "short"}, {"JWT_KEY": "x"}, {"PMS_CLIENT_ID": []}, {"DATABASE_URL": "mysql://x"}],
)
def test_invalid_secret_changes_nothing(monkeypatch: pytest.MonkeyPatch, invalid: dict[str, Any]) -> None:
    """Not even the valid values beside the invalid one."""
    live = make_live(monkeypatch)
    before = live.current

    with pytest.raises(SettingsError):
        live.apply({"TTS_API_KEY": "second", **invalid})

    assert live.current is before


def test_every_name_that_needs_a_restart_is_allowed() -> None:
    """They are read at the start."""
    assert {"DATABASE_URL", "REDIS_URL", "PRIVACY_KEY"} <= RESTART_SECRET_NAMES


async def test_mews_gets_the_tokens_that_are_valid_now(
    monkeypatch: pytest.MonkeyPatch, http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    """In the body of each request."""
    mews = {"MEWS_API_URL": "http://mews.test", "MEWS_CLIENT_TOKEN": "c1", "MEWS_ACCESS_TOKEN": "a1"}
    live = make_live(monkeypatch, PMS_KIND="mews", **mews)
    route = respx_mock.post(url__startswith="http://mews.test/").respond(401)
    pms = create_pms(lambda: live.current, http, no_retry)

    for values in ({}, {"MEWS_CLIENT_TOKEN": "c2", "MEWS_ACCESS_TOKEN": "a2"}):
        live.apply(values)
        with pytest.raises((PmsError, VendorError)):
            await pms.get_reservation("R-1")

    bodies = [json.loads(call.request.content) for call in route.calls]
    assert [(body["ClientToken"], body["AccessToken"]) for body in bodies] == [("c1", "a1"), ("c2", "a2")]


async def test_tts_and_livekit_get_the_keys_that_are_valid_now(
    monkeypatch: pytest.MonkeyPatch, http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    """LiveKit gets a token that is signed with the new secret and names the new key."""
    live = make_live(monkeypatch)
    speech = respx_mock.get(url__startswith="http://127.0.0.1:9/v").respond(401)
    rooms = respx_mock.post(url__startswith="http://127.0.0.1:9/twirp/").respond(401)
    tts = create_tts_client(lambda: live.current.tts, http, no_retry)
    livekit = create_livekit_client(lambda: live.current.livekit, http, no_retry)
    live.apply({"TTS_API_KEY": "second", "LIVEKIT_API_KEY": "new-key", "LIVEKIT_API_SECRET": LIVEKIT_SECRET})

    for request in (tts.get_subscription(), livekit.create_room("call-1")):
        with pytest.raises(VendorError):
            await request

    assert speech.calls.last.request.headers["xi-api-key"] == "second"
    token = rooms.calls.last.request.headers["authorization"].removeprefix("Bearer ")
    assert jwt.decode(token, LIVEKIT_SECRET, algorithms=["HS256"])["iss"] == "new-key"
