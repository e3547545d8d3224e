"""The broker as a process: concurrent writers, start-up errors, shutdown."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import httpx
import pytest

from broker.__main__ import main
from broker.database import LOCK_TIMEOUT_SECONDS
from tests.broker.broker_process import run_broker
from tests.broker.payloads import pact, publication
from tests.conftest import Listening, Start

PROVIDERS = ("P", "Q", "R")
RACERS = 8


@pytest.fixture(scope="module")
def two_brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The URLs of two brokers on one database; the tests use different names."""
    database = tmp_path_factory.mktemp("two-brokers") / "b.sqlite"
    with run_broker(database) as first, run_broker(database) as second:
        yield [first, second]


def race(urls: list[str], send: Callable[[httpx.Client, int], httpx.Response]) -> Counter[int]:
    """Send requests at the same time and return how often each status was returned."""
    barrier = Barrier(RACERS)

    def run(number: int) -> int:
        with httpx.Client(base_url=urls[number % len(urls)], timeout=30) as client:
            client.get("/")
            barrier.wait(timeout=20)
            return send(client, number).status_code

    with ThreadPoolExecutor(RACERS) as pool:
        return Counter(pool.map(run, range(RACERS)))


def test_concurrent_creations_of_an_environment_succeed_exactly_once(two_brokers: list[str]) -> None:
    """Of concurrent creations with one name one gets 201, all others 400."""
    environment = {"name": "staging", "production": False}

    statuses = race(two_brokers, lambda client, _: client.post("/environments", json=environment))

    assert statuses == {201: 1, 400: RACERS - 1}


def test_concurrent_publications_of_different_contents_succeed_exactly_once(two_brokers: list[str]) -> None:
    """Of different contents for one new version one is stored with 200, all others get 409."""

    def publish(client: httpx.Client, number: int) -> httpx.Response:
        return client.post(
            "/contracts/publish", json=publication("1", pact("Different", "B", f"content {number}"))
        )

    statuses = race(two_brokers, publish)

    assert statuses == {200: 1, 409: RACERS - 1}


def test_concurrent_publications_of_the_same_content_all_succeed(two_brokers: list[str]) -> None:
    """Publishing the same content concurrently is no conflict."""

    def publish(client: httpx.Client, _: int) -> httpx.Response:
        return client.post("/contracts/publish", json=publication("1", pact("Same", "B", "x"), branch="main"))

    assert race(two_brokers, publish) == {200: RACERS}


def test_port_in_use_is_reported(start_broker: Start, tmp_path: Path) -> None:
    """The broker exits with a message that has the address and a solution."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start_broker(tmp_path / "b.sqlite", port)
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "Traceback" not in errors
    assert f"127.0.0.1:{port} cannot be listened on" in errors
    assert "give another port (--port, or PORT= with make), or 0 for any free one" in errors


def test_file_that_is_not_a_database_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is that of a broker that cannot start; the message has the file's name, and the file is unchanged."""
    file = tmp_path / "notes.txt"
    file.write_text("no database\n" * 200)

    exit_code = main(["--port", "0", "--database", str(file)])

    assert exit_code == 2
    assert f"{file} cannot be used as a database" in capsys.readouterr().err
    assert file.read_text() == "no database\n" * 200


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 0)])
def test_signal_stops_the_broker(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """SIGTERM and Ctrl-C end the broker without output, such as a traceback."""
    process = start_broker(tmp_path / "b.sqlite")
    wait_for_broker_url(process)

    process.send_signal(number)
    _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (code, "")


def test_sigterm_ends_the_broker_despite_open_requests(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path
) -> None:
    """Neither an idle connection, nor a half-sent request, nor a write that waits for a lock delays the end."""
    process = start_broker(tmp_path / "b.sqlite")
    url = httpx.URL(wait_for_broker_url(process))
    lock = sqlite3.connect(tmp_path / "b.sqlite", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with connect(url) as idle, connect(url) as incomplete, connect(url) as waiting:
        idle.sendall(b"")
        incomplete.sendall(post_request(url, body=b'{"name"', length=100))
        waiting.sendall(post_request(url, body=b'{"name": "A"}', length=13))
        httpx.get(url)  # completes after the other requests have arrived

        process.terminate()
        # sooner than the write would give up waiting for the lock
        process.communicate(timeout=LOCK_TIMEOUT_SECONDS / 2)

    lock.close()
    assert process.returncode == -signal.SIGTERM


def test_incomplete_head_is_closed(two_brokers: list[str]) -> None:
    """A connection that does not send the head of a request in time is closed."""
    url = httpx.URL(two_brokers[0])
    with connect(url) as silent, connect(url) as incomplete:
        incomplete.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")

        assert is_closed(silent)
        assert is_closed(incomplete)


def test_broker_ends_with_its_parent(tmp_path: Path) -> None:
    """With `--exit-with-parent` a broker ends after SIGKILL of the process that started it."""
    command = [sys.executable, "-m", "broker", "--port", "0", "--database", str(tmp_path / "b.sqlite"), "--exit-with-parent"]  # fmt: skip
    script = f"import subprocess; broker = subprocess.Popen({command!r}); print(broker.pid, flush=True); broker.wait()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        broker_pid = int(parent.stdout.readline())
        url = httpx.URL(parent.stdout.readline().split()[-1])
        assert httpx.get(url).is_success
        try:
            parent.kill()
            parent.communicate(timeout=20)  # the pipe's end is the broker's, which has inherited it
        except subprocess.TimeoutExpired:
            os.kill(broker_pid, signal.SIGKILL)
            raise

    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def connect(url: httpx.URL) -> socket.socket:
    """Return a connection to a broker."""
    assert url.port is not None
    return socket.create_connection((url.host, url.port), timeout=15)


def post_request(url: httpx.URL, *, body: bytes, length: int) -> bytes:
    """Return a request that creates a pacticipant, with a body that may be shorter than its announced length."""
    head = f"POST /pacticipants HTTP/1.1\r\nHost: {url.host}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {length}\r\n\r\n".encode() + body


def is_closed(connection: socket.socket) -> bool:
    """Return whether the broker closes the connection within its time-out."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
