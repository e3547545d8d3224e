"""Insert or replace a row in one statement."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Insert, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.persistence.tables import Base

Condition: TypeAlias = Callable[[Any], ColumnElement[bool]]
"""Whether a new row, given by its columns, replaces the stored one."""


async def upsert(
    connection: AsyncConnection, row_type: type[Base], condition: Condition | None = None, **values: Any
) -> None:
    """Insert a row, or replace the row with the same primary key.

    `Session.merge` reads before it writes, so two of them at once would both insert.

    Args:
        connection: the transaction.
        row_type: the table.
        condition: whether the new row replaces the stored one; without it, always.
        values: the value of every column, by attribute.
    """
    columns = inspect(row_type).columns
    parameters = {columns[name].key: value for name, value in values.items()}
    await connection.execute(_statement(row_type, connection.dialect.name, condition), parameters)


# SQLAlchemy takes longer to build a statement than to execute it
@lru_cache
def _statement(row_type: type[Base], dialect: str, condition: Condition | None) -> Insert:
    # SQLAlchemy's generic insert has no ON CONFLICT
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    mapper = inspect(row_type)
    statement = insert(row_type)
    replaced = {
        column.key: statement.excluded[column.key] for column in mapper.columns if not column.primary_key
    }
    return statement.on_conflict_do_update(
        index_elements=list(mapper.primary_key),
        set_=replaced,
        where=condition(statement.excluded) if condition else None,
    )
