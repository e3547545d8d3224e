"""API keys and consents are limited to hotels; the readiness check has a row to write."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Existing keys and consents stay valid for all hotels."""
    op.add_column("api_keys", sa.Column("hotel_ids", sa.JSON()))
    # SQLite cannot change a primary key, so the table is copied.
    op.create_table(
        "consents_by_hotel",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.String(64), primary_key=True),
        sa.Column("hotel_id", sa.String(64), primary_key=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    # '' is written out: a migration must not change when ALL_HOTELS does
    op.execute(
        "INSERT INTO consents_by_hotel (subject, purpose, hotel_id, granted, recorded_at) "
        "SELECT subject, purpose, '', granted, recorded_at FROM consents"
    )
    op.drop_table("consents")
    op.rename_table("consents_by_hotel", "consents")
    op.create_table(
        "write_probe",
        sa.Column("probe_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    )
