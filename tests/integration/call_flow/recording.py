"""Recordings of calls: only with consent, and erased with the guest's data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started, timestamp
from tests.integration.ids import IdFactory
from tests.integration.vendors import StubClients

START, STOP, LIST = "StartRoomCompositeEgress", "StopEgress", "ListEgress"


class RecordedCall:
    """A call in which the guest is asked for consent.

    Args:
        api: a client that runs the call and administers the guest's data.
        call_id: the call.
        phone: the guest's number.
    """

    def __init__(self, api: ApiClient, call_id: str, phone: str) -> None:
        self.api, self.call_id, self.phone = api, call_id, phone
        self._second = 10
        api.send_event(call_started(call_id, phone))

    def ask(self, **parameters: Any) -> dict[str, Any]:
        """Send the guest's answer; return the response."""
        self._second += 1
        event = call_interaction(self.call_id, "recording_consent", second=self._second, **parameters)
        return self.api.send_event(event)

    def end(self) -> dict[str, Any]:
        """End the call; return the response."""
        return self.api.send_event(call_ended(self.call_id))

    def export(self) -> dict[str, Any]:
        """Return what is stored about the guest."""
        export: dict[str, Any] = self.api.get(f"/gdpr/export/{self.phone}").json()
        return export

    def erase(self) -> dict[str, Any]:
        """Erase the guest's data; return the response."""
        response = self.api.post("/gdpr/deletion-request", {"subject": self.phone})
        assert response.status_code == 200, response.text
        erased: dict[str, Any] = response.json()
        return erased


@pytest.fixture
def recorded_call(admin: ApiClient, vendors: StubClients, names: IdFactory) -> RecordedCall:
    """A call while LiveKit has a recorder."""
    vendors.livekit.set_provider_state("an egress worker")
    return RecordedCall(admin, names.call(), names.phone())


@pytest.fixture
def unrecorded_call(admin: ApiClient, names: IdFactory) -> RecordedCall:
    """A call while LiveKit has no recorder."""
    return RecordedCall(admin, names.call(), names.phone())


def started_file(vendors: StubClients) -> Path:
    """Return the file of the only recording that was started."""
    [body] = vendors.livekit.bodies(START)
    return Path(body["file_outputs"][0]["filepath"])


class TestRecording:
    """A call is recorded while its guest agrees."""

    def test_guest_is_asked_first(self, vendors: StubClients, recorded_call: RecordedCall) -> None:
        """Nothing is recorded or stored without an answer."""
        response = recorded_call.ask()

        assert (response["outcome"], response["result"]) == ("input_required", {"missing": ["confirmed"]})
        assert response["reply"] == "May I record this call, so that my colleagues can listen to it later?"
        assert recorded_call.export()["consents"] == []
        assert vendors.livekit.requests(START) == []

    @pytest.mark.critical
    def test_call_is_recorded_from_consent_to_end(
        self, vendors: StubClients, recorded_call: RecordedCall, recordings_folder: Path
    ) -> None:
        """Audio only, into a file of its own; the consent has the time at which the guest gave it."""
        response = recorded_call.ask(confirmed=True)
        during = recorded_call.export()
        ended = recorded_call.end()
        after = recorded_call.export()

        file = started_file(vendors)
        assert (response["outcome"], response["result"]) == ("done", {"recording": True})
        assert vendors.livekit.bodies(START) == [
            {
                "room_name": f"call-{recorded_call.call_id}",
                "audio_only": True,
                "file_outputs": [{"file_type": "OGG", "filepath": str(file)}],
            }
        ]
        assert file.parent == recordings_folder
        [consent] = during["consents"]
        assert (consent["purpose"], consent["granted"]) == ("recording", True)
        # the event's time is in the hotel's zone, the stored one in UTC
        assert consent["recorded_at"][:19] == timestamp(11).replace("T10", "T08")[:19]
        [recording] = during["recordings"]
        assert (recording["call_id"], recording["file"]) == (recorded_call.call_id, file.name)
        operations = [request["operation"] for request in vendors.livekit.requests()][-2:]
        assert (operations, ended["warnings"]) == ([STOP, "DeleteRoom"], [])
        assert vendors.livekit.bodies(STOP) == [{"egress_id": recording["egress_id"]}]
        assert [item["status"] for item in (recording, *after["recordings"])] == ["active", "stopped"]

    def test_second_consent_starts_no_second_recording(
        self, vendors: StubClients, recorded_call: RecordedCall
    ) -> None:
        """The agent may ask twice."""
        responses = [recorded_call.ask(confirmed=True) for _ in range(2)]

        assert [response["result"] for response in responses] == [{"recording": True}] * 2
        assert len(vendors.livekit.requests(START)) == 1
        # the service knows that it records
        assert vendors.livekit.requests(LIST) == []

    def test_refusal_is_stored_and_nothing_recorded(
        self, vendors: StubClients, recorded_call: RecordedCall
    ) -> None:
        """A refusal is an outcome like any other."""
        response = recorded_call.ask(confirmed=False)
        recorded_call.end()

        assert (response["outcome"], response["result"], response["warnings"]) == (
            "done",
            {"recording": False},
            [],
        )
        assert [consent["granted"] for consent in recorded_call.export()["consents"]] == [False]
        assert [request for name in (START, STOP, LIST) for request in vendors.livekit.requests(name)] == []

    def test_withdrawal_stops_the_recording(self, vendors: StubClients, recorded_call: RecordedCall) -> None:
        """At once, not at the end of the call."""
        recorded_call.ask(confirmed=True)

        response = recorded_call.ask(confirmed=False)

        assert response["reply"] == "Very well. This call is not being recorded."
        assert len(vendors.livekit.requests(STOP)) == 1
        export = recorded_call.export()
        assert [consent["granted"] for consent in export["consents"]] == [False]
        assert [recording["status"] for recording in export["recordings"]] == ["stopped"]
        recorded_call.end()
        assert len(vendors.livekit.requests(STOP)) == 1

    def test_guest_is_not_told_that_recording_has_stopped_unless_it_has(
        self, vendors: StubClients, recorded_call: RecordedCall
    ) -> None:
        """The end of the call stops it once more."""
        recorded_call.ask(confirmed=True)
        vendors.livekit.inject_fault("status", STOP, status=503, times=1)

        response = recorded_call.ask(confirmed=False)
        recorded_call.end()

        assert response["outcome"] == "degraded"
        assert len(vendors.livekit.requests(STOP)) == 2
        assert [recording["status"] for recording in recorded_call.export()["recordings"]] == ["stopped"]

    def test_without_a_recorder_the_call_goes_on(
        self, vendors: StubClients, unrecorded_call: RecordedCall
    ) -> None:
        """A warning, and another try with the next consent; what has been started meanwhile is not started twice."""
        room = f"call-{unrecorded_call.call_id}"

        response = unrecorded_call.ask(confirmed=True)
        again = unrecorded_call.ask(confirmed=True)
        # LiveKit reports after 20 s that no recorder responds, and one may have started without being waited for
        vendors.livekit.set_provider_state("a recording", room=room, id="EG_late")
        found = unrecorded_call.ask(confirmed=True)
        unrecorded_call.end()

        assert (response["outcome"], response["result"]) == ("done", {"recording": False})
        assert [warning["code"] for warning in response["warnings"]] == ["LIVEKIT_UNAVAILABLE"]
        assert [again["result"], found["result"]] == [{"recording": False}, {"recording": True}]
        assert [request["status"] for request in vendors.livekit.requests(START)] == [503, 503]
        assert vendors.livekit.bodies(LIST) == [{"room_name": room}] * 2
        assert vendors.livekit.bodies(STOP) == [{"egress_id": "EG_late"}]

    def test_recording_that_started_without_a_response_is_stopped_at_the_end(
        self, vendors: StubClients, unrecorded_call: RecordedCall
    ) -> None:
        """The room is searched for it."""
        unrecorded_call.ask(confirmed=True)
        room = f"call-{unrecorded_call.call_id}"
        vendors.livekit.set_provider_state("a recording", room=room, id="EG_late")

        unrecorded_call.end()

        assert vendors.livekit.bodies(STOP) == [{"egress_id": "EG_late"}]

    def test_room_that_was_closed_is_not_recorded(
        self, vendors: StubClients, recorded_call: RecordedCall
    ) -> None:
        """The guest has hung up."""
        vendors.livekit.set_provider_state("no room")

        response = recorded_call.ask(confirmed=True)

        assert (response["outcome"], response["result"]) == ("done", {"recording": False})
        assert [request["status"] for request in vendors.livekit.requests(START)] == [404]

    def test_recording_that_livekit_has_forgotten_counts_as_stopped(
        self, vendors: StubClients, recorded_call: RecordedCall
    ) -> None:
        """LiveKit was restarted without its data."""
        recorded_call.ask(confirmed=True)
        vendors.livekit.reset()

        ended = recorded_call.end()

        assert (ended["state"], ended["warnings"]) == ("ended", [])
        assert [request["status"] for request in vendors.livekit.requests(STOP)] == [404]
        assert [recording["status"] for recording in recorded_call.export()["recordings"]] == ["stopped"]


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
