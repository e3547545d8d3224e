"""Versions of the database's schema: `PRAGMA user_version` names the version of a file, migrations lead to the newest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from broker.schema import SCHEMA_SQL

# indexes in the order of ids, because the newest of something is asked for far more often than all of it
INTEGRATIONS_SQL = """
CREATE TABLE integrations (
    consumer INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE,
    provider INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE, PRIMARY KEY (consumer, provider)) WITHOUT ROWID;
CREATE INDEX integrations_by_provider ON integrations (provider);
INSERT INTO integrations SELECT DISTINCT consumer, provider FROM contents;
CREATE TRIGGER add_integration AFTER INSERT ON contents BEGIN
    INSERT OR IGNORE INTO integrations (consumer, provider) VALUES (NEW.consumer, NEW.provider);
END;
CREATE TRIGGER remove_integration AFTER DELETE ON contents
WHEN NOT EXISTS (SELECT 1 FROM contents WHERE consumer = OLD.consumer AND provider = OLD.provider) BEGIN
    DELETE FROM integrations WHERE consumer = OLD.consumer AND provider = OLD.provider;
END;
ALTER TABLE pacts ADD COLUMN consumer_id INTEGER REFERENCES pacticipants ON DELETE CASCADE;
UPDATE pacts SET consumer_id = (SELECT pacticipant FROM versions WHERE id = pacts.version);
CREATE TRIGGER set_consumer_of_pact AFTER INSERT ON pacts WHEN NEW.consumer_id IS NULL BEGIN
    UPDATE pacts SET consumer_id = (SELECT pacticipant FROM versions WHERE id = NEW.version) WHERE id = NEW.id;
END;
DROP INDEX pacts_by_provider;
CREATE INDEX pacts_by_provider ON pacts (provider, consumer_id, version, current);
CREATE INDEX pacts_by_consumer ON pacts (consumer_id);
DROP INDEX pacts_by_content;
CREATE INDEX pacts_by_content ON pacts (content, version);
CREATE INDEX results_by_version ON results (version);
CREATE INDEX results_in_order ON results (content);
CREATE INDEX versions_in_order ON versions (pacticipant);
CREATE INDEX branch_versions_in_order ON branch_versions (branch);
ALTER TABLE tags ADD COLUMN pacticipant_id INTEGER REFERENCES pacticipants ON DELETE CASCADE;
UPDATE tags SET pacticipant_id = (SELECT pacticipant FROM versions WHERE id = tags.version);
CREATE TRIGGER set_pacticipant_of_tag AFTER INSERT ON tags WHEN NEW.pacticipant_id IS NULL BEGIN
    UPDATE tags SET pacticipant_id = (SELECT pacticipant FROM versions WHERE id = NEW.version) WHERE id = NEW.id;
END;
CREATE INDEX tags_by_pacticipant ON tags (pacticipant_id, name, version);
CREATE INDEX tags_by_first_use ON tags (pacticipant_id, name, created);
CREATE TABLE counts (id INTEGER PRIMARY KEY CHECK (id = 1), versions INTEGER NOT NULL, pacts INTEGER NOT NULL, results INTEGER NOT NULL);
INSERT INTO counts SELECT 1, (SELECT count(*) FROM versions), (SELECT count(*) FROM pacts WHERE current = 1), (SELECT count(*) FROM results);
CREATE TRIGGER count_version AFTER INSERT ON versions BEGIN UPDATE counts SET versions = versions + 1; END;
CREATE TRIGGER uncount_version AFTER DELETE ON versions BEGIN UPDATE counts SET versions = versions - 1; END;
CREATE TRIGGER count_pact AFTER INSERT ON pacts BEGIN UPDATE counts SET pacts = pacts + NEW.current; END;
CREATE TRIGGER recount_pact AFTER UPDATE OF current ON pacts BEGIN UPDATE counts SET pacts = pacts + NEW.current - OLD.current; END;
CREATE TRIGGER uncount_pact AFTER DELETE ON pacts BEGIN UPDATE counts SET pacts = pacts - OLD.current; END;
CREATE TRIGGER count_result AFTER INSERT ON results BEGIN UPDATE counts SET results = results + 1; END;
CREATE TRIGGER uncount_result AFTER DELETE ON results BEGIN UPDATE counts SET results = results - 1; END;
"""

WEBHOOKS_SQL = """
CREATE TABLE IF NOT EXISTS labels (
    id INTEGER PRIMARY KEY AUTOINCREMENT, pacticipant INTEGER NOT NULL REFERENCES pacticipants ON DELETE CASCADE,
    name TEXT NOT NULL, created INTEGER NOT NULL, UNIQUE (pacticipant, name));
CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, description TEXT, enabled INTEGER NOT NULL,
    consumer INTEGER REFERENCES pacticipants ON DELETE CASCADE, consumer_label TEXT,
    provider INTEGER REFERENCES pacticipants ON DELETE CASCADE, provider_label TEXT,
    events TEXT NOT NULL, request TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL);
CREATE TABLE triggered_webhooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, webhook INTEGER REFERENCES webhooks ON DELETE SET NULL,
    webhook_uuid TEXT NOT NULL, name TEXT NOT NULL, event TEXT NOT NULL,
    pact INTEGER NOT NULL REFERENCES pacts ON DELETE CASCADE, result INTEGER REFERENCES results ON DELETE SET NULL,
    provider_version INTEGER REFERENCES versions ON DELETE SET NULL, provider_descriptions TEXT NOT NULL,
    base_url TEXT NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL, due INTEGER, created INTEGER NOT NULL);
CREATE INDEX triggered_webhooks_due ON triggered_webhooks (due) WHERE due IS NOT NULL;
CREATE INDEX triggered_webhooks_by_pact ON triggered_webhooks (pact);
CREATE INDEX triggered_webhooks_by_result ON triggered_webhooks (result);
CREATE INDEX triggered_webhooks_by_webhook ON triggered_webhooks (webhook_uuid);
CREATE TABLE webhook_attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, triggered_webhook INTEGER NOT NULL REFERENCES triggered_webhooks ON DELETE CASCADE,
    success INTEGER NOT NULL, log TEXT NOT NULL, created INTEGER NOT NULL);
CREATE INDEX webhook_attempts_by_trigger ON webhook_attempts (triggered_webhook);
"""

ACTIVITY_SQL = """
CREATE INDEX pacts_by_activity ON pacts (provider, consumer_id, created);
"""

MIGRATIONS: tuple[str, ...] = (SCHEMA_SQL, INTEGRATIONS_SQL, WEBHOOKS_SQL, ACTIVITY_SQL)
"""The script at index n leads from version n to n + 1. Never change one that was released: append another."""

SCHEMA_VERSION = len(MIGRATIONS)
"""The version that this broker reads and writes."""


class SchemaError(Exception):
    """The file has a schema that this broker does not know; the message says what to do."""


def schema_version(connection: sqlite3.Connection) -> int:
    """Return the schema version of a database: 0 for an empty one, 1 also for one of a broker that wrote no version.

    Raises:
        SchemaError: The tables are those of another application, or of a newer broker.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "pacticipants" not in tables:
        if tables or version:
            raise SchemaError("it is the database of another application")
        return 0
    if version > SCHEMA_VERSION:
        raise SchemaError(
            f"its schema has version {version} and this broker knows versions up to {SCHEMA_VERSION}: "
            "start the newer broker that wrote it, or restore a backup from before its first start"
        )
    return max(version, 1)


def require_schema(connection: sqlite3.Connection) -> int:
    """Return the schema version of a database that has one.

    Raises:
        SchemaError: The file is empty, or has a schema that this broker does not know.
    """
    version = schema_version(connection)
    if not version:
        raise SchemaError("it has no tables of a broker")
    return version


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to the newest schema version: all of it or, on an error, nothing.

    Raises:
        SchemaError: The file has a schema that this broker does not know.
    """
    if schema_version(connection) == SCHEMA_VERSION and _has_version(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # read again, because another process may have migrated the file before this one got the lock
        for script in MIGRATIONS[schema_version(connection) :]:
            for statement in split_statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has already rolled back after some errors, such as a full disk
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def split_statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; `executescript` would commit the transaction that is open."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _has_version(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA user_version").fetchone()[0])
