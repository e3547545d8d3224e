"""How many versions, pacts and results the broker stores."""

from __future__ import annotations

from broker.database import Database

_TABLES = {"versions": "versions", "pacts": "pacts WHERE current = 1", "results": "results"}


def count_rows(db: Database) -> dict[str, int]:
    """Return the numbers of versions, current pacts and verification results."""
    return {name: db.fetch_value(f"SELECT count(*) FROM {table}") for name, table in _TABLES.items()}


def check_connection(db: Database) -> None:
    """Run a trivial query; raises the driver's error if the database does not respond."""
    db.fetch_value("SELECT 1")
