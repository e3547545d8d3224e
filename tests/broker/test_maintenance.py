"""Backup, restore and check of a database: as commands, beside a running broker, and of damaged files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from broker.database import Database
from broker.maintenance.backup import BackupError, back_up, restore
from broker.maintenance.check import INVARIANTS, INVARIANTS_OF_VERSION_2, check_database
from broker.migrations import SCHEMA_VERSION
from tests.broker.commands import run
from tests.broker.payloads import pact, publication
from tests.conftest import Listening, Start


def publish(client: httpx.Client, version: str) -> None:
    """Publish two pacts of a version."""
    documents = [pact("A", provider, version) for provider in ("B", "C")]
    client.post("/contracts/publish", json=publication(version, *documents)).raise_for_status()


def versions_in(file: Path) -> list[str]:
    """Return the version numbers in a database, in the order of their creation."""
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM versions ORDER BY id")]


def change(file: Path, script: str) -> None:
    """Change a database behind the broker's back."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(script)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A database with two versions, four pacts, a result and a deployment."""
    file = tmp_path / "b.sqlite"
    Database(file).close()
    change(
        file,
        """INSERT INTO pacticipants (id, name, created, updated) VALUES (1, 'A', 1, 1), (2, 'B', 1, 1), (3, 'C', 1, 1);
        INSERT INTO versions (id, pacticipant, number, created) VALUES (1, 1, '1', 2), (2, 1, '2', 3), (3, 2, '9', 4);
        INSERT INTO branches (id, pacticipant, name, created) VALUES (1, 1, 'main', 2);
        INSERT INTO branch_versions (branch, version, created) VALUES (1, 1, 2);
        INSERT INTO contents (id, consumer, provider, sha, json, created) VALUES (1, 1, 2, 'a', '{}', 2), (2, 1, 3, 'b', '{}', 2);
        INSERT INTO pacts (id, version, provider, content, revision, current, created)
            VALUES (1, 1, 2, 1, 1, 1, 2), (2, 1, 3, 2, 1, 1, 2), (3, 2, 2, 1, 1, 1, 3), (4, 2, 3, 2, 1, 1, 3);
        INSERT INTO results (id, content, version, success, verified_by, wip, tags, current, created)
            VALUES (1, 1, 3, 1, '{}', 0, '[]', 1, 4);
        INSERT INTO deployments (uuid, kind, version, environment, created) VALUES ('u', 'deployed', 1, 2, 5);""",
    )
    return file


def test_backup_beside_publications_is_a_state_of_the_database(
    start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path
) -> None:
    """A backup of a running broker has the first versions without a gap, each complete, and passes the check."""
    file, copy = tmp_path / "b.sqlite", tmp_path / "backup.sqlite"
    url = wait_for_broker_url(start_broker(file))
    published, stop = Event(), Event()

    def publish_until_stopped() -> None:
        with httpx.Client(base_url=url) as client:
            for number in range(10_000):
                publish(client, str(number))
                if number == 5:
                    published.set()
                if stop.is_set():
                    return

    publisher = Thread(target=publish_until_stopped)
    publisher.start()
    published.wait(timeout=30)
    backup = run("backup", "--database", file, copy)
    stop.set()
    publisher.join(timeout=30)

    numbers = versions_in(copy)
    assert (backup.returncode, backup.stderr) == (0, "")
    assert f"{len(numbers)} versions, {2 * len(numbers)} pacts" in backup.stdout
    assert numbers == [str(number) for number in range(len(numbers))]
    assert len(numbers) > 5
    assert (copy.stat().st_mode & 0o777, list(tmp_path.glob("backup.sqlite?*"))) == (0o600, [])


def test_restore_replaces_the_database_and_keeps_the_previous_one(sound: Path, tmp_path: Path) -> None:
    """After a restore the versions are those of the backup; the previous database has a name that is printed."""
    copy = tmp_path / "backup.sqlite"
    back_up(sound, copy)
    change(sound, "DELETE FROM versions WHERE id = 2")

    restored = run("restore", "--database", sound, copy)

    (kept,) = tmp_path.glob("b.sqlite.replaced-*")
    assert (restored.returncode, restored.stderr) == (0, "")
    assert f"the previous database is kept as {kept}" in restored.stdout
    assert (versions_in(sound), versions_in(kept)) == (["1", "2", "9"], ["1", "9"])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["b.sqlite", kept.name, "backup.sqlite"]


def test_restore_does_not_replace_a_folder(sound: Path, tmp_path: Path) -> None:
    """A path without the name of the file would otherwise move the whole folder aside."""
    copy, folder = tmp_path / "backup.sqlite", tmp_path / "data"
    back_up(sound, copy)
    folder.mkdir()

    with pytest.raises(BackupError, match="data is a folder: name a file in it"):
        restore(copy, folder)

    assert list(folder.iterdir()) == []


def test_restore_replaces_a_damaged_file(sound: Path, tmp_path: Path) -> None:
    """A file that is no database any more does not stop its replacement."""
    copy = tmp_path / "backup.sqlite"
    back_up(sound, copy)
    sound.write_bytes(b"damaged" * 1000)

    kept = restore(copy, sound)

    assert kept is not None
    assert kept.read_bytes() == b"damaged" * 1000
    assert versions_in(sound) == ["1", "2", "9"]


def test_restore_is_refused_while_a_broker_uses_the_database(sound: Path, tmp_path: Path) -> None:
    """The running broker keeps its file, and nothing is left behind."""
    copy = tmp_path / "backup.sqlite"
    back_up(sound, copy)
    broker = Database(sound)

    refused = run("restore", "--database", sound, copy)
    broker.close()

    assert refused.returncode == 2
    assert refused.stderr == f"restore failed: a broker uses {sound}: stop it first\n"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["b.sqlite", "backup.sqlite"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no database " * 500, "file is not a database"),
        (b"", "it has no tables of a broker"),
    ],
)
def test_restore_of_what_is_no_backup_changes_nothing(
    sound: Path, tmp_path: Path, content: bytes, reason: str
) -> None:
    """The database stays, and the message has the reason."""
    copy = tmp_path / "backup.sqlite"
    copy.write_bytes(content)

    with pytest.raises(BackupError, match=reason):
        restore(copy, sound)

    assert versions_in(sound) == ["1", "2", "9"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["b.sqlite", "backup.sqlite"]


def test_backup_does_not_overwrite(sound: Path, tmp_path: Path) -> None:
    """An existing target is refused with exit code 2 and stays."""
    copy = tmp_path / "backup.sqlite"
    copy.write_text("precious")

    refused = run("backup", "--database", sound, copy)

    assert (refused.returncode, copy.read_text()) == (2, "precious")
    assert refused.stderr == f"backup failed: {copy} exists already: give another name, or remove it\n"


def test_missing_database_is_reported(tmp_path: Path) -> None:
    """No command creates a database that it should read."""
    file = tmp_path / "missing.sqlite"

    for command in (["check"], ["backup", tmp_path / "copy"], ["restore", file]):
        result = run(command[0], "--database", file, *command[1:])
        assert (result.returncode, result.stderr) == (2, f"{command[0]} failed: {file} does not exist\n")
    assert list(tmp_path.iterdir()) == []


def test_check_finds_nothing_in_a_sound_database(sound: Path) -> None:
    """The summary counts what is stored; exit code 0."""
    result = run("check", "--database", sound)

    assert result.returncode == 0
    assert result.stdout == (
        f"{sound}: schema version {SCHEMA_VERSION}; 3 pacticipants, 3 versions, 4 pacts, 1 verification results, "
        "1 deployments and releases\nno problem found\n"
    )


DAMAGES = {
    "pact {0} belongs to another consumer or provider than its content": "UPDATE pacts SET content = 2 WHERE id = 1",
    "version {0} has several current pacts with provider {1}": """INSERT INTO pacts
        (version, provider, content, revision, current, created) VALUES (1, 2, 1, 2, 1, 9)""",
    "version {0} has overwritten pacts with provider {1} and no current one": "UPDATE pacts SET current = 0 WHERE id = 1",
    "content {0} has several current results of version {1}": """INSERT INTO results
        (content, version, success, verified_by, wip, tags, current, created) VALUES (1, 3, 0, '{}', 0, '[]', 1, 9)""",
    "content {0} has a result of version {1}, which does not belong to its provider": "UPDATE results SET version = 1",
    "content {0} is not a JSON object": "UPDATE contents SET json = '{\"a\":' WHERE id = 1",
    "result {0} has fields that are not JSON": "UPDATE results SET tags = '['",
    "environment {0} has contacts that are not JSON": "UPDATE environments SET contacts = 'x' WHERE name = 'test'",
    "pacticipant {0} has several versions deployed in environment {1} as instance {2}": """INSERT INTO deployments
        (uuid, kind, version, environment, created) VALUES ('w', 'deployed', 2, 2, 6)""",
    "branch {0} has version {1} of another pacticipant": "UPDATE branch_versions SET version = 3",
    "pact {0} is listed under another consumer": "UPDATE pacts SET consumer_id = 2 WHERE id = 1",
    "tag {0} is listed under another pacticipant": """INSERT INTO tags (id, version, name, created) VALUES (1, 1, 't', 2);
        UPDATE tags SET pacticipant_id = 3""",
    "the numbers of versions, pacts and results are counted as {0}, {1} and {2}": "UPDATE counts SET pacts = 5",
    "the integration of consumer {0} and provider {1} is not listed, or has no pact": "DELETE FROM integrations WHERE provider = 3",
}


def test_every_invariant_has_a_damage_that_violates_it() -> None:
    """A new invariant needs a line in DAMAGES."""
    assert DAMAGES.keys() == INVARIANTS.keys() | INVARIANTS_OF_VERSION_2.keys()


@pytest.mark.parametrize("description", DAMAGES)
def test_check_finds_a_violated_invariant(sound: Path, description: str) -> None:
    """Each damage is found as what it is."""
    change(sound, DAMAGES[description])

    _, findings = check_database(sound)

    start = description.partition(" {")[0]
    assert [finding for finding in findings if finding.startswith(start)] != []


def test_check_finds_a_missing_row(sound: Path) -> None:
    """A reference to a row that does not exist is named."""
    change(sound, "PRAGMA foreign_keys = OFF; DELETE FROM contents WHERE id = 2")

    _, findings = check_database(sound)

    assert "row 2 of pacts refers to a row of contents that does not exist" in findings


def test_check_finds_a_damaged_file(sound: Path) -> None:
    """Pages that were overwritten are damage: exit code 1, or 2 if nothing can be read."""
    size = sound.stat().st_size
    with sound.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 2))

    result = run("check", "--database", sound)

    assert result.returncode in {1, 2}
    assert "Traceback" not in result.stderr
    assert "damaged: " in result.stdout or "malformed" in result.stderr
