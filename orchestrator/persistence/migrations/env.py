"""Runs the migrations on the connection of `upgrade_schema`; Alembic executes this file."""

from __future__ import annotations

from alembic import context

from orchestrator.persistence.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
