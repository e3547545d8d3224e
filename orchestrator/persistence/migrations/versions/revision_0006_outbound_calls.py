"""Wake-up calls and call-backs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
# written out: a migration must not change when the constant in tables.py does
WAITING = "status IN ('scheduled', 'claimed', 'dialling')"


def upgrade() -> None:
    """Create the table of outbound calls."""
    op.create_table(
        "outbound_calls",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("hotel_id", sa.String(64), nullable=False),
        sa.Column("number", sa.String(16)),
        sa.Column("pseudonym", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("reservation_id", sa.String(64)),
        sa.Column("ordered_by", sa.String(64), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("lease_token", sa.String(32)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )
    op.create_index("outbound_calls_due", "outbound_calls", ["status", "next_attempt_at"])
    op.create_index(
        "outbound_calls_waiting",
        "outbound_calls",
        ["pseudonym", "hotel_id", "kind", "due_at"],
        unique=True,
        sqlite_where=sa.text(WAITING),
        postgresql_where=sa.text(WAITING),
    )
