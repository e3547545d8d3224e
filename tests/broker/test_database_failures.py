"""A database that cannot be read or written makes requests fail with 503 and the reason, and recovers afterwards."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import broker.database
from broker.app import create_app
from broker.database import Database
from broker.migrations import SCHEMA_VERSION
from broker.sqlite_errors import DatabaseError, describe_failure
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


@contextmanager
def limited_file_size(limit: int) -> Iterator[None]:
    """Let no file of this process grow beyond a number of bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def largest_file(folder: Path) -> int:
    """Return the size of the largest file in a folder."""
    return max(file.stat().st_size for file in folder.iterdir())


async def test_file_that_cannot_grow_returns_503_and_recovers(
    client: httpx.AsyncClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of the write is stored, reads go on, and the log has one line without a traceback."""
    with limited_file_size(largest_file(tmp_path) + 4096):
        failed = await publish(client)
        read = await client.get("/pacticipants")
    second = await publish(client)

    reason = "The broker's database is not available: reading or writing its file failed (disk I/O error)"
    assert (failed.status_code, read.json()["pacticipants"], second.status_code) == (503, [], 200)
    assert failed.json()["error"]["message"].startswith(reason)
    [record] = [record for record in caplog.records if record.name == "broker"]
    assert record.message.endswith(f"POST /contracts/publish failed: {reason}")
    assert record.exc_info is None


def damage(path: Path, kind: str) -> Path:
    """Put something at a path that is no database of this broker, and return what to open."""
    if kind == "folder":
        path.mkdir()
    elif kind == "in a file":
        path.write_bytes(b"x")
        return path / "b.sqlite"
    elif kind == "no folder":
        return path / "b.sqlite"
    elif kind == "other file":
        path.write_bytes(b"no database" * 100)
    elif kind == "other application":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE t (a)")
    else:
        Database(path).close()
        content = path.read_bytes()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        if kind == "damaged":
            path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("folder", "it is a folder: name a file in it (unable to open database file)"),
        ("no folder", "there is no folder {folder}/b (unable to open database file)"),
        ("in a file", "there is no folder {folder}/b (unable to open database file)"),
        ("other file", "its file is not a database (file is not a database)"),
        ("other application", "it is the database of another application"),
        ("damaged", "its file is damaged: restore a backup (database disk image is malformed)"),
        (
            "newer",
            (
                f"its schema has version {SCHEMA_VERSION + 1} and this broker knows versions up to {SCHEMA_VERSION}: "
                "start the newer broker that wrote it, or restore a backup from before its first start"
            ),
        ),
    ],
)
def test_file_that_is_no_database_of_this_broker_is_named_with_the_reason(
    tmp_path: Path, kind: str, reason: str
) -> None:
    """In one line; what is there is not changed."""
    path = damage(tmp_path / "b", kind)
    before = {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}

    with pytest.raises(DatabaseError) as error:
        Database(path)

    assert str(error.value) == f"{path} cannot be used as a database: {reason.format(folder=tmp_path)}"
    assert {file: file.read_bytes() for file in before} == before


def test_empty_file_becomes_a_database(tmp_path: Path) -> None:
    """Another program may have created it."""
    file = tmp_path / "b.sqlite"
    file.touch()

    Database(file).close()

    assert file.stat().st_size > 0


def test_file_that_can_only_be_read_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that refuses every write would look like one that works; its schema needs no change."""
    file = tmp_path / "b.sqlite"
    Database(file).close()
    connect = sqlite3.connect

    def connect_read_only(target: str, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(f"file:{target}?mode=ro", **{**options, "uri": True})
        return connection

    # a file mode does not keep the superuser from writing
    monkeypatch.setattr(sqlite3, "connect", connect_read_only)
    with pytest.raises(DatabaseError) as error:
        Database(file)

    assert str(error.value) == (
        f"{file} cannot be used as a database: it is read-only (attempt to write a readonly database)"
    )


@pytest.mark.parametrize(
    ("missing", "reason"),
    [("b.sqlite", "this user may not read and write it"), ("", "this user may not create files in {folder}")],
)
def test_missing_permission_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, reason: str
) -> None:
    """Of the file, or of the folder in which SQLite creates other files."""
    file = tmp_path / "b.sqlite"
    file.touch()
    forbidden = tmp_path / missing if missing else tmp_path
    # the superuser may do everything
    monkeypatch.setattr(os, "access", lambda path, _: path != forbidden)

    error = sqlite3.OperationalError("unable to open database file")
    error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN

    assert describe_failure(error, file) == (
        f"{reason.format(folder=tmp_path)} (unable to open database file)"
    )
