"""The Redis and the Vault that the environment names are used instead of own ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import hvac
import pytest
import redis

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.vault.state import ROLE_ID, ROOT_TOKEN, SECRET_ID
from tests.integration.given_servers import CLAIM_KEY, GivenServerError, suite_redis, suite_vault
from tests.redis_server import redis_server

SECRET = {"TTS_API_KEY": "a key"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a Redis with 16 databases."""
    with redis_server() as server:
        yield server.url


@pytest.fixture
def given(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of database 1, which the environment names."""
    url = f"{server}?db=1"
    monkeypatch.setenv("REDIS_URL", url)
    yield url
    with redis.Redis.from_url(server) as client:
        client.flushall()


def test_given_redis_is_used_in_databases_of_its_own_and_emptied(given: str) -> None:
    """Two services at a time get two databases; what they stored is gone afterwards."""
    with suite_redis() as first, suite_redis() as second:
        for url in (first, second):
            with redis.Redis.from_url(url) as client:
                client.set("session:1", "a session")
    keys = [len(redis.Redis.from_url(url).keys()) for url in (first, second)]

    assert (first, second) == (given, given.replace("db=1", "db=2"))
    assert keys == [0, 0]


def test_data_of_others_is_never_touched(given: str) -> None:
    """A database that holds anything is left alone, also if the URL names it."""
    with redis.Redis.from_url(given, decode_responses=True) as client:
        client.set("theirs", "data")
        with suite_redis() as url:
            pass

        assert url != given
        assert client.get("theirs") == "data"


def test_database_that_another_run_claims_meanwhile_is_not_emptied(given: str) -> None:
    """The claim of a run ends after six hours; the database may then belong to another one."""
    with redis.Redis.from_url(given, decode_responses=True) as client:
        with suite_redis():
            client.set(CLAIM_KEY, "another run")

        assert client.get(CLAIM_KEY) == "another run"


@pytest.mark.usefixtures("given")
def test_redis_without_an_empty_database_is_an_error() -> None:
    """The message says from which number on."""
    with ExitStack() as resources:
        for _ in range(15):
            resources.enter_context(suite_redis())

        with pytest.raises(GivenServerError, match="no empty database from number 1 on"):
            resources.enter_context(suite_redis())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://localhost:6379/1", "redis://localhost:6379?db=1"),
        ("rediss://:password@redis.example:6380", "rediss://:password@redis.example:6380?db=0"),
        ("redis://localhost:6379?db=3&protocol=3", "redis://localhost:6379?db=3&protocol=3"),
    ],
)
def test_first_database_is_that_of_the_url(url: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether its path or its query names it."""
    urls: list[str] = []

    class Empty(redis.Redis):
        """A server whose databases are empty."""

        @classmethod
        def from_url(cls, url: str, **options: object) -> Empty:  # noqa: ARG003 - the signature of redis
            urls.append(url)
            return cls()

        def eval(self, *_arguments: object) -> int:
            return 1

        def get(self, *_arguments: object) -> None:
            return None

    monkeypatch.setattr(redis, "Redis", Empty)
    monkeypatch.setenv("REDIS_URL", url)
    with suite_redis() as claimed:
        pass

    assert claimed == urls[0] == expected


def test_secret_of_a_given_vault_is_below_a_folder_of_its_own_and_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The service's settings name the secret, which exists for the duration of the block."""
    with run_stubs(["vault"]) as urls:
        given = {"VAULT_ADDR": urls["vault"], "VAULT_ROLE_ID": ROLE_ID, "VAULT_SECRET_ID": SECRET_ID}
        for name, value in {**given, "VAULT_TOKEN": ROOT_TOKEN}.items():
            monkeypatch.setenv(name, value)
        client = hvac.Client(url=urls["vault"], token=ROOT_TOKEN)
        with suite_vault(SECRET) as vault:
            settings = vault.settings
            stored = client.secrets.kv.v2.read_secret(settings["VAULT_PATH"], raise_on_deleted_version=True)
        remaining = client.adapter.get(
            "/v1/secret/metadata/voicehive-suites?list=true", raise_exception=False
        )
        client.adapter.close()

    assert stored["data"]["data"] == SECRET
    assert settings == {**given, "VAULT_PATH": settings["VAULT_PATH"]}
    assert settings["VAULT_PATH"].startswith("voicehive-suites/")
    assert remaining.status_code == 404


def test_given_vault_without_credentials_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names what is missing."""
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:1")
    for name in ("VAULT_TOKEN", "VAULT_ROLE_ID", "VAULT_SECRET_ID"):
        monkeypatch.delenv(name, raising=False)

    with (
        pytest.raises(GivenServerError, match="VAULT_TOKEN, VAULT_ROLE_ID, VAULT_SECRET_ID should be set"),
        suite_vault(SECRET),
    ):
        pass
