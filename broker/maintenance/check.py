"""Find damage: of the file, of the references between tables, and of what the broker promises about its data."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from broker.database import connect_read_only
from broker.migrations import SchemaError, require_schema
from broker.sqlite_errors import describe_failure

LOCK_TIMEOUT_MS = 5000
MAX_FINDINGS = 20
"""Findings of one kind that are listed; the others are counted."""

COUNTED = {
    "pacticipants": "pacticipants",
    "versions": "versions",
    "pacts": "pacts WHERE current = 1",
    "verification results": "results",
    "deployments and releases": "deployments",
}

INVARIANTS: dict[str, str] = {
    "pact {0} belongs to another consumer or provider than its content": """SELECT p.id FROM pacts p
        JOIN contents c ON c.id = p.content JOIN versions v ON v.id = p.version
        WHERE c.provider <> p.provider OR c.consumer <> v.pacticipant""",
    "version {0} has several current pacts with provider {1}": """SELECT version, provider FROM pacts
        WHERE current = 1 GROUP BY version, provider HAVING count(*) > 1""",
    "version {0} has overwritten pacts with provider {1} and no current one": """SELECT version, provider FROM pacts
        GROUP BY version, provider HAVING max(current) = 0""",
    "content {0} has several current results of version {1}": """SELECT content, version FROM results
        WHERE current = 1 GROUP BY content, version HAVING count(*) > 1""",
    "content {0} has a result of version {1}, which does not belong to its provider": """SELECT r.content, r.version
        FROM results r JOIN contents c ON c.id = r.content JOIN versions v ON v.id = r.version
        WHERE v.pacticipant <> c.provider""",
    "content {0} is not a JSON object": """SELECT id FROM contents
        WHERE CASE WHEN json_valid(json) THEN json_type(json) <> 'object' ELSE 1 END""",
    "result {0} has fields that are not JSON": """SELECT id FROM results WHERE NOT json_valid(verified_by)
        OR NOT json_valid(tags) OR (test_results IS NOT NULL AND NOT json_valid(test_results))""",
    "environment {0} has contacts that are not JSON": "SELECT name FROM environments WHERE NOT json_valid(contacts)",
    "pacticipant {0} has several versions deployed in environment {1} as instance {2}": """SELECT v.pacticipant,
        d.environment, d.instance FROM deployments d JOIN versions v ON v.id = d.version
        WHERE d.kind = 'deployed' AND d.ended IS NULL
        GROUP BY v.pacticipant, d.environment, d.instance HAVING count(*) > 1""",
    "branch {0} has version {1} of another pacticipant": """SELECT b.id, v.id FROM branch_versions bv
        JOIN branches b ON b.id = bv.branch JOIN versions v ON v.id = bv.version WHERE v.pacticipant <> b.pacticipant""",
}
"""Queries that return nothing from a sound database, by what they find."""

INVARIANTS_OF_VERSION_2: dict[str, str] = {
    "pact {0} is listed under another consumer": """SELECT p.id FROM pacts p JOIN versions v ON v.id = p.version
        WHERE p.consumer_id IS NOT v.pacticipant""",
    "tag {0} is listed under another pacticipant": """SELECT t.id FROM tags t JOIN versions v ON v.id = t.version
        WHERE t.pacticipant_id IS NOT v.pacticipant""",
    "the numbers of versions, pacts and results are counted as {0}, {1} and {2}": """SELECT versions, pacts, results
        FROM counts WHERE versions <> (SELECT count(*) FROM versions) OR results <> (SELECT count(*) FROM results)
        OR pacts <> (SELECT count(*) FROM pacts WHERE current = 1)""",
    "the integration of consumer {0} and provider {1} is not listed, or has no pact": """
        SELECT * FROM (SELECT consumer, provider FROM integrations EXCEPT SELECT consumer, provider FROM contents)
        UNION ALL SELECT * FROM (SELECT consumer, provider FROM contents EXCEPT SELECT consumer, provider FROM integrations)""",
}
"""Those of tables and columns that schema version 1 lacks."""


class CheckError(Exception):
    """The file cannot be checked; the message says why."""


def check_database(path: Path) -> tuple[str, list[str]]:
    """Return a summary of the contents, and the findings; a broker may be using the database.

    Raises:
        CheckError: The file does not exist, or is not a database of a broker.
    """
    if not path.exists():
        raise CheckError(f"{path} does not exist")
    try:
        with closing(connect_read_only(path, LOCK_TIMEOUT_MS)) as connection:
            connection.execute("BEGIN")
            version = require_schema(connection)
            findings = _damage(connection)
            # the invariants of a damaged file would only repeat the damage
            return _summary(connection, version), findings or list(_violations(connection, version))
    except (SchemaError, sqlite3.Error) as error:
        raise CheckError(f"{path} cannot be checked: {describe_failure(error, path)}") from None


def _damage(connection: sqlite3.Connection) -> list[str]:
    messages = [row[0] for row in connection.execute(f"PRAGMA integrity_check({MAX_FINDINGS})")]
    findings = [] if messages == ["ok"] else [f"damaged: {message}" for message in messages]
    for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(MAX_FINDINGS):
        findings.append(f"row {row_id} of {table} refers to a row of {parent} that does not exist")
    return findings


def _violations(connection: sqlite3.Connection, version: int) -> Iterator[str]:
    invariants = INVARIANTS | (INVARIANTS_OF_VERSION_2 if version >= 2 else {})
    for description, query in invariants.items():
        rows = connection.execute(query)
        for row in rows.fetchmany(MAX_FINDINGS):
            yield description.format(*row)
        if more := sum(1 for _ in rows):
            yield f"… and {more} more of this kind"


def _summary(connection: sqlite3.Connection, version: int) -> str:
    counts = [
        f"{connection.execute(f'SELECT count(*) FROM {table}').fetchone()[0]:,} {name}"
        for name, table in COUNTED.items()
    ]
    return f"schema version {version}; {', '.join(counts)}"
