"""Settings are read from the environment; errors name the variables and not their values."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from orchestrator.container.vendors import create_apaleo_client, create_livekit_client, create_tts_client
from orchestrator.resilience.policy import CallPolicy
from orchestrator.settings import SettingsError, load_settings
from orchestrator.settings.limits import LimitSettings
from orchestrator.settings.security import SecuritySettings
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps


@pytest.fixture(scope="module")
def stub_variables() -> Iterator[dict[str, str]]:
    """The variables that `make stubs` prints for stubs, which run for all tests."""
    with run_apps([create_stub_app(vendor) for vendor in ("apaleo", "livekit", "tts")]) as servers:
        yield {
            name: value.replace("{url}", servers.urls[app.vendor])
            for app in servers.apps
            for name, value in app.stub.env_vars.items()
        }


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch, stub_variables: dict[str, str]) -> None:
    """The environment of a service that uses the stubs."""
    monkeypatch.setenv("ENVIRONMENT", "test")
    for name, value in stub_variables.items():
        monkeypatch.setenv(name, value)


def default_policy(_vendor: str) -> CallPolicy:
    """A policy without circuit breaker."""
    return CallPolicy()


@pytest.mark.usefixtures("stubs")
async def test_variables_of_the_stubs_connect_to_them() -> None:
    """Every vendor responds, with only the printed variables set."""
    async with httpx.AsyncClient() as http:
        settings = load_settings()
        apaleo_settings = settings.apaleo
        assert apaleo_settings is not None

        apaleo = create_apaleo_client(lambda: apaleo_settings, http, default_policy)
        reservations = await apaleo.list_reservations(property_id="MUC")
        voices = await create_tts_client(lambda: settings.tts, http, default_policy).search_voices()
        livekit = create_livekit_client(lambda: settings.livekit, http, default_policy)
        participants = (await livekit.list_participants("call-1")).participants

    assert (reservations.count, len(voices.voices) > 0, participants) == (0, True, [])


@pytest.mark.usefixtures("stubs")
def test_all_missing_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One message names all of them."""
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
def test_invalid_variable_is_named_with_its_rule(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    """The message says what is valid."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as raised:
        load_settings()

    assert message.lower() in str(raised.value).lower()


@pytest.mark.usefixtures("stubs")
def test_secrets_are_not_in_repr() -> None:
    """A logged settings object discloses nothing."""
    assert "stub-secret" not in repr(load_settings())


@pytest.mark.usefixtures("stubs")
def test_production_rejects_development_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The defaults are public."""
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("PRIVACY_KEY", "a key of our own")

    with pytest.raises(SettingsError) as raised:
        load_settings()

    assert str(raised.value) == "JWT_KEYS, APALEO_WEBHOOK_SECRET should be set for production"


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
        ("VOICES", '{"de": "hausdame"}', "VOICES should have a voice for 'en'"),
        ("OUTBOUND_TRUNK_ID", "ST_1", "OUTBOUND_NUMBER should be set together with OUTBOUND_TRUNK_ID"),
        ("OUTBOUND_NUMBER", "+4930111111", "OUTBOUND_NUMBER should be set together with OUTBOUND_TRUNK_ID"),
        ("OUTBOUND_NUMBER", "030111111", "OUTBOUND_NUMBER: string should match pattern"),
        ("OUTBOUND_PREFIXES", "49", "OUTBOUND_PREFIXES: string should match pattern"),
        ("OUTBOUND_LEASE_SECONDS", "59", "OUTBOUND_LEASE_SECONDS should be at least 30 s longer than"),
        ("OUTBOUND_RINGING_SECONDS", "61", "OUTBOUND_LEASE_SECONDS should be at least 30 s longer than"),
        *(
            (name, value, f"{name}: value error, should be printable ASCII characters")
            for name in ("TTS_API_KEY", "PMS_CLIENT_ID", "APALEO_WEBHOOK_SECRET", "PRIVACY_KEY")
            for value in ("", " key", "ключ", "a\nb")
        ),
        ("RATE_LIMIT", "0", "RATE_LIMIT: input should be greater than or equal to 1"),
    ],
)
def test_invalid_setting_of_the_service_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    """The message contains the rule of the setting."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as raised:
        load_settings()

    assert str(raised.value).startswith(message)


@pytest.mark.usefixtures("stubs")
@pytest.mark.parametrize("kind", ["mews", "memory"])
def test_apaleo_variables_are_required_for_apaleo_only(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Mews requires its own, a PMS in memory none."""
    for name in ("PMS_API_URL", "PMS_IDENTITY_URL", "PMS_CLIENT_ID", "PMS_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PMS_KIND", kind)
    if kind == "mews":
        for name in ("MEWS_API_URL", "MEWS_CLIENT_TOKEN", "MEWS_ACCESS_TOKEN"):
            monkeypatch.setenv(name, "http://mews.example")

    settings = load_settings()

    assert (settings.apaleo is None, settings.mews is None) == (True, kind == "memory")


def test_guest_waits_less_than_three_seconds_for_the_pms_by_default() -> None:
    """A longer silence on the phone is taken for a lost connection; existing clients rely on it."""
    assert LimitSettings().pms_timeout_seconds == 2.5


def test_access_token_lives_15_minutes_and_session_8_hours_by_default() -> None:
    """The documented lifetimes."""
    settings = SecuritySettings()

    assert (settings.access_token_ttl_seconds, settings.session_ttl_seconds) == (900, 8 * 3600)
