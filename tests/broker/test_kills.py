"""SIGKILL of a broker at random moments while several clients publish: acknowledged writes stay, and none is torn.

`BROKER_KILL_ROUNDS=100 BROKER_KILL_SEED=7 python -m pytest tests/broker/test_kills.py` runs more rounds than `make test`, which has two.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import httpx
import pytest

from broker.maintenance.check import check_database
from tests.broker.payloads import pact, path, publication
from tests.conftest import Listening, Start
from tests.thoroughness import choose

ROUNDS = int(os.environ.get("BROKER_KILL_ROUNDS") or choose(2, 10))
SEED = int(os.environ.get("BROKER_KILL_SEED", "18"))
PUBLISHERS = 4
PROVIDERS = ("P", "Q", "R")
MAX_ACKNOWLEDGED = 20


class Publishers:
    """Clients that publish until the broker is killed, which happens after a number of acknowledged writes."""

    def __init__(self, process: subprocess.Popen[str], url: str, kill_after: int, round_number: int) -> None:
        self._process = process
        self._url = url
        self._kill_after = kill_after
        self._round = round_number
        self._lock = Lock()
        self.acknowledged: list[str] = []
        self.attempted: list[str] = []
        self.refused: list[int] = []

    def run(self) -> None:
        """Publish from all clients until each has lost its connection."""
        threads = [Thread(target=self._publish, args=(number,)) for number in range(PUBLISHERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads)

    def _publish(self, publisher: int) -> None:
        with httpx.Client(base_url=self._url, timeout=30) as client:
            for number in range(10_000):
                version = f"{self._round}.{publisher}.{number}"
                self.attempted.append(version)
                try:
                    response = client.post("/contracts/publish", json=publication_of(version))
                except httpx.HTTPError:
                    return
                self._record(version, response.status_code)

    def _record(self, version: str, status: int) -> None:
        with self._lock:
            if status == 200:
                self.acknowledged.append(version)
            else:
                self.refused.append(status)
            if len(self.acknowledged) == self._kill_after:
                self._process.send_signal(signal.SIGKILL)


def publication_of(version: str) -> dict[str, Any]:
    """Return a publication of three pacts, a branch and a tag."""
    documents = [pact("A", provider, f"content of {version}") for provider in PROVIDERS]
    return publication(version, *documents, branch="main", tags=[f"tag-{version}"])


def stored_parts(client: httpx.Client, version: str) -> tuple[int, int, set[str]] | None:
    """Return the numbers of branches and tags of a version and the descriptions in its pacts; None without the version."""
    response = client.get(path("pacticipants", "A", "versions", version))
    if response.status_code == 404:
        return None
    body = response.json()
    embedded = body["_embedded"]
    documents = [client.get(link["href"]).json() for link in body["_links"]["pb:pact-versions"]]
    descriptions = {
        f"{item['provider']['name']}: {item['interactions'][0]['description']}" for item in documents
    }
    return len(embedded["branchVersions"]), len(embedded["tags"]), descriptions


def whole(version: str) -> tuple[int, int, set[str]]:
    """Return the parts of a version that was stored as a whole."""
    return 1, 1, {f"{provider}: content of {version}" for provider in PROVIDERS}


@pytest.mark.timeout(120 + 30 * ROUNDS)
def test_killed_broker_keeps_every_acknowledged_version_and_tears_none(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path
) -> None:
    """After each kill a new broker has all acknowledged versions; the others are complete or absent."""
    file = tmp_path / "b.sqlite"
    moments = random.Random(SEED)  # noqa: S311 - not for security
    process = start_broker(file)
    url = wait_for_broker_url(process)
    for number in range(ROUNDS):
        publishers = Publishers(process, url, moments.randint(1, MAX_ACKNOWLEDGED), number)
        publishers.run()
        assert (process.wait(timeout=20), publishers.refused) == (-signal.SIGKILL, [])
        process = start_broker(file)
        url = wait_for_broker_url(process)
        with httpx.Client(base_url=url) as client:
            stored = {version: stored_parts(client, version) for version in publishers.attempted}
        lost = [version for version in publishers.acknowledged if stored[version] is None]
        torn = [version for version, parts in stored.items() if parts not in (None, whole(version))]
        assert (lost, torn) == ([], [])

    assert check_database(file)[1] == []
