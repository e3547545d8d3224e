"""A database that cannot be read or written makes requests fail with 503 and the reason, and recovers afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

import broker.database
from broker.app import create_app
from broker.database import Database
from tests.broker.payloads import pact, publication


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database file whose lock is waited for a short time."""
    monkeypatch.setattr(broker.database, "LOCK_TIMEOUT_SECONDS", 1.0)
    database = Database(tmp_path / "b.sqlite")
    yield database
    database.close()


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a broker on the database."""
    transport = httpx.ASGITransport(create_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://broker") as client:
        yield client


async def publish(client: httpx.AsyncClient) -> httpx.Response:
    """Publish a version whose content is larger than a database page."""
    return await client.post("/contracts/publish", json=publication("1", pact("A", "B", "x" * 20_000)))


@pytest.mark.parametrize(
    ("failure", "recovery", "reason"),
    [
        ("query_only = ON", "query_only = OFF", "it is read-only"),
        ("max_page_count = 1", "max_page_count = 100000", "the disk is full"),
    ],
)
async def test_failed_write_returns_503_and_recovers(
    client: httpx.AsyncClient, database: Database, failure: str, recovery: str, reason: str
) -> None:
    """A write that fails names the reason, stores nothing, and succeeds once the cause is gone."""
    database.execute(f"PRAGMA {failure}")

    failed = await publish(client)
    read = await client.get("/pacticipants")
    database.execute(f"PRAGMA {recovery}")
    second = await publish(client)

    assert failed.status_code == 503
    assert f"The broker's database is not available: {reason}" in failed.json()["error"]["message"]
    assert failed.json()["error"]["reference"] in failed.json()["error"]["message"]
    assert (read.status_code, read.json()["pacticipants"], second.status_code) == (200, [], 200)


async def test_locked_database_returns_503_and_recovers(client: httpx.AsyncClient, tmp_path: Path) -> None:
    """While another process holds the write lock, writes are 503 after the time-out and reads succeed meanwhile."""
    lock = sqlite3.connect(tmp_path / "b.sqlite", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")

    write = asyncio.create_task(publish(client))
    await asyncio.sleep(0)  # the write starts
    read = await client.get("/pacticipants")
    waits_during_read = not write.done()
    failed = await write
    lock.execute("ROLLBACK")
    second = await publish(client)
    lock.close()

    assert (read.status_code, waits_during_read) == (200, True)
    assert failed.status_code == 503
    assert "another process holds its lock" in failed.json()["error"]["message"]
    assert second.status_code == 200


async def test_write_waits_for_a_short_lock(client: httpx.AsyncClient, tmp_path: Path) -> None:
    """A lock that is released in time only delays a write."""
    lock = sqlite3.connect(tmp_path / "b.sqlite", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")

    write = asyncio.create_task(publish(client))
    await asyncio.sleep(0)  # the write starts
    await client.get("/pacticipants")
    lock.execute("ROLLBACK")
    lock.close()

    assert (await write).status_code == 200


async def test_damaged_file_returns_503(
    client: httpx.AsyncClient, database: Database, tmp_path: Path
) -> None:
    """A file that is damaged while the broker runs is reported as such."""
    await publish(client)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file = tmp_path / "b.sqlite"
    file.write_bytes(file.read_bytes()[:100] + b"\xff" * (file.stat().st_size - 100))
    database.execute("PRAGMA shrink_memory")

    response = await client.get("/pacts/latest")

    assert response.status_code == 503
    assert "its file is damaged" in response.json()["error"]["message"]
