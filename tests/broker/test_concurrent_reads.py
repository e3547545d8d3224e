"""A slow read holds neither other reads, nor writes, nor the heartbeat, and sees one state of the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from broker.app import create_app
from broker.database import Database
from broker.read_workers import WORKERS
from broker.services.pacts_for_verification import list_pacts_to_verify
from broker.store import pacticipants, versions
from tests.broker.payloads import pact, publication

VERSIONS = "/pacticipants/A/versions"


class HeldReads:
    """Reads of lists of versions that wait until they are released, after they have begun to read the database."""

    def __init__(self) -> None:
        self.count = 0
        self.begun = Event()
        self.released = Event()
        self._read = versions.list_for_pacticipant

    def __call__(self, db: Database, *arguments: Any, **options: Any) -> Any:
        """Begin the snapshot, wait, and read."""
        pacticipants.list_all(db)
        self.count += 1
        self.begun.set()
        assert self.released.wait(timeout=30)
        return self._read(db, *arguments, **options)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldReads]:
    """Reads that are released at the end of the test at the latest."""
    reads = HeldReads()
    monkeypatch.setattr(versions, "list_for_pacticipant", reads)
    yield reads
    reads.released.set()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a broker on a file with version 1 of A."""
    database = Database(tmp_path / "b.sqlite")
    transport = httpx.ASGITransport(create_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://broker") as client:
        await publish(client, "1")
        yield client
    database.close()


async def publish(client: httpx.AsyncClient, version: str) -> None:
    """Publish a version of A."""
    (
        await client.post("/contracts/publish", json=publication(version, pact("A", "B", version)))
    ).raise_for_status()


def numbers(response: httpx.Response) -> list[str]:
    """Return the version numbers of a list."""
    return [item["number"] for item in response.json()["_embedded"]["versions"]]


async def test_a_held_read_does_not_hold_other_requests(client: httpx.AsyncClient, held: HeldReads) -> None:
    """Reads and writes are answered meanwhile; the held read lists what was stored when it began."""
    slow = asyncio.create_task(client.get(VERSIONS))
    await asyncio.to_thread(held.begun.wait, 30)

    await publish(client, "2")
    newest = await client.get("/pacticipants/A/latest-version")
    is_held = not slow.done()
    held.released.set()
    first, second = await slow, await client.get(VERSIONS)

    assert (is_held, newest.json()["number"]) == (True, "2")
    assert (numbers(first), numbers(second)) == (["1"], ["2", "1"])


async def test_heartbeat_is_answered_while_all_workers_are_busy(
    client: httpx.AsyncClient, held: HeldReads
) -> None:
    """More slow reads than workers hold neither the heartbeat nor a write; all are answered in the end."""
    slow = [asyncio.create_task(client.get(VERSIONS)) for _ in range(WORKERS + 2)]
    while held.count < WORKERS:
        await asyncio.to_thread(held.begun.wait, 30)

    heartbeat = await client.get("/diagnostic/status/heartbeat")
    await publish(client, "2")
    busy = held.count
    held.released.set()
    responses = await asyncio.gather(*slow)

    assert (heartbeat.status_code, busy) == (200, WORKERS)
    assert [response.status_code for response in responses] == [200] * (WORKERS + 2)


async def test_a_held_selection_of_pacts_does_not_hold_other_requests(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The query that is sent by POST reads in a worker too."""
    begun, released = Event(), Event()

    def hold_and_select(*arguments: Any) -> Any:
        begun.set()
        assert released.wait(timeout=30)
        return list_pacts_to_verify(*arguments)

    monkeypatch.setattr("broker.resources.pacts_for_verification.list_pacts_to_verify", hold_and_select)
    slow = asyncio.create_task(client.post("/pacts/provider/B/for-verification", json={}))
    await asyncio.to_thread(begun.wait, 30)

    await publish(client, "2")
    is_held = not slow.done()
    released.set()

    assert (is_held, len((await slow).json()["_embedded"]["pacts"])) == (True, 1)


async def test_a_read_cannot_write(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler of GET that writes fails instead of changing the database."""

    def write_and_list(db: Database, *_: Any, **_options: Any) -> list[Any]:
        db.execute("DELETE FROM versions")
        return []

    monkeypatch.setattr(versions, "list_for_pacticipant", write_and_list)

    response = await client.get(VERSIONS)

    assert response.status_code == 503
    assert "it is read-only" in response.json()["error"]["message"]
