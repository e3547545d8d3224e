"""Recordings whose start overlaps with what ends them."""

from __future__ import annotations

import pytest

from orchestrator.calls.call import Call
from orchestrator.calls.ports import DependencyUnavailableError, OpenRecording
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.state.memory import InMemoryStateStore
from tests.orchestrator.calls.call_flow import START
from tests.orchestrator.calls.recording_doubles import ArchiveInMemory, RecorderInMemory

CALL = Call(
    call_id="1",
    hotel_id="MUC",
    caller_number="+4930123456",
    caller_pseudonym="pseudonym",
    language="en",
    room_name="call-1",
    started_at=START,
)


class SlowRecorder(RecorderInMemory):
    """A recorder that starts only after the call was to be recorded no more."""

    recordings: CallRecordings

    async def start_recording(self, room_name: str, file: str) -> str:
        """Let the end of the call come first."""
        await self.recordings.stop(CALL)
        return await super().start_recording(room_name, file)


async def stored_call() -> CallRepository:
    """Return a store with the call."""
    calls = CallRepository(InMemoryStateStore())
    await calls.claim(CALL.call_id, CALL.start_event_id)
    await calls.create(CALL)
    return calls


async def test_recording_that_starts_after_the_end_is_stopped_at_once() -> None:
    """The end of the call, a withdrawal or an erasure did not find it at the recorder yet."""
    recorder, archive = SlowRecorder(), ArchiveInMemory({CALL.caller_pseudonym: True})
    calls = await stored_call()
    recorder.recordings = CallRecordings(recorder, archive, "/recordings", calls)

    is_recorded = await recorder.recordings.start(CALL, "0123456789abcdef0123")

    assert (is_recorded, recorder.running) == (False, {})
    assert archive.stopped == {"call-1-0123456789abcdef.ogg"}


class FailingRecorder(RecorderInMemory):
    """A recorder that does not stop the recording of one room."""

    async def stop_recording(self, recording_id: str) -> None:
        """Fail for call 1."""
        if recording_id == "EG_call-1":
            raise DependencyUnavailableError("livekit", "timeout")
        await super().stop_recording(recording_id)


async def test_recording_that_cannot_be_stopped_keeps_no_other_one_running() -> None:
    """The caller is recorded in two calls; the failure is reported all the same."""
    recorder = FailingRecorder({"call-1": "call-1-x.ogg", "call-2": "call-2-x.ogg"})
    archive = ArchiveInMemory(
        recordings={f"call-{n}-x.ogg": OpenRecording(f"call-{n}-x.ogg", n, f"EG_call-{n}") for n in "12"}
    )
    recordings = CallRecordings(recorder, archive, "/recordings", await stored_call())

    with pytest.raises(DependencyUnavailableError):
        await recordings.stop_of_caller("pseudonym", None)

    assert (recorder.running, archive.stopped) == ({"call-1": "call-1-x.ogg"}, {"call-2-x.ogg"})


async def test_recording_of_a_call_that_has_none_is_not_stopped() -> None:
    """Nothing is asked of the recorder."""
    recorder = RecorderInMemory({"call-2": "other.ogg"})

    await CallRecordings(recorder, ArchiveInMemory(), "/recordings", await stored_call()).stop(CALL)

    assert recorder.running == {"call-2": "other.ogg"}
