"""Call records are kept per hotel, call id and start, and have the time at which they were written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Existing records count as written when their call ended, or now if that is in the future."""
    # SQLite cannot change a primary key, so the table is copied.
    op.create_table(
        "call_records_by_start",
        sa.Column("hotel_id", sa.String(64), primary_key=True),
        sa.Column("call_id", sa.String(128), primary_key=True),
        sa.Column("started_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("reservation_id", sa.String(64)),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration", sa.Float(), nullable=False),
        sa.Column("interactions", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute(
        "INSERT INTO call_records_by_start (hotel_id, call_id, started_at, subject, reservation_id, language, "
        "ended_at, duration, interactions, warnings, recorded_at) "
        "SELECT COALESCE(hotel_id, ''), call_id, started_at, subject, reservation_id, language, "
        "ended_at, duration, interactions, warnings, "
        "CASE WHEN ended_at > CURRENT_TIMESTAMP THEN CURRENT_TIMESTAMP ELSE ended_at END FROM call_records"
    )
    op.drop_table("call_records")
    op.rename_table("call_records_by_start", "call_records")
    op.create_index("call_records_subject", "call_records", ["subject"])
