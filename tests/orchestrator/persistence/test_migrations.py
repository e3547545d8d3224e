"""The schema is upgraded at start-up, whatever the database contained before."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, DateTime, bindparam, select, text

from orchestrator.persistence.database import Database
from orchestrator.persistence.migrations.versions import revision_0001_initial
from orchestrator.persistence.tables import Base, CallRecordRow


def schema_differences(connection: Connection) -> list[object]:
    """Return what differs between the database and the tables of the code."""
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def create_legacy_schema(connection: Connection) -> None:
    """Create the tables as versions without migrations did."""
    from alembic.operations import Operations  # noqa: PLC0415 - only here

    with Operations.context(MigrationContext.configure(connection)):
        revision_0001_initial.upgrade()


async def revision(database: Database) -> str | None:
    """Return the revision that the database is at."""
    async with database.engine.connect() as connection:
        value: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        return value


async def test_migrations_create_the_tables_of_the_code(empty_database: Database) -> None:
    """A changed table without a migration is found here."""
    await empty_database.upgrade_schema()

    async with empty_database.engine.connect() as connection:
        assert await connection.run_sync(schema_differences) == []


async def test_database_without_migrations_is_adopted(empty_database: Database) -> None:
    """Its rows are kept; consents become valid for all hotels, and a record of the future counts from now."""
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(create_legacy_schema)
        for call_id, year in (("1", 2020), ("2", 9999)):
            await connection.execute(
                text(
                    "INSERT INTO call_records (call_id, subject, language, started_at, ended_at, duration, "
                    "interactions, warnings) VALUES (:call_id, 'pseudonym', 'de', :at, :at, 1, '[]', '[]')"
                ).bindparams(bindparam("at", type_=DateTime(timezone=True))),
                {"call_id": call_id, "at": datetime(year, 5, 1, 12, tzinfo=UTC)},
            )
        await connection.exec_driver_sql(
            "INSERT INTO consents (subject, purpose, granted, recorded_at) "
            "VALUES ('pseudonym', 'recording', true, '2027-05-01 12:00:00')"
        )

    await empty_database.upgrade_schema()

    async with empty_database.engine.connect() as connection:
        assert await connection.run_sync(schema_differences) == []
        consents = await connection.exec_driver_sql("SELECT subject, hotel_id FROM consents")
        assert [tuple(row) for row in consents] == [("pseudonym", "")]
    async with empty_database.transaction() as db_session:
        records = (await db_session.scalars(select(CallRecordRow).order_by(CallRecordRow.call_id))).all()
    assert [record.started_at.year for record in records] == [2020, 9999]
    assert [record.recorded_at.year for record in records] == [2020, datetime.now(UTC).year]
    assert await revision(empty_database) == "0006"


async def test_second_upgrade_changes_nothing(database: Database) -> None:
    """Every start upgrades."""
    await database.upgrade_schema()

    assert await revision(database) == "0006"


async def test_concurrent_upgrades_wait_for_each_other(empty_database: Database) -> None:
    """Two processes can start at the same time."""
    url = empty_database.engine.url.render_as_string(hide_password=False)
    others = [Database(url) for _ in range(3)]

    await asyncio.gather(*(database.upgrade_schema() for database in (empty_database, *others)))

    assert await revision(empty_database) == "0006"
    for database in others:
        await database.close()
