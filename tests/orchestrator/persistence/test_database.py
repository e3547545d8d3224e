"""Repositories behave the same in SQLite and in a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.calls.call import Call, Interaction
from orchestrator.errors import ServiceUnavailableError
from orchestrator.persistence.api_keys import ApiKeyRepository
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.consents import ConsentRepository
from orchestrator.persistence.database import Database
from orchestrator.persistence.users import UserRepository
from orchestrator.security.api_keys import ApiKeyService
from orchestrator.security.passwords import PasswordService
from orchestrator.security.roles import Permission, Role
from orchestrator.security.users import UserService

NOW = datetime(2027, 5, 1, 12, tzinfo=UTC)
CALL = Call(
    call_id="1",
    hotel_id="MUC",
    caller_number="+4930123456",
    caller_pseudonym="pseudonym",
    language="de",
    started_at=NOW,
    ended_at=NOW,
    duration=60.0,
    interactions=(Interaction(type="greeting", outcome="done"),),
    warnings=("PMS_UNAVAILABLE",),
)


async def test_saved_call_record_is_replaced(database: Database) -> None:
    """There is one record, without the caller's number."""
    records = CallRecordRepository(database)
    for _ in range(2):
        await records.save(CALL)

    [record] = await records.list_for("pseudonym")

    assert (record["call_id"], record["duration"], record["warnings"]) == ("1", 60.0, ["PMS_UNAVAILABLE"])
    assert "+4930123456" not in str(record)


@pytest.mark.parametrize("reservation_id", ["A\0B-1", "x" * 5_000])
async def test_record_is_stored_without_an_unstorable_reservation_id(
    database: Database, reservation_id: str
) -> None:
    """PostgreSQL has no NUL and a limit of length; SQLite stores both."""
    records = CallRecordRepository(database)
    await records.save(CALL.model_copy(update={"reservation_id": reservation_id}))

    [record] = await records.list_for("pseudonym")

    stored = reservation_id if database.engine.dialect.name == "sqlite" else None
    assert (record["reservation_id"], record["duration"]) == (stored, 60.0)


async def test_concurrent_saves_of_one_record_succeed(database: Database) -> None:
    """Several events of a call may write its record at the same time."""
    records = CallRecordRepository(database)

    await asyncio.gather(*(records.save(CALL) for _ in range(8)))

    assert len(await records.list_for("pseudonym")) == 1


async def test_concurrent_checks_for_writing_succeed(database: Database) -> None:
    """Also the first ones on a new database."""
    await asyncio.gather(*(database.check_writable() for _ in range(5)))


async def test_newer_consent_replaces_older(database: Database) -> None:
    """One row per subject and purpose, also of concurrent requests."""
    consents = ConsentRepository(database)
    await asyncio.gather(*(consents.save("pseudonym", "recording", granted=True, at=NOW) for _ in range(4)))
    await consents.save("pseudonym", "recording", granted=False, at=NOW)

    [consent] = await consents.list_for("pseudonym")

    assert (consent["granted"], await consents.delete_for("pseudonym")) == (False, 1)


@pytest.mark.parametrize(
    ("seconds", "granted", "is_replaced"),
    [(1, True, True), (1, False, True), (0, False, True), (0, True, False), (-1, False, False)],
)
async def test_outdated_consent_does_not_replace_a_later_one(
    database: Database, seconds: int, *, granted: bool, is_replaced: bool
) -> None:
    """Events arrive late; of two answers in the same second the refusal counts."""
    consents = ConsentRepository(database)
    at = NOW + timedelta(seconds=seconds)
    await consents.save_unless_outdated("pseudonym", "recording", granted=not granted, at=NOW, hotel_id="MUC")
    await consents.save_unless_outdated("pseudonym", "recording", granted=granted, at=at, hotel_id="MUC")

    [consent] = await consents.list_for("pseudonym")

    assert consent["granted"] == (granted if is_replaced else not granted)
    assert await consents.is_granted("pseudonym", "recording", "MUC") == consent["granted"]
    assert await consents.is_granted("pseudonym", "recording", "BER") is False


@pytest.mark.parametrize("everywhere", [True, False])
async def test_refusal_counts_before_a_consent_of_the_same_time(
    database: Database, *, everywhere: bool
) -> None:
    """One of them is for all hotels, the other for the hotel of the call."""
    consents = ConsentRepository(database)
    await consents.save("pseudonym", "recording", granted=everywhere, at=NOW)

    await consents.save_unless_outdated(
        "pseudonym", "recording", granted=not everywhere, at=NOW, hotel_id="MUC"
    )

    assert await consents.is_granted("pseudonym", "recording", "MUC") is False
    assert await consents.is_granted("pseudonym", "recording", "BER") is everywhere


@pytest.mark.parametrize(
    "change",
    [{"hotel_id": "BER"}, {"started_at": NOW + timedelta(days=1)}],
    ids=["another hotel", "a later call"],
)
async def test_record_of_another_call_with_the_same_id_is_kept(
    database: Database, change: dict[str, object]
) -> None:
    """The telephone system chooses the ids, and may choose one again."""
    records = CallRecordRepository(database)
    await records.save(CALL)

    await records.save(CALL.model_copy(update={"duration": 1.0, **change}))

    assert sorted(record["duration"] for record in await records.list_for("pseudonym")) == [1.0, 60.0]


@pytest.mark.parametrize("year", [1, 2027, 9999])
async def test_retention_counts_from_the_time_of_recording(database: Database, year: int) -> None:
    """The times that a client sends neither shorten nor extend the retention period."""
    now = [NOW]
    records = CallRecordRepository(database, lambda: now[0])
    ended_at = NOW.replace(year=year)
    await records.save(CALL.model_copy(update={"ended_at": ended_at}))
    now[0] += timedelta(days=2)
    await records.save(CALL.model_copy(update={"call_id": "2", "ended_at": ended_at}))

    deleted = await records.delete_older_than(NOW + timedelta(days=91), 90)

    assert deleted == 1
    assert [call["call_id"] for call in await records.list_for("pseudonym")] == ["2"]


async def test_erasure_deletes_one_subject(database: Database) -> None:
    """Records of other subjects stay."""
    records = CallRecordRepository(database)
    await records.save(CALL)
    await records.save(CALL.model_copy(update={"call_id": "2", "caller_pseudonym": "other"}))

    erased = await records.delete_for("pseudonym")

    assert (erased, len(await records.list_for("other"))) == (1, 1)


async def test_email_addresses_ignore_case(database: Database) -> None:
    """An address exists once; login needs its password."""
    users = UserService(UserRepository(database), PasswordService(minimum_cost=True))
    first = await users.create("Ada@Hotel.example", "a long password", [Role.VIEWER])
    second = await users.create("ada@hotel.EXAMPLE", "another password", [Role.ADMIN])

    authenticated = await users.authenticate("ADA@hotel.example", "a long password")
    rejected = await users.authenticate("ada@hotel.example", "another password")

    assert first is not None
    assert authenticated is not None
    assert (second, authenticated.user_id, rejected) == (None, first.user_id, None)


async def test_password_is_stored_as_argon2_hash(database: Database) -> None:
    """The password itself is not stored."""
    users = UserService(UserRepository(database), PasswordService(minimum_cost=True))
    user = await users.create("ada@hotel.example", "a long password", [Role.VIEWER])

    assert user is not None
    assert user.password_hash.startswith("$argon2id$")
    assert "a long password" not in user.password_hash


async def test_api_key_expires(database: Database) -> None:
    """Exactly at its expiry it is no longer valid."""
    now = [NOW]
    keys = ApiKeyService(ApiKeyRepository(database), lambda: now[0])
    _, text = await keys.create("n", "s", [Permission.CALL_START], 1)
    before = await keys.verify(text)
    now[0] += timedelta(days=1)

    after = await keys.verify(text)

    assert before is not None
    assert (before.permissions, after) == (frozenset({Permission.CALL_START}), None)


async def test_failed_write_of_record_raises(tmp_path: Path) -> None:
    """The caller of `save` has to know that the record is lost."""
    without_tables = Database(f"sqlite+aiosqlite:///{tmp_path}/x.sqlite")

    with pytest.raises(ServiceUnavailableError):
        await CallRecordRepository(without_tables).save(CALL)
    await without_tables.close()


async def test_hotels_limit_records_and_consents(database: Database) -> None:
    """A principal of BER neither reads nor deletes what belongs to MUC."""
    records, consents = CallRecordRepository(database), ConsentRepository(database)
    await records.save(CALL)
    await records.save(CALL.model_copy(update={"call_id": "2", "hotel_id": "BER"}))
    for hotel_ids in (None, ["MUC"], ["BER"]):
        await consents.save("pseudonym", "recording", granted=True, at=NOW, hotel_ids=hotel_ids)

    calls_of_berlin = await records.list_for("pseudonym", ["BER"])
    consents_of_berlin = await consents.list_for("pseudonym", ["BER"])
    deleted = (
        await records.delete_for("pseudonym", ["BER"]),
        await consents.delete_for("pseudonym", ["BER"]),
    )

    assert [call["hotel_id"] for call in calls_of_berlin] == ["BER"]
    assert [consent["hotel_id"] for consent in consents_of_berlin] == [None, "BER"]
    assert deleted == (1, 1)
    assert [call["hotel_id"] for call in await records.list_for("pseudonym")] == ["MUC"]
    assert [consent["hotel_id"] for consent in await consents.list_for("pseudonym")] == [None, "MUC"]


async def test_api_key_is_limited_to_hotels(database: Database) -> None:
    """Without hotels it is valid for all."""
    keys = ApiKeyService(ApiKeyRepository(database))
    _, limited = await keys.create("n", "s", [Permission.CALL_START], None, ["BER"])
    _, unlimited = await keys.create("n", "s", [Permission.CALL_START], None)

    verified = [await keys.verify(text) for text in (limited, unlimited)]

    assert [key and key.hotel_ids for key in verified] == [("BER",), None]


async def test_one_of_concurrent_deletions_of_an_api_key_succeeds(database: Database) -> None:
    """The others find no key."""
    keys = ApiKeyService(ApiKeyRepository(database))
    key, _ = await keys.create("n", "s", [Permission.CALL_START], None)

    results = await asyncio.gather(*(keys.revoke(key.key_id) for _ in range(8)))

    assert sorted(results) == [False] * 7 + [True]


async def test_rotation_of_an_api_key_that_is_deleted_meanwhile_finds_none(database: Database) -> None:
    """Whichever comes first: no rotation fails, and none brings the key back."""
    keys = ApiKeyService(ApiKeyRepository(database))
    key, _ = await keys.create("n", "s", [Permission.CALL_START], None)

    deletion = asyncio.create_task(keys.revoke(key.key_id))
    rotated = await asyncio.gather(*(keys.rotate(key.key_id) for _ in range(8)))

    assert await deletion
    assert [text for text in rotated if text and await keys.verify(text)] == []
    assert await keys.rotate(key.key_id) is None


async def test_record_of_an_anonymous_call_names_nobody(database: Database) -> None:
    """Also not by the reservation."""
    records = CallRecordRepository(database)
    await records.save(CALL.as_anonymous().model_copy(update={"reservation_id": "X-1"}))

    [record] = await records.list_for("")

    assert (record["reservation_id"], record["duration"]) == (None, 60.0)
