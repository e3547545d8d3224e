"""Settings come from the environment, and what is wrong with it is named without its values."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from orchestrator.container import create_apaleo_client, create_livekit_client, create_tts_client
from orchestrator.resilience.policy import CallPolicy
from orchestrator.settings import SettingsError, load_settings
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All stubs, and an environment that points at them as `make stubs` prints it."""
    monkeypatch.setenv("ENVIRONMENT", "test")
    with run_apps([create_stub_app(vendor) for vendor in ("apaleo", "livekit", "tts")]) as servers:
        for app in servers.apps:
            for name, value in app.stub.env_vars.items():
                monkeypatch.setenv(name, value.replace("{url}", servers.urls[app.vendor]))
        yield


def default_policy(_vendor: str) -> CallPolicy:
    """A policy without circuit breaker."""
    return CallPolicy()


@pytest.mark.usefixtures("stubs")
async def test_the_variables_of_the_stubs_connect_to_them() -> None:
    """Each vendor answers, with nothing set but what the stubs print."""
    async with httpx.AsyncClient() as http:
        settings = load_settings()
        assert settings.apaleo is not None

        apaleo = create_apaleo_client(settings.apaleo, http, default_policy)
        reservations = await apaleo.list_reservations(property_id="MUC")
        voices = await create_tts_client(settings.tts, http, default_policy).search_voices()
        room = await create_livekit_client(settings.livekit, http, default_policy).create_room("call-1")

    assert (reservations.count, len(voices.voices) > 0, room.name) == (0, True, "call-1")


@pytest.mark.usefixtures("stubs")
def test_every_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """All at once, not one after the other."""
    for name in ("PMS_API_URL", "TTS_API_KEY"):
        monkeypatch.delenv(name)

    with pytest.raises(SettingsError, match=r"^PMS_API_URL: is missing; TTS_API_KEY: is missing$"):
        load_settings()


@pytest.mark.usefixtures("stubs")
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ENVIRONMENT", "prod", "ENVIRONMENT: input should be 'development', 'test' or 'production'"),
        ("TTS_SERVICE_URL", "tts.example.org", "TTS_SERVICE_URL: input should be a valid URL"),
        ("LIVEKIT_URL", "ftp://x", "LIVEKIT_URL: URL scheme should be 'http', 'https', 'ws' or 'wss'"),
    ],
)
def test_a_wrong_variable_is_named_with_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    """The name and the rule."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as wrong:
        load_settings()

    assert message.lower() in str(wrong.value).lower()


@pytest.mark.usefixtures("stubs")
def test_secrets_are_not_shown() -> None:
    """Not in the settings' own text."""
    assert "stub-secret" not in repr(load_settings())


@pytest.mark.usefixtures("stubs")
def test_production_wants_secrets_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are made up for development are refused, by name."""
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("PRIVACY_KEY", "a key of our own")

    with pytest.raises(SettingsError) as wrong:
        load_settings()

    assert str(wrong.value) == "JWT_KEYS, APALEO_WEBHOOK_SECRET should be set for production"


@pytest.mark.usefixtures("stubs")
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("REDIS_URL", "localhost:6379", "REDIS_URL: "),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL: "),
        (
            "TIME_ZONE",
            "Middle/Earth",
            "TIME_ZONE: value error, should be a time zone, such as 'Europe/Berlin'",
        ),
        ("RATE_LIMIT", "0", "RATE_LIMIT: input should be greater than or equal to 1"),
    ],
)
def test_a_wrong_setting_of_the_service_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    """The variable, and what would be right."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as wrong:
        load_settings()

    assert str(wrong.value).startswith(message)
