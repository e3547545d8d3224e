"""Recordings in the database, and the deletion of their files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestrator.calls.call import Call
from orchestrator.calls.ports import OpenRecording
from orchestrator.gdpr.recordings import RecordingErasure, RecordingsRemainError
from orchestrator.persistence.consents import ConsentRepository
from orchestrator.persistence.database import Database, DatabaseUnavailableError
from orchestrator.persistence.recordings import RecordingRepository

FILE, OTHER_FILE = "call-1-0123.ogg", "call-1-4567.ogg"
CALL = Call(
    call_id="1",
    hotel_id="MUC",
    caller_number="+4930123456",
    caller_pseudonym="pseudonym",
    language="en",
    started_at=datetime(2027, 5, 1, 10, tzinfo=UTC),
)


class Recordings(RecordingRepository):
    """Recordings whose clock can be set back by `age`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, lambda: datetime.now(UTC) - self.age)
        self.database = database
        self.age = timedelta()


@pytest.fixture
async def recordings(tmp_path: Path) -> AsyncIterator[Recordings]:
    """An empty database."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/x.sqlite")
    await database.upgrade_schema()
    yield Recordings(database)
    await database.close()


async def store(recordings: Recordings, age: timedelta, *, stopped: bool) -> None:
    """Store a recording of some age."""
    recordings.age = age
    await recordings.save_consent(CALL, granted=True, at=CALL.started_at)
    await recordings.open(CALL, FILE)
    assert await recordings.confirm_start(CALL, FILE, "EG_1")
    if stopped:
        await recordings.begin_stop(CALL)
        await recordings.confirm_stop(FILE)
    recordings.age = timedelta()


@pytest.mark.parametrize(
    ("age", "stopped", "has_file", "remains"),
    [
        (timedelta(0), True, True, False),
        # the recorder may still write it
        (timedelta(minutes=1), True, False, True),
        (timedelta(minutes=11), True, False, False),
        # it is not known to be stopped
        (timedelta(hours=1), False, True, True),
        (timedelta(days=2), False, True, False),
        (timedelta(days=2), False, False, False),
    ],
)
async def test_recording_is_forgotten_only_if_no_file_is_left(
    recordings: Recordings, tmp_path: Path, *, age: timedelta, stopped: bool, has_file: bool, remains: bool
) -> None:
    """What remains is tried again with the expired recordings."""
    await store(recordings, age, stopped=stopped)
    if has_file:
        (tmp_path / FILE).touch()
    erasure = RecordingErasure(recordings, tmp_path)

    erased = await erasure.erase("pseudonym", ["MUC"])
    with pytest.raises(RecordingsRemainError) if remains else nullcontext():
        await erasure.delete_older_than(datetime.now(UTC), 90)

    assert (erased.deleted, erased.remaining) == ((0, [FILE]) if remains else (1, []))
    assert not (tmp_path / FILE).exists()
    assert len(await recordings.list_for("pseudonym")) == remains


async def test_recordings_of_other_hotels_and_callers_are_kept(
    recordings: Recordings, tmp_path: Path
) -> None:
    """Neither is a recording whose retention period has not ended."""
    await store(recordings, timedelta(days=89), stopped=True)
    (tmp_path / FILE).touch()
    erasure = RecordingErasure(recordings, tmp_path)

    erased = [await erasure.erase("pseudonym", ["BER"]), await erasure.erase("another", None)]
    expired = await erasure.delete_older_than(datetime.now(UTC), 90)

    assert ([deletion.deleted for deletion in erased], expired) == ([0, 0], 0)
    assert (tmp_path / FILE).exists()


async def test_without_a_folder_nothing_is_forgotten(recordings: Recordings) -> None:
    """RECORDINGS_FOLDER was removed although there are recordings."""
    await store(recordings, timedelta(days=91), stopped=True)

    with pytest.raises(RecordingsRemainError):
        await RecordingErasure(recordings, None).delete_older_than(datetime.now(UTC), 90)

    assert len(await recordings.list_for("pseudonym")) == 1


async def test_missing_folder_is_no_deletion(recordings: Recordings, tmp_path: Path) -> None:
    """The volume is not mounted: the files are deleted when it is there again."""
    await store(recordings, timedelta(days=91), stopped=True)
    folder = tmp_path / "volume"
    erasure = RecordingErasure(recordings, folder)

    with pytest.raises(RecordingsRemainError):
        await erasure.delete_older_than(datetime.now(UTC), 90)
    erased = await erasure.erase("pseudonym", None)
    folder.mkdir()
    (folder / FILE).touch()
    again = await erasure.erase("pseudonym", None)

    assert (erased.deleted, erased.remaining) == (0, [FILE])
    assert (again.deleted, again.remaining, list(folder.iterdir())) == (1, [], [])


async def test_recording_to_be_stopped_is_not_confirmed(recordings: Recordings) -> None:
    """The call has ended while the recording was started; a later consent opens another recording."""
    await recordings.save_consent(CALL, granted=True, at=CALL.started_at)
    opened = await recordings.open(CALL, FILE)
    stopping = await recordings.begin_stop(CALL)

    assert (opened, [recording.file for recording in stopping]) == (
        OpenRecording(FILE, "1", is_new=True),
        [FILE],
    )
    assert await recordings.confirm_start(CALL, FILE, "EG_1") is False
    assert await recordings.open(CALL, FILE) == OpenRecording(FILE, "1")
    assert await recordings.open(CALL, OTHER_FILE) == OpenRecording(OTHER_FILE, "1", is_new=True)


async def test_recording_that_starts_after_a_refusal_is_to_be_deleted(recordings: Recordings) -> None:
    """The refusal came before the recording was stored, and found nothing to stop."""
    await recordings.save_consent(CALL, granted=True, at=CALL.started_at)
    await recordings.open(CALL, FILE)
    await recordings.save_consent(CALL, granted=False, at=CALL.started_at)

    is_confirmed = await recordings.confirm_start(CALL, FILE, "EG_1")

    due = await recordings.list_due(CALL.started_at, 90)
    assert (is_confirmed, [recording.file for recording in due]) == (False, [FILE])
    assert [entry["status"] for entry in await recordings.list_for("pseudonym")] == ["stopping"]


@pytest.mark.parametrize("hotel_ids", [None, ["MUC"]])
async def test_consent_that_was_withdrawn_later_opens_no_recording(
    recordings: Recordings, hotel_ids: list[str] | None
) -> None:
    """The event of the consent arrives late; another hotel's withdrawal has no effect on the call."""
    withdrawals = ConsentRepository(recordings.database)
    later = CALL.started_at + timedelta(seconds=20)
    berlin = CALL.model_copy(update={"hotel_id": "BER"})
    await withdrawals.save("pseudonym", "recording", granted=False, at=later, hotel_ids=hotel_ids)
    for call in (CALL, berlin):
        await recordings.save_consent(call, granted=True, at=CALL.started_at)

    opened = [await recordings.open(CALL, FILE), await recordings.open(berlin, OTHER_FILE)]

    assert [recording is not None for recording in opened] == [False, hotel_ids is not None]


async def test_withdrawal_stops_the_recordings_of_the_hotels(recordings: Recordings) -> None:
    """Other hotels and callers go on being recorded."""
    await store(recordings, timedelta(), stopped=False)

    of_others = [
        *await recordings.begin_stop_of_caller("pseudonym", ["BER"]),
        *await recordings.begin_stop_of_caller("another", None),
    ]
    stopping = await recordings.begin_stop_of_caller("pseudonym", ["MUC"])

    assert (of_others, stopping) == ([], [OpenRecording(FILE, "1", "EG_1")])


async def test_call_with_a_reused_id_has_recordings_of_its_own(recordings: Recordings) -> None:
    """A telephone system may use an id again later."""
    later = CALL.model_copy(update={"started_at": CALL.started_at + timedelta(days=1)})
    await store(recordings, timedelta(), stopped=False)

    assert await recordings.begin_stop(later) == []
    assert await recordings.open(later, OTHER_FILE) == OpenRecording(OTHER_FILE, "1", is_new=True)


async def test_database_outage_is_reported_to_the_call_flow() -> None:
    """The telephone system delivers the event again."""
    database = Database("sqlite+aiosqlite:////nonexistent/x.sqlite")
    recordings = RecordingRepository(database)

    with pytest.raises(DatabaseUnavailableError):
        await recordings.open(CALL, FILE)
    with pytest.raises(DatabaseUnavailableError):
        await recordings.save_consent(CALL, granted=True, at=CALL.started_at)
    await database.close()
