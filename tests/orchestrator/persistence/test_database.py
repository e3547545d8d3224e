"""The database keeps what it must, in SQLite and in a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.calls.call import Call, Interaction
from orchestrator.errors import ServiceUnavailableError
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.database import Database
from orchestrator.security.api_keys import ApiKeyService
from orchestrator.security.passwords import PasswordService
from orchestrator.security.roles import Permission, Role
from orchestrator.security.users import UserRepository
from tests.postgresql_server import postgresql_server

NOW = datetime(2027, 5, 1, 12, tzinfo=UTC)
CALL = Call(
    call_id="1",
    hotel_id="MUC",
    caller_number="+4930123456",
    caller_pseudonym="pseudonym",
    language="de",
    started_at=NOW,
    interactions=(Interaction(type="greeting", outcome="done"),),
    warnings=("PMS_UNAVAILABLE",),
)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A real PostgreSQL."""
    with postgresql_server() as server:
        yield server.url


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database of each kind, with nothing in it."""
    url = (
        f"sqlite+aiosqlite:///{tmp_path}/x.sqlite"
        if request.param == "sqlite"
        else request.getfixturevalue("postgresql")
    )
    found = Database(url)
    await found.upgrade_schema()
    yield found
    async with found.engine.begin() as connection:
        for table in ("users", "api_keys", "call_records", "consents"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - our own words
    await found.close()


async def test_a_record_is_kept_once(database: Database) -> None:
    """Written again, it is the same one; the caller's number is not in it."""
    records = CallRecordRepository(database)
    for _ in range(2):
        await records.save(CALL, NOW, 60.0)

    [kept] = (await records.export_for("pseudonym"))["calls"]

    assert (kept["call_id"], kept["duration"], kept["warnings"]) == ("1", 60.0, ["PMS_UNAVAILABLE"])
    assert "+4930123456" not in str(kept)


async def test_records_expire(database: Database) -> None:
    """Those that are older than they may be, and no others."""
    records = CallRecordRepository(database)
    await records.save(CALL, NOW - timedelta(days=91), 60.0)
    await records.save(CALL.model_copy(update={"call_id": "2"}), NOW - timedelta(days=89), 60.0)

    gone = await records.delete_older_than(NOW, 90)

    assert gone == 1
    assert [one["call_id"] for one in (await records.export_for("pseudonym"))["calls"]] == ["2"]


async def test_a_person_is_forgotten(database: Database) -> None:
    """Only this one."""
    records = CallRecordRepository(database)
    await records.save(CALL, NOW, 1.0)
    await records.save(CALL.model_copy(update={"call_id": "2", "caller_pseudonym": "other"}), NOW, 1.0)

    erased = await records.delete_for("pseudonym")

    assert (erased.call_records, len((await records.export_for("other"))["calls"])) == (1, 1)


async def test_a_user_is_one_in_any_case(database: Database) -> None:
    """And logs in with the right password only."""
    users = UserRepository(database, PasswordService(minimum_cost=True))
    first = await users.create("Ada@Hotel.example", "a long password", [Role.VIEWER])
    second = await users.create("ada@hotel.EXAMPLE", "another password", [Role.ADMIN])

    right = await users.authenticate("ADA@hotel.example", "a long password")
    wrong = await users.authenticate("ada@hotel.example", "another password")

    assert first is not None
    assert right is not None
    assert (second, right.user_id, wrong) == (None, first.user_id, None)


async def test_a_password_is_not_kept(database: Database) -> None:
    """Only what Argon2 makes of it."""
    users = UserRepository(database, PasswordService(minimum_cost=True))
    user = await users.create("ada@hotel.example", "a long password", [Role.VIEWER])

    assert user is not None
    assert user.password_hash.startswith("$argon2id$")
    assert "a long password" not in user.password_hash


async def test_an_api_key_expires(database: Database) -> None:
    """On its day."""
    now = [NOW]
    keys = ApiKeyService(database, lambda: now[0])
    _, text = await keys.create("n", "s", [Permission.CALL_START], 1)
    before = await keys.verify(text)
    now[0] += timedelta(days=1)

    after = await keys.verify(text)

    assert before is not None
    assert (before.permissions, after) == (frozenset({Permission.CALL_START}), None)


async def test_a_record_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """It is not lost without a word."""
    without_tables = Database(f"sqlite+aiosqlite:///{tmp_path}/x.sqlite")

    with pytest.raises(ServiceUnavailableError):
        await CallRecordRepository(without_tables).save(CALL, NOW, 1.0)
    await without_tables.close()
