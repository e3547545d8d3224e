"""Insert or replace a row in one statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.persistence.tables import Base


async def upsert(session: AsyncSession, row_type: type[Base], **values: Any) -> None:
    """Insert a row, or replace the row with the same primary key.

    `Session.merge` reads before it writes, so two of them at once would both insert.

    Args:
        session: the transaction.
        row_type: the table.
        values: the value of every column, by attribute.
    """
    # SQLAlchemy's generic insert has no ON CONFLICT
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(row_type).values(**values)
    mapper = inspect(row_type)
    replaced = {
        column.key: statement.excluded[column.key] for column in mapper.columns if not column.primary_key
    }
    await session.execute(
        statement.on_conflict_do_update(index_elements=list(mapper.primary_key), set_=replaced)
    )
