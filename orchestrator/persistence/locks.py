"""Locks that end with the transaction, for what a condition on single rows cannot hold."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

OUTBOUND_ORDERS_KEY = 6_470_222
"""Any number other than that of the migrations; all processes of this service use the same."""


async def lock_outbound_orders(db_session: AsyncSession) -> None:
    """Wait until no other transaction orders an outbound call. Must come before the transaction's first statement."""
    connection: AsyncConnection = await db_session.connection()
    if connection.dialect.name == "sqlite":
        # sqlite3 starts a transaction before the first write only, when the calls have been counted
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({OUTBOUND_ORDERS_KEY})")
