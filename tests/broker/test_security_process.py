"""A broker process with users: when it starts, the official clients' credentials, and requests that no client sends."""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broker.__main__ import main
from broker.settings import Settings, add_setting_options, settings_from_options
from pact_broker_client.client import BrokerClient
from tests.broker.broker_process import run_broker
from tests.broker.commands import run
from tests.broker.payloads import pact
from tests.broker.users import users_toml
from tests.conftest import Listening, Start

PROGRAM = str(Path(sys.executable).with_name("pact-broker"))


def test_broker_without_users_does_not_start_on_other_addresses_than_loopback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is that of a wrong option, and nothing is created."""
    exit_code = main(["--port", "0", "--database", str(tmp_path / "b.sqlite"), "--host", "0.0.0.0"])  # noqa: S104 - this is what is refused

    assert exit_code == 2
    assert capsys.readouterr() == (
        "",
        (
            "the broker cannot start: on 0.0.0.0 anybody in the network could read and change everything: "
            "give --users-file FILE, or listen on 127.0.0.1\n"
        ),
    )
    assert list(tmp_path.iterdir()) == []


def test_broker_without_users_starts_on_the_name_of_loopback(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path
) -> None:
    """The address that the name has is what counts."""
    url = wait_for_broker_url(start_broker(tmp_path / "b.sqlite", 0, "--host", "localhost"))

    assert httpx.get(url).status_code == 200


def test_broker_with_a_users_file_that_cannot_be_used_does_not_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message has the file and what is wrong."""
    exit_code = main(
        ["--port", "0", "--database", str(tmp_path / "b.sqlite"), "--users-file", str(tmp_path / "none.toml")]
    )

    assert exit_code == 2
    assert capsys.readouterr().err.startswith(
        f"the broker cannot start: {tmp_path}/none.toml cannot be read: "
    )


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("BROKER_BASE_URLS", "broker.example", "'broker.example' is no URL such as https://broker.example"),
        ("BROKER_ALLOWED_HOSTS", "http://x", "'http://x' is no host such as broker.example"),
        ("BROKER_TRUSTED_PROXIES", "10.0.0.1/8", "'10.0.0.1/8' is no network such as 10.0.0.0/8"),
        ("BROKER_PUBLIC_READ", "yes", "'yes' is neither true nor false"),
        ("BROKER_RULES", "lenient", "'lenient' is none of strict, official"),
    ],
)
def test_setting_with_a_wrong_value_is_named(
    variable: str,
    value: str,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From the environment like from an option."""
    monkeypatch.setenv(variable, value)
    parser = argparse.ArgumentParser()
    add_setting_options(parser)

    with pytest.raises(SystemExit) as exit_code:
        parser.parse_args([])

    option = variable.removeprefix("BROKER_").lower().replace("_", "-")
    assert exit_code.value.code == 2
    assert f"argument --{option}: {message}" in capsys.readouterr().err


def test_settings_come_from_options_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option comes first; an option for what is public needs no value."""
    monkeypatch.setenv("BROKER_ALLOWED_HOSTS", "A.example, b.example:8443")
    monkeypatch.setenv("BROKER_PUBLIC_HEARTBEAT", "true")
    monkeypatch.setenv("BROKER_RULES", "official")
    parser = argparse.ArgumentParser()
    add_setting_options(parser)

    options = parser.parse_args(
        ["--rules", "strict", "--public-badges", "--base-urls", "http://x/y/,https://z"]
    )

    assert settings_from_options(options) == Settings(
        base_urls=("http://x/y", "https://z"),
        allowed_hosts=("a.example", "b.example:8443"),
        public_heartbeat=True,
        public_badges=True,
        rules="strict",
    )


@pytest.mark.parametrize(
    ("credentials", "write", "read"),
    [
        (["--broker-username", "rw", "--broker-password", "secret"], 0, 0),
        (["--broker-token", "write-token"], 0, 0),
        (["--broker-username", "ro", "--broker-password", "look"], 1, 0),
        (["--broker-token", "read-token"], 1, 0),
        (["--broker-username", "rw", "--broker-password", "wrong"], 1, 1),
        ([], 1, 1),
    ],
    ids=["writer", "write token", "reader", "read token", "wrong", "none"],
)
def test_credentials_of_the_official_cli(
    protected_url: str, tmp_path: Path, credentials: list[str], write: int, read: int
) -> None:
    """Publishing needs the role write, listing any."""
    (tmp_path / "pact.json").write_text(json.dumps(pact("Foo", "Bar", "x")))

    codes = [
        subprocess.run(
            [PROGRAM, *command, "--broker-base-url", protected_url, *credentials],
            cwd=tmp_path,
            capture_output=True,
            timeout=50,
            check=False,
        ).returncode
        for command in (["publish", "pact.json", "--consumer-app-version", "1"], ["list-pacticipants"])
    ]

    assert codes == [write, read]


def test_client_of_the_gate_sends_its_credentials(
    protected_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token, or a user with a password."""
    monkeypatch.setenv("PACT_BROKER_TOKEN", "read-token")
    with BrokerClient(protected_url) as client:
        by_token = client.get("/pacticipants")
    monkeypatch.delenv("PACT_BROKER_TOKEN")
    monkeypatch.setenv("PACT_BROKER_USERNAME", "ro")
    monkeypatch.setenv("PACT_BROKER_PASSWORD", "look")
    with BrokerClient(protected_url) as client:
        by_user = client.get("/pacticipants")

    assert by_token == by_user
    assert by_token is not None


def test_hashes_that_the_commands_make_are_accepted(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user and a token from the output of the commands."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))
    password_hash = run("hash-password").stdout.strip()
    match = re.fullmatch(r"token: (\S+)\nhash:  (\S+)\n", run("new-token").stdout)
    assert match is not None
    file = tmp_path / "users.toml"
    file.write_text(
        f'[users.me]\nrole = "read"\npassword = "{password_hash}"\n[tokens.ci]\nrole = "write"\ntoken = "{match[2]}"\n'
    )

    url = wait_for_broker_url(start_broker(tmp_path / "b.sqlite", 0, "--users-file", str(file)))

    assert httpx.get(url, auth=("me", "correct horse")).status_code == 200
    created = httpx.post(
        f"{url}/pacticipants", json={"name": "A"}, headers={"Authorization": f"Bearer {match[1]}"}
    )
    assert created.status_code == 201


def test_short_password_is_not_hashed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It can be guessed."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))

    assert main(["hash-password"]) == 2

    assert capsys.readouterr() == ("", "a password must have at least 8 characters\n")


@pytest.fixture(scope="module")
def protected_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a broker with users, one for all tests that only send requests."""
    folder = tmp_path_factory.mktemp("broker")
    (folder / "users.toml").write_text(users_toml())
    with run_broker(folder / "b.sqlite", "--users-file", str(folder / "users.toml")) as url:
        yield url
