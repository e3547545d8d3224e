"""The broker as a process: durability after SIGKILL, concurrent writers, start-up errors, shutdown."""

from __future__ import annotations

import signal
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Thread

import httpx
import pytest

from tests.broker.payloads import pact, publication
from tests.conftest import Listening, Start

PROVIDERS = ("P", "Q", "R")
RACERS = 8


def test_killed_broker_keeps_all_acknowledged_versions(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path
) -> None:
    """After SIGKILL during publications every acknowledged version exists, and each version has all its pacts."""
    process = start_broker(tmp_path / "b.sqlite")
    url = wait_for_broker_url(process)
    acknowledged: list[str] = []

    def publish_until_killed() -> None:
        with httpx.Client(base_url=url) as client:
            for number in range(10_000):
                documents = [pact("A", provider, f"{number}") for provider in PROVIDERS]
                try:
                    response = client.post("/contracts/publish", json=publication(str(number), *documents))
                except httpx.HTTPError:
                    return
                assert response.status_code == 200
                acknowledged.append(str(number))
                if number == 20:
                    process.send_signal(signal.SIGKILL)

    publisher = Thread(target=publish_until_killed)
    publisher.start()
    publisher.join(timeout=30)
    restarted = wait_for_broker_url(start_broker(tmp_path / "b.sqlite"))

    with httpx.Client(base_url=restarted) as client:
        versions = client.get("/pacticipants/A/versions").json()["_embedded"]["versions"]
    pacts = {version["number"]: len(version["_links"]["pb:pact-versions"]) for version in versions}
    assert len(acknowledged) > 20
    assert set(acknowledged) <= pacts.keys()
    assert set(pacts.values()) == {len(PROVIDERS)}


@pytest.fixture
def two_brokers(start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path) -> list[str]:
    """The URLs of two brokers on one database."""
    first = wait_for_broker_url(start_broker(tmp_path / "b.sqlite"))
    return [first, wait_for_broker_url(start_broker(tmp_path / "b.sqlite"))]


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
        return client.post("/contracts/publish", json=publication("1", pact("A", "B", f"content {number}")))

    statuses = race(two_brokers, publish)

    assert statuses == {200: 1, 409: RACERS - 1}


def test_concurrent_publications_of_the_same_content_all_succeed(two_brokers: list[str]) -> None:
    """Publishing the same content concurrently is no conflict."""

    def publish(client: httpx.Client, _: int) -> httpx.Response:
        return client.post("/contracts/publish", json=publication("1", pact("A", "B", "x"), branch="main"))

    assert race(two_brokers, publish) == {200: RACERS}


def test_port_in_use_is_reported(start_broker: Start, tmp_path: Path) -> None:
    """The broker exits with a message that has the address and a solution."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start_broker(tmp_path / "b.sqlite", port)
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 1
    assert f"127.0.0.1:{port} cannot be listened on" in errors
    assert "give another --port, or 0 for any free one" in errors


def test_file_that_is_not_a_database_is_reported(start_broker: Start, tmp_path: Path) -> None:
    """The broker exits with a message that has the file's name, and does not change the file."""
    file = tmp_path / "notes.txt"
    file.write_text("no database\n" * 200)
    process = start_broker(file)

    _, errors = process.communicate(timeout=20)

    assert process.returncode == 1
    assert f"{file} cannot be used as a database" in errors
    assert file.read_text() == "no database\n" * 200


def test_sigterm_stops_the_broker(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path
) -> None:
    """SIGTERM ends the broker without output."""
    process = start_broker(tmp_path / "b.sqlite")
    wait_for_broker_url(process)

    process.terminate()
    _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (-signal.SIGTERM, "")
