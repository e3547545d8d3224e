"""Recordings of calls, only with consent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.call_flow.recorded_call import LIST, START, STOP, RecordedCall, started_file
from tests.integration.vendors import StubClients


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
                "file_outputs": [{"file_type": "OGG", "filepath": str(file), "disable_manifest": True}],
            }
        ]
        assert file.parent == recordings_folder
        [consent] = during["consents"]
        assert (consent["purpose"], consent["granted"]) == ("recording", True)
        # the event's time is in the hotel's zone, the stored one in UTC
        # in UTC, with the zone: another system reads the export
        assert consent["recorded_at"] == "2027-05-01T08:00:11+00:00"
        assert after["calls"][0]["started_at"] == "2027-05-01T08:00:00+00:00"
        assert after["recordings"][0]["started_at"].endswith("+00:00")
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

    def test_consent_that_arrives_after_a_later_refusal_starts_no_recording(
        self, vendors: StubClients, recorded_call: RecordedCall
    ) -> None:
        """The guest's latest answer counts, not the one that is delivered last."""
        recorded_call.ask(confirmed=False)

        response = recorded_call.ask(seconds_late=5, confirmed=True)

        assert (response["outcome"], response["result"]) == ("done", {"recording": False})
        assert [consent["granted"] for consent in recorded_call.export()["consents"]] == [False]
        assert vendors.livekit.requests(START) == []

    def test_refusal_that_arrives_after_a_later_consent_stops_no_recording(
        self, vendors: StubClients, recorded_call: RecordedCall
    ) -> None:
        """The guest was asked twice, and the first answer was delayed."""
        recorded_call.ask(confirmed=True)

        response = recorded_call.ask(seconds_late=5, confirmed=False)

        assert (response["outcome"], response["result"]) == ("done", {"recording": True})
        assert [consent["granted"] for consent in recorded_call.export()["consents"]] == [True]
        assert (len(vendors.livekit.requests(START)), vendors.livekit.requests(STOP)) == (1, [])

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

    def test_withdrawal_outside_of_the_call_stops_the_recording(
        self, vendors: StubClients, recorded_call: RecordedCall
    ) -> None:
        """It is no success as long as LiveKit may go on recording, and can be repeated."""
        recorded_call.ask(confirmed=True)
        vendors.livekit.inject_fault("status", STOP, status=503, times=1)

        responses = [recorded_call.withdraw() for _ in range(2)]

        assert [response.status_code for response in responses] == [503, 200]
        assert len(vendors.livekit.requests(STOP)) == 2
        assert [recording["status"] for recording in recorded_call.export()["recordings"]] == ["stopped"]

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
