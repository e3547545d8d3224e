"""Secrets are read from Vault if it is configured; errors are reported at start-up."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from orchestrator.security.vault_reader import VaultSecret
from orchestrator.security.vault_secrets import read_vault, secret_variables
from orchestrator.settings import SettingsError, load_settings
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS

SECRET = {"JWT_KEYS": "from-vault:" + "x" * 40, "TTS_API_KEY": "from-vault"}


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Vault's stub with the secret, and an environment that points at it."""
    with run_apps([create_stub_app("vault")]) as servers:
        url = servers.urls["vault"]
        for name, value in servers.apps[0].stub.env_vars.items():
            monkeypatch.setenv(name, value.replace("{url}", url))
        set_state(url, "a secret", path="orchestrator", data=SECRET)
        yield url


async def read_variables() -> dict[str, str]:
    """Return the variables that the secret has."""
    source = await read_vault()
    assert source is not None
    return secret_variables(source.secret.values)


def set_state(url: str, state: str, **params: object) -> None:
    """Set up a provider state."""
    httpx.post(f"{url}/_stub/states", json={"state": state, "params": params}).raise_for_status()


@pytest.mark.usefixtures("vault")
async def test_secret_is_read() -> None:
    """Every variable in it is returned, with the number of its version."""
    source = await read_vault()

    assert source is not None
    assert source.secret == VaultSecret(1, SECRET)


async def test_token_is_revoked(vault: str) -> None:
    """The client logs in, reads the secret and revokes its token."""
    await read_vault()

    async with httpx.AsyncClient() as http:
        requests = (await http.get(f"{vault}/_stub/requests")).json()
    assert [request["operation"] for request in requests] == ["login", "readSecret", "revokeSelf"]
    assert [request["interactions"] != [] for request in requests] == [True, True, True]


async def test_vault_takes_precedence_over_the_environment(
    vault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that both have is Vault's."""
    for name, value in {**DUMMY_VENDOR_SETTINGS, "TTS_API_KEY": "from-the-environment"}.items():
        monkeypatch.setenv(name, value)

    settings = load_settings(await read_variables())

    assert settings.tts.api_key.get_secret_value() == "from-vault"
    assert vault not in repr(settings)


async def test_every_secret_can_come_from_vault(vault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those of Mews, the first user, the database and Redis, whose addresses contain passwords."""
    secret = {
        "MEWS_CLIENT_TOKEN": "client-token",
        "MEWS_ACCESS_TOKEN": "access-token",
        "ADMIN_PASSWORD": "admin-password",
        "DATABASE_URL": "postgresql+asyncpg://user:password@database.example/orchestrator",
        "REDIS_URL": "redis://:password@redis.example:6379/0",
    }
    set_state(vault, "a secret", path="orchestrator", data=secret)
    environment = {**DUMMY_VENDOR_SETTINGS, "PMS_KIND": "mews", "MEWS_API_URL": "http://mews.example"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    settings = load_settings(await read_variables())

    mews, password = settings.mews, settings.security.admin_password
    assert mews is not None
    assert password is not None
    assert {
        "MEWS_CLIENT_TOKEN": mews.client_token.get_secret_value(),
        "MEWS_ACCESS_TOKEN": mews.access_token.get_secret_value(),
        "ADMIN_PASSWORD": password.get_secret_value(),
        "DATABASE_URL": settings.storage.database_url,
        "REDIS_URL": str(settings.storage.redis_url),
    } == secret


async def test_nothing_is_read_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is enough."""
    monkeypatch.delenv("VAULT_ADDR", raising=False)

    assert await read_vault() is None


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("VAULT_ADDR", "http://127.0.0.1:9", "^VAULT_ADDR: vault login: no response"),
        ("VAULT_SECRET_ID", "wrong", "^VAULT_ADDR: vault login: responded with 400"),
        ("VAULT_ROLE_ID", "", "^VAULT_ROLE_ID and VAULT_SECRET_ID should be set with VAULT_ADDR$"),
        ("VAULT_ADDR", "vault.example", "^VAULT_ADDR: Input should be a valid URL"),
        ("VAULT_POLL_SECONDS", "0", "^VAULT_POLL_SECONDS: Input should be greater than 0"),
        ("VAULT_PATH", "elsewhere", "^VAULT_PATH: Vault has no secret at 'elsewhere'$"),
    ],
)
@pytest.mark.usefixtures("vault")
async def test_vault_error_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    """The message contains no secret."""
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError, match=message):
        await read_vault()


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ({"JWT_KEY": "x"}, "unknown names in the secret: JWT_KEY"),
        ({"TTS_API_KEY": None}, "neither text nor number in the secret: TTS_API_KEY"),
        ({"TTS_API_KEY": True}, "neither text nor number in the secret: TTS_API_KEY"),
        ({"TTS_API_KEY": 10**5000}, "neither text nor number in the secret: TTS_API_KEY"),
        (
            {"JWT_KEYS": ["a:b"], "TTS_API_KEY": {}},
            "neither text nor number in the secret: JWT_KEYS, TTS_API_KEY",
        ),
    ],
)
def test_invalid_secret_is_reported(secret: dict[str, object], message: str) -> None:
    """A misspelled name would have no effect; what is no text would be used as a text such as 'None'."""
    with pytest.raises(SettingsError, match=f"^VAULT_PATH: {message}$"):
        secret_variables(secret)


def test_number_in_the_secret_is_a_text() -> None:
    """Vault stores what JSON has."""
    assert secret_variables({"ADMIN_PASSWORD": 12345}) == {"ADMIN_PASSWORD": "12345"}
