"""Databases of earlier brokers are brought to the newest schema; those of newer ones and of others are refused."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from broker.app import create_app
from broker.database import Database
from broker.migrations import MIGRATIONS, SCHEMA_VERSION, split_statements
from broker.sqlite_errors import DatabaseError
from tests.broker.payloads import pact, publication

Schema = list[tuple[str, str, str]]


def schema_of(file: Path) -> Schema:
    """Return the definitions of all tables, indexes and triggers, and the columns of each table."""
    with closing(sqlite3.connect(file)) as connection:
        names = connection.execute("SELECT type, name, tbl_name FROM sqlite_master ORDER BY 1, 2").fetchall()
        columns = [
            (table, column[1], column[2])
            for _, table, _ in names
            for column in connection.execute(f"PRAGMA table_info({table})")
        ]
    return names + columns


def create_version(file: Path, version: int, *, writes_version: bool = True) -> None:
    """Create a database as a broker with an earlier schema did; the first brokers wrote no version."""
    with closing(sqlite3.connect(file)) as connection:
        for script in MIGRATIONS[:version]:
            connection.executescript(script)
        if writes_version:
            connection.execute(f"PRAGMA user_version = {version}")
        connection.executescript(
            """INSERT INTO pacticipants (id, name, created, updated) VALUES (1, 'A', 1, 1), (2, 'B', 1, 1);
            INSERT INTO versions (id, pacticipant, number, created) VALUES (1, 1, '1.0', 2), (2, 1, '2.0', 3), (3, 2, '9', 4);
            INSERT INTO contents (id, consumer, provider, sha, json, created) VALUES (1, 1, 2, 'abc', '{"interactions": []}', 2);
            INSERT INTO pacts (version, provider, content, revision, current, created) VALUES (1, 2, 1, 1, 1, 2), (2, 2, 1, 1, 1, 3);
            INSERT INTO results (content, version, success, verified_by, wip, tags, current, created)
                VALUES (1, 3, 1, '{}', 0, '[]', 1, 4);"""
        )


@pytest.mark.parametrize(
    ("version", "writes_version"),
    [(1, False), *((version, True) for version in range(1, SCHEMA_VERSION + 1))],
)
async def test_database_of_every_earlier_version_is_migrated(
    tmp_path: Path, version: int, *, writes_version: bool
) -> None:
    """The migrated schema is that of a new database, and what was stored is found by every path."""
    Database(tmp_path / "new.sqlite").close()
    file = tmp_path / "old.sqlite"
    create_version(file, version, writes_version=writes_version)

    database = Database(file)
    transport = httpx.ASGITransport(create_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://broker") as client:
        latest = (await client.get("/pacts/provider/B/consumer/A/latest")).json()
        query = "q[][pacticipant]=A&q[][version]=1.0&q[][pacticipant]=B&latestby=cvpv"
        matrix = (await client.get(f"/matrix?{query}")).json()
        published = await client.post("/contracts/publish", json=publication("3.0", pact("A", "C", "x")))
    database.close()

    assert latest["_links"]["self"]["href"].endswith("/version/2.0")
    assert matrix["summary"]["deployable"] is True
    assert published.status_code == 200
    assert schema_of(file) == schema_of(tmp_path / "new.sqlite")


def test_newer_schema_is_refused(tmp_path: Path) -> None:
    """The message has both versions and what to do; the file stays as it is."""
    file = tmp_path / "b.sqlite"
    Database(file).close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    with pytest.raises(DatabaseError) as raised:
        Database(file)

    assert str(raised.value) == (
        f"{file} cannot be used as a database: its schema has version {SCHEMA_VERSION + 1} and this broker knows versions "
        f"up to {SCHEMA_VERSION}: start the newer broker that wrote it, or restore a backup from before its first start"
    )


def test_database_of_another_application_is_refused(tmp_path: Path) -> None:
    """A SQLite file with other tables is not changed."""
    file = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE versions (x)")
    before = file.read_bytes()

    with pytest.raises(DatabaseError, match="it is the database of another application"):
        Database(file)

    assert file.read_bytes() == before


def test_failed_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that fails at its last statement leaves the earlier schema."""
    file = tmp_path / "b.sqlite"
    create_version(file, 1)
    before = schema_of(file)
    scripts = (*MIGRATIONS[:-1], MIGRATIONS[-1] + "CREATE TABLE pacts (x);")
    monkeypatch.setattr("broker.migrations.MIGRATIONS", scripts)

    with pytest.raises(DatabaseError, match="table pacts already exists"):
        Database(file)

    assert schema_of(file) == before


def test_concurrent_migrations_of_one_file_all_succeed(tmp_path: Path) -> None:
    """Of several brokers that start at the same time one migrates and the others find the newest schema."""
    file = tmp_path / "b.sqlite"
    create_version(file, 1)

    def open_and_close(_: int) -> None:
        Database(file).close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_and_close, range(8))) == [None] * 8


def test_script_is_split_into_its_statements() -> None:
    """A trigger, which contains statements, stays whole."""
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n    DELETE FROM b;\nEND;\n"

    assert list(split_statements(f"CREATE TABLE a (x);\n{trigger}")) == ["CREATE TABLE a (x);\n", trigger]
