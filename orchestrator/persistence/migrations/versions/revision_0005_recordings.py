"""Recordings of calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    """Create the table of recordings."""
    op.create_table(
        "recordings",
        sa.Column("file", sa.String(200), primary_key=True),
        sa.Column("hotel_id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(128), nullable=False),
        sa.Column("call_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("egress_id", sa.String(64)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("erasure_requested", sa.Boolean(), nullable=False),
    )
    op.create_index("recordings_subject", "recordings", ["subject"])
    op.create_index("recordings_call", "recordings", ["hotel_id", "call_id"])
