"""How many versions, pacts and results the broker stores."""

from __future__ import annotations

from broker.database import Database


def count_rows(db: Database) -> dict[str, int]:
    """Return the numbers of versions, current pacts and verification results."""
    # triggers keep the numbers: counting would read every row
    row = db.fetch_one("SELECT versions, pacts, results FROM counts")
    return dict(row) if row else {}


def check_connection(db: Database) -> None:
    """Run a trivial query; raises the driver's error if the database does not respond."""
    db.fetch_value("SELECT 1")
