"""The broker as a process: what it survives, who wins a race, and what it says when it cannot start."""

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


def test_a_killed_broker_has_lost_nothing_it_acknowledged(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path
) -> None:
    """SIGKILL while versions are published: all that were answered are there, each with all its pacts or none."""
    process = start_broker(tmp_path / "b.sqlite")
    url = wait_for_broker_url(process)
    acknowledged: list[str] = []

    def publish_until_it_dies() -> None:
        with httpx.Client(base_url=url) as client:
            for number in range(10_000):
                documents = [pact("A", provider, f"{number}") for provider in PROVIDERS]
                try:
                    answer = client.post("/contracts/publish", json=publication(str(number), *documents))
                except httpx.HTTPError:
                    return
                assert answer.status_code == 200
                acknowledged.append(str(number))
                if number == 20:
                    process.send_signal(signal.SIGKILL)

    publisher = Thread(target=publish_until_it_dies)
    publisher.start()
    publisher.join(timeout=30)
    again = wait_for_broker_url(start_broker(tmp_path / "b.sqlite"))

    with httpx.Client(base_url=again) as client:
        versions = client.get("/pacticipants/A/versions").json()["_embedded"]["versions"]
    pacts = {one["number"]: len(one["_links"]["pb:pact-versions"]) for one in versions}
    assert len(acknowledged) > 20
    assert set(acknowledged) <= pacts.keys()
    assert set(pacts.values()) == {len(PROVIDERS)}


@pytest.fixture
def two_brokers(start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path) -> list[str]:
    """The URLs of two brokers on one database: the hardest race there is."""
    first = wait_for_broker_url(start_broker(tmp_path / "b.sqlite"))
    return [first, wait_for_broker_url(start_broker(tmp_path / "b.sqlite"))]


def race(urls: list[str], ask: Callable[[httpx.Client, int], httpx.Response]) -> Counter[int]:
    """The statuses that racers get who ask at the same time."""
    together = Barrier(RACERS)

    def run(number: int) -> int:
        with httpx.Client(base_url=urls[number % len(urls)], timeout=30) as client:
            client.get("/")
            together.wait(timeout=20)
            return ask(client, number).status_code

    with ThreadPoolExecutor(RACERS) as pool:
        return Counter(pool.map(run, range(RACERS)))


def test_one_of_several_creates_an_environment(two_brokers: list[str]) -> None:
    """One name created by all at once: one gets 201, all others 400."""
    environment = {"name": "staging", "production": False}

    statuses = race(two_brokers, lambda client, _: client.post("/environments", json=environment))

    assert statuses == {201: 1, 400: RACERS - 1}


def test_one_of_several_contents_becomes_the_version_s_pact(two_brokers: list[str]) -> None:
    """Different contents for one new version at once: one gets 200 and is kept, all others 409."""

    def publish(client: httpx.Client, number: int) -> httpx.Response:
        return client.post("/contracts/publish", json=publication("1", pact("A", "B", f"content {number}")))

    statuses = race(two_brokers, publish)

    assert statuses == {200: 1, 409: RACERS - 1}


def test_all_of_several_publish_the_same(two_brokers: list[str]) -> None:
    """The same content by all at once: all succeed."""

    def publish(client: httpx.Client, _: int) -> httpx.Response:
        return client.post("/contracts/publish", json=publication("1", pact("A", "B", "x"), branch="main"))

    assert race(two_brokers, publish) == {200: RACERS}


def test_a_port_in_use_is_named(start_broker: Start, tmp_path: Path) -> None:
    """It ends with 1, the port, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start_broker(tmp_path / "b.sqlite", port)
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 1
    assert f"127.0.0.1:{port} cannot be listened on" in errors
    assert "give another --port, or 0 for any free one" in errors


def test_a_file_that_is_no_database_is_named(start_broker: Start, tmp_path: Path) -> None:
    """It ends with 1 and the file's name, and leaves the file as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("no database\n" * 200)
    process = start_broker(file)

    _, errors = process.communicate(timeout=20)

    assert process.returncode == 1
    assert f"{file} cannot be used as a database" in errors
    assert file.read_text() == "no database\n" * 200


def test_it_stops_when_told(start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path) -> None:
    """SIGTERM ends it in order."""
    process = start_broker(tmp_path / "b.sqlite")
    wait_for_broker_url(process)

    process.terminate()
    _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (-signal.SIGTERM, "")
