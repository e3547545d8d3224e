"""The Redis and the Vault that the suites use: those that the environment names, or servers of their own.

REDIS_URL: each service gets a database that was empty and that no other run uses, from the URL's own database upwards; it is
emptied afterwards. Tests that kill Redis start one of their own.

VAULT_ADDR, VAULT_TOKEN, VAULT_ROLE_ID, VAULT_SECRET_ID: a secret below `voicehive-suites/` is written with the token, read by
the service with the role (which has to be permitted to read `secret/data/voicehive-suites/*`), and deleted afterwards.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import hvac
import redis

from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.vendors.vault.state import ROLE_ID, SECRET_ID
from tests.redis_server import redis_server

CLAIM_KEY = "voicehive-suites:claim"
CLAIM_MILLISECONDS = 6 * 3600 * 1000
"""Longer than any run; the claim of a run that was killed ends by itself."""
CLAIM_SCRIPT = """
if redis.call('DBSIZE') > 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
"""Claims an empty database; as a script, because two runs may find it empty at the same time."""
VAULT_FOLDER = "voicehive-suites"
VAULT_VARIABLES = ("VAULT_ADDR", "VAULT_TOKEN", "VAULT_ROLE_ID", "VAULT_SECRET_ID")


@dataclass(frozen=True)
class SuiteVault:
    """A Vault with a secret of the suites.

    Args:
        settings: those with which a service reads the secret.
        write: writes the next version of the secret.
    """

    settings: Mapping[str, str]
    write: Callable[[Mapping[str, str]], object]


class GivenServerError(Exception):
    """The server that the environment names cannot be used; the message says why."""


@contextmanager
def suite_redis() -> Iterator[str]:
    """Yield the URL of an empty Redis database for the duration of the block.

    Raises:
        GivenServerError: REDIS_URL is set, and its server has no empty database.
    """
    if given := os.environ.get("REDIS_URL"):
        with _claimed_database(given) as url:
            yield url
        return
    with redis_server() as server:
        yield server.url


@contextmanager
def _claimed_database(given: str) -> Iterator[str]:
    claim = uuid.uuid4().hex
    url = _claim_database(given, claim)
    with redis.Redis.from_url(url, decode_responses=True) as client:
        try:
            yield url
        finally:
            # not one that another run has claimed meanwhile
            if client.get(CLAIM_KEY) == claim:
                client.flushdb()


def _claim_database(given: str, claim: str) -> str:
    """Return the URL of the first empty database, which is not empty from now on."""
    number = _database_of(given)
    while True:
        url = _with_database(given, number)
        try:
            with redis.Redis.from_url(url) as client:
                if client.eval(CLAIM_SCRIPT, 1, CLAIM_KEY, claim, str(CLAIM_MILLISECONDS)):
                    return url
        # there is no database of this number
        except redis.ResponseError as error:
            raise GivenServerError(
                f"REDIS_URL: no empty database from number {_database_of(given)} on"
            ) from error
        number += 1


def _database_of(url: str) -> int:
    parts = urlsplit(url)
    path = "" if parts.scheme == "unix" else parts.path.strip("/")
    return int(parse_qs(parts.query).get("db", [path or "0"])[0])


def _with_database(url: str, number: int) -> str:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()} | {"db": str(number)}
    path = parts.path if parts.scheme == "unix" else ""
    # put together here, because urlunsplit leaves out the slashes of unix://
    return f"{parts.scheme}://{parts.netloc}{path}?{urlencode(query)}"


@contextmanager
def suite_vault(secret: Mapping[str, str]) -> Iterator[SuiteVault]:
    """Store a secret in Vault for the duration of the block.

    Raises:
        GivenServerError: VAULT_ADDR is set without the variables that the suites need besides.
    """
    if os.environ.get("VAULT_ADDR"):
        with _secret_of_given_vault(secret) as vault:
            yield vault
        return
    versions = count(1)
    with run_apps([create_stub_app("vault")]) as servers:
        url = servers.urls["vault"]

        def write(secret: Mapping[str, str]) -> None:
            params = {"path": "orchestrator", "data": dict(secret), "versions": next(versions)}
            state = {"state": "a secret", "params": params}
            httpx.post(f"{url}/_stub/states", json=state).raise_for_status()

        write(secret)
        settings = {"VAULT_ADDR": url, "VAULT_ROLE_ID": ROLE_ID, "VAULT_SECRET_ID": SECRET_ID}
        yield SuiteVault(settings, write)


@contextmanager
def _secret_of_given_vault(secret: Mapping[str, str]) -> Iterator[SuiteVault]:
    variables = {name: os.environ.get(name, "") for name in VAULT_VARIABLES}
    if missing := [name for name, value in variables.items() if not value]:
        raise GivenServerError(f"VAULT_ADDR is set, so {', '.join(missing)} should be set too")
    path = f"{VAULT_FOLDER}/{uuid.uuid4().hex}"
    token = variables.pop("VAULT_TOKEN")
    client = hvac.Client(url=variables["VAULT_ADDR"], token=token)

    def write(secret: Mapping[str, str]) -> None:
        client.secrets.kv.v2.create_or_update_secret(path=path, secret=dict(secret))

    try:
        write(secret)
        try:
            yield SuiteVault({**variables, "VAULT_PATH": path}, write)
        finally:
            client.secrets.kv.v2.delete_metadata_and_all_versions(path)
    finally:
        client.adapter.close()
