"""Recordings are erased with their guest's data."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.call_flow.recorded_call import START, STOP, RecordedCall, started_file
from tests.integration.vendors import StubClients


class TestErasureOfRecordings:
    """Nothing of a recording is left after the erasure of its guest's data."""

    def test_erasure_stops_the_recording_of_a_call_that_goes_on(
        self, vendors: StubClients, recorded_call: RecordedCall, recordings_folder: Path
    ) -> None:
        """Its file is deleted, and the call is not recorded again."""
        recorded_call.ask(confirmed=True)
        file = recordings_folder / started_file(vendors).name
        file.write_bytes(b"OggS")

        erased = recorded_call.erase()
        asked = recorded_call.ask(confirmed=True)

        assert (erased["recordings"], erased["remaining_recordings"]) == (1, [])
        assert len(vendors.livekit.requests(STOP)) == 1
        assert not file.exists()
        assert asked["outcome"] == "refused"
        assert {name for name, entries in recorded_call.export().items() if entries} == set()
        assert len(vendors.livekit.requests(START)) == 1
        assert recorded_call.end()["state"] == "ended"

    def test_erasure_names_files_that_cannot_be_deleted(
        self, vendors: StubClients, recorded_call: RecordedCall, recordings_folder: Path
    ) -> None:
        """They are kept until they can be deleted, and nothing else is."""
        recorded_call.ask(confirmed=True)
        recorded_call.end()
        file = recordings_folder / started_file(vendors).name
        # a folder cannot be deleted like a file
        file.mkdir()

        erased = recorded_call.erase()
        kept = recorded_call.export()
        file.rmdir()
        file.write_bytes(b"OggS")
        again = recorded_call.erase()

        assert (erased["recordings"], erased["remaining_recordings"]) == (0, [file.name])
        assert (kept["calls"], kept["consents"]) == ([], [])
        assert [recording["file"] for recording in kept["recordings"]] == [file.name]
        assert (again["recordings"], again["remaining_recordings"]) == (1, [])
        assert not file.exists()
        assert json.dumps(recorded_call.export()).count(file.name) == 0

    def test_file_that_the_recorder_is_still_writing_is_not_forgotten(
        self, vendors: StubClients, recorded_call: RecordedCall
    ) -> None:
        """It may appear after the erasure: the service looks for it again."""
        recorded_call.ask(confirmed=True)
        recorded_call.end()

        erased = recorded_call.erase()

        assert erased["remaining_recordings"] == [started_file(vendors).name]
