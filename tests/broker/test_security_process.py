"""A broker process with users: when it starts, the official clients' credentials, and requests that no client sends."""

from __future__ import annotations

import argparse
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from broker.settings import Settings, add_setting_options, settings_from_options
from pact_broker_client.client import BrokerClient
from tests.broker.payloads import pact
from tests.broker.users import users_toml
from tests.conftest import Listening, Start

PROGRAM = str(Path(sys.executable).with_name("pact-broker"))


def test_broker_without_users_does_not_start_on_other_addresses_than_loopback(
    start_broker: Start, tmp_path: Path
) -> None:
    """The exit code is that of a wrong option, and nothing is created."""
    process = start_broker(tmp_path / "b.sqlite", 0, "--host", "0.0.0.0")  # noqa: S104 - this is what is refused

    output, errors = process.communicate(timeout=20)

    assert (process.returncode, output) == (2, "")
    assert errors == (
        "the broker cannot start: on 0.0.0.0 anybody in the network could read and change everything: "
        "give --users-file FILE, or listen on 127.0.0.1\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_broker_without_users_starts_on_the_name_of_loopback(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path
) -> None:
    """The address that the name has is what counts."""
    url = wait_for_broker_url(start_broker(tmp_path / "b.sqlite", 0, "--host", "localhost"))

    assert httpx.get(url).status_code == 200


def test_broker_with_a_users_file_that_cannot_be_used_does_not_start(
    start_broker: Start, tmp_path: Path
) -> None:
    """The message has the file and what is wrong."""
    process = start_broker(tmp_path / "b.sqlite", 0, "--users-file", str(tmp_path / "none.toml"))

    _, errors = process.communicate(timeout=20)

    assert process.returncode == 2
    assert errors.startswith(f"the broker cannot start: {tmp_path}/none.toml cannot be read: ")
    assert "Traceback" not in errors


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


def run_command(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of the broker with some input."""
    command = [sys.executable, "-m", "broker", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=20, check=False)


def test_hashes_that_the_commands_make_are_accepted(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path
) -> None:
    """A user and a token from the output of the commands."""
    password_hash = run_command("hash-password", text="correct horse\n").stdout.strip()
    match = re.fullmatch(r"token: (\S+)\nhash:  (\S+)\n", run_command("new-token").stdout)
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


def test_short_password_is_not_hashed() -> None:
    """It can be guessed."""
    completed = run_command("hash-password", text="short\n")

    assert (completed.returncode, completed.stdout) == (2, "")
    assert completed.stderr == "a password must have at least 8 characters\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /environments?name=\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /pacticipants?\xed\xa0\x80=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /pacts/latest HTTP/1.1\r\nHost: [\r\n\r\n",
        b"GET /pacts/latest HTTP/1.1\r\nHost: \xff\r\n\r\n",
        b"GET /pacts/latest HTTP/1.0\r\n\r\n",
        b"GET http://evil.example/pacts/latest HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /pacticipants/\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
        b"POST /pacticipants HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)  # fmt: skip
def test_request_that_no_client_sends_is_no_server_error(open_url: httpx.URL, request_bytes: bytes) -> None:
    """It is answered or closed, and the next request is answered."""
    with socket.create_connection((open_url.host, open_url.port or 0), timeout=15) as connection:
        connection.sendall(request_bytes)
        status_line = connection.recv(12)

    assert not status_line.startswith(b"HTTP/1.1 5")
    assert httpx.get(open_url).status_code == 200


@pytest.mark.parametrize("head", [b"GET /", b"GET / HTTP/1.1\r\nX: "], ids=["URL", "header"])
def test_head_without_end_is_refused(open_url: httpx.URL, head: bytes) -> None:
    """The memory of a connection is bounded; the next request is answered."""
    with socket.create_connection((open_url.host, open_url.port or 0), timeout=15) as connection:
        connection.sendall(head + b"a" * 65_000)
        # less than the rest of a segment: a server that closes with unread bytes resets the connection
        connection.sendall(b"a" * 1000)
        answer = connection.recv(1000)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"The head of the request has more than 65536 bytes." in answer
    assert httpx.get(open_url).status_code == 200


def test_head_with_too_many_headers_is_refused_also_if_it_arrives_at_once(open_url: httpx.URL) -> None:
    """The request is not handled, although it is complete."""
    headers = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(66))
    request = b"POST /pacticipants HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 13\r\n"
    with socket.create_connection((open_url.host, open_url.port or 0), timeout=15) as connection:
        connection.sendall(request + headers + b'\r\n{"name": "A"}')
        answer = connection.recv(1000)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"The head of the request has more than 65536 bytes." in answer
    assert httpx.get(open_url.join("/pacticipants")).json()["pacticipants"] == []


def test_long_head_within_the_limit_is_accepted(open_url: httpx.URL) -> None:
    """Each part of it may arrive by itself."""
    with socket.create_connection((open_url.host, open_url.port or 0), timeout=15) as connection:
        for part in (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X: " + b"a" * 30_000, b"\r\n\r\n"):
            connection.sendall(part)
        answer = connection.recv(12)

    assert answer == b"HTTP/1.1 200"


@contextmanager
def running_broker(folder: Path, *options: str) -> Iterator[str]:
    """Yield the URL of a broker that runs as long as the block."""
    command = [
        sys.executable,
        "-m",
        "broker",
        "--port",
        "0",
        "--database",
        str(folder / "b.sqlite"),
        *options,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.kill()


@pytest.fixture(scope="module")
def open_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.URL]:
    """The URL of an open broker, one for all tests that only send a request."""
    with running_broker(tmp_path_factory.mktemp("broker")) as url:
        yield httpx.URL(url)


@pytest.fixture(scope="module")
def protected_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a broker with users, one for all tests that only send requests."""
    folder = tmp_path_factory.mktemp("broker")
    (folder / "users.toml").write_text(users_toml())
    with running_broker(folder, "--users-file", str(folder / "users.toml")) as url:
        yield url
