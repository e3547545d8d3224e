"""Secrets come from Vault when there is one, and what is wrong with it is said at the start."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from orchestrator.security.vault_secrets import load_vault_secrets
from orchestrator.settings import SettingsError, load_settings
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS

SECRET = {"JWT_KEYS": "from-vault:" + "x" * 40, "TTS_API_KEY": "from-vault"}


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Vault's stub, with our secret in it, and an environment that points at it."""
    with run_apps([create_stub_app("vault")]) as servers:
        url = servers.urls["vault"]
        for name, value in servers.apps[0].stub.env_vars.items():
            monkeypatch.setenv(name, value.replace("{url}", url))
        given(url, "a secret", path="orchestrator", data=SECRET)
        yield url


def given(url: str, state: str, **params: object) -> None:
    """Make a provider state true."""
    httpx.post(f"{url}/_stub/states", json={"state": state, "params": params}).raise_for_status()


@pytest.mark.usefixtures("vault")
async def test_the_secret_is_read() -> None:
    """All of it, by name."""
    assert await load_vault_secrets() == SECRET


async def test_the_token_is_not_left_behind(vault: str) -> None:
    """Log in, read, revoke."""
    await load_vault_secrets()

    async with httpx.AsyncClient() as http:
        seen = (await http.get(f"{vault}/_stub/requests")).json()
    assert [one["operation"] for one in seen] == ["login", "readSecret", "revokeSelf"]
    assert [one["interactions"] != [] for one in seen] == [True, True, True]


async def test_vault_goes_before_the_environment(vault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of both is Vault's."""
    for name, value in {**DUMMY_VENDOR_SETTINGS, "TTS_API_KEY": "from-the-environment"}.items():
        monkeypatch.setenv(name, value)

    settings = load_settings(await load_vault_secrets())

    assert settings.tts.api_key.get_secret_value() == "from-vault"
    assert vault not in repr(settings)


async def test_without_an_address_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment has it all."""
    monkeypatch.delenv("VAULT_ADDR", raising=False)

    assert await load_vault_secrets() == {}


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("VAULT_ADDR", "http://127.0.0.1:9", "^VAULT_ADDR: vault login: did not answer"),
        ("VAULT_SECRET_ID", "wrong", "^VAULT_ADDR: vault login: answered 400"),
        ("VAULT_ROLE_ID", "", "^VAULT_ROLE_ID and VAULT_SECRET_ID should be set with VAULT_ADDR$"),
        ("VAULT_PATH", "elsewhere", "^VAULT_PATH: Vault has no secret at 'elsewhere'$"),
    ],
)
@pytest.mark.usefixtures("vault")
async def test_what_is_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    """The variable, and no secret."""
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError, match=message):
        await load_vault_secrets()


async def test_an_unknown_name_in_the_secret_is_named(vault: str) -> None:
    """It would have no effect: likely a typing error."""
    given(vault, "a secret", path="orchestrator", data={"JWT_KEY": "x"})

    with pytest.raises(SettingsError, match=r"^VAULT_PATH: unknown names in the secret: JWT_KEY$"):
        await load_vault_secrets()
