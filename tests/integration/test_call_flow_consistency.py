"""What a call leaves behind: records, metrics, audio, rooms; also when events arrive at the same time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from local_stack.stack import ADMIN, Stack, run_stack
from tests.integration.accounts import login_client
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.call_flow.agents import DEPARTURES, expect_outcomes
from tests.integration.database_control import age_call_records, age_recordings
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_participant, expect_transfer
from tests.integration.settings import LENIENT_SETTINGS
from tests.integration.vendors import StubClients
from tests.integration.webhooks import deliver_livekit, livekit_event, post_livekit, room_finished

EVENT_PATH = "/webhook/call-event"
ROUNDS = 15


@pytest.mark.critical
def test_every_interaction_with_response_200_is_in_the_record(
    admin: ApiClient, operator: ApiClient, names: IdFactory
) -> None:
    """Eight interactions and the end of the call at the same time."""
    for _ in range(ROUNDS):
        call_id, phone = names.call(), names.phone()
        operator.send_event(call_started(call_id, phone))
        events = [call_interaction(call_id, "small_talk", second=second) for second in range(8)]
        with ThreadPoolExecutor(9) as pool:
            responses = list(
                pool.map(lambda event: operator.post(EVENT_PATH, event), [*events, call_ended(call_id)])
            )

        *statuses, end_status = [response.status_code for response in responses]
        [record] = admin.get_json(f"/gdpr/export/{phone}")["calls"]

        assert (end_status, set(statuses) - {200, 409}) == (200, set())
        assert len(record["interactions"]) == statuses.count(200)


def test_room_finished_before_call_started_ends_the_call(
    stack: Stack, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
) -> None:
    """LiveKit's webhook overtakes the event of the telephone system."""
    call_id, phone = names.call(), names.phone()
    webhook = deliver_livekit(stack, room_finished(vendors, call_id))

    start = operator.send_event(call_started(call_id, phone))
    late = operator.post(EVENT_PATH, call_interaction(call_id, "greeting"))

    assert (webhook.status_code, start["state"], late.status_code) == (200, "ended", 409)
    assert len(admin.get_json(f"/gdpr/export/{phone}")["calls"]) == 1


@pytest.mark.parametrize(
    "form",
    [
        {"createdAt": "1e9"},
        {"createdAt": 1.795447149e9},
        {"createdAt": None, "participant": None},
        {"createdAt": 253402300799},
        {"egressInfo": {"status": 99}, "newerThanTheService": [{"a": None}]},
    ],
)
def test_room_finished_in_any_form_of_proto3_json_ends_the_call(
    stack: Stack,
    operator: ApiClient,
    vendors: StubClients,
    names: IdFactory,
    form: dict[str, Any],
) -> None:
    """A relay may write the same event otherwise than LiveKit's server does."""
    call_id = names.call()
    operator.send_event(call_started(call_id))

    delivered = post_livekit(stack, json.dumps(json.loads(room_finished(vendors, call_id)) | form).encode())

    assert delivered.status_code == 200, delivered.text
    assert operator.post(EVENT_PATH, call_interaction(call_id, "greeting")).status_code == 409


@pytest.mark.parametrize("created_at", [-1, 253402300800, "1e19", 2**70, "soon"])
def test_room_finished_at_an_impossible_time_is_rejected(
    stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory, created_at: int | str
) -> None:
    """The error names the field, and the call goes on. LiveKit does not repeat what was answered by 422."""
    call_id = names.call()
    operator.send_event(call_started(call_id))
    event = json.loads(room_finished(vendors, call_id)) | {"createdAt": created_at}

    rejected = deliver_livekit(stack, json.dumps(event).encode())

    error = rejected.json()["error"]
    assert (rejected.status_code, error["code"]) == (422, "VALIDATION_ERROR")
    assert [detail["field"] for detail in error["details"]] == ["createdAt"]
    assert operator.send_event(call_interaction(call_id, "greeting"))["state"] == "active"


def test_agent_whose_kind_is_a_number_is_replaced(
    stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory
) -> None:
    """Protobuf's JSON may name a value of an enum by its number."""
    call_id = names.call()
    operator.send_event(call_started(call_id))
    add_participant(vendors, call_id, "caller", "SIP")
    event = json.loads(livekit_event(vendors, "a voice agent left", call_id))
    event["participant"]["kind"] = 4

    # after the second dispatch a human takes over
    with expect_transfer(operator), expect_outcomes(operator, DEPARTURES, transferred=1):
        delivered = post_livekit(stack, json.dumps(event).encode())

    assert delivered.status_code == 200, delivered.text
    assert len(vendors.livekit.requests("CreateDispatch")) == 1


def test_transfer_moves_the_sip_caller_not_the_agent(
    operator: ApiClient, vendors: StubClients, names: IdFactory
) -> None:
    """The voice agent is in the room too, and joined first."""
    call_id = names.call()
    operator.send_event(call_started(call_id))
    attributes = {"sip.phoneNumber": names.phone(), "sip.callID": "SCL_1"}
    for identity, kind, of_participant in (("agent", "AGENT", {}), ("caller", "SIP", attributes)):
        vendors.livekit.set_provider_state(
            "a participant in a room",
            room=f"call-{call_id}",
            identity=identity,
            kind=kind,
            attributes=of_participant,
        )

    with expect_transfer(operator):
        response = operator.send_event(call_interaction(call_id, "transfer_request"))

    [transfer] = vendors.livekit.requests("TransferSIPParticipant")
    assert json.loads(transfer["body"])["participant_identity"] == "caller"
    assert response["result"] == {"transferring": True}


def test_greeting_of_concurrent_calls_is_synthesized_once(
    operator: ApiClient, vendors: StubClients, names: IdFactory
) -> None:
    """Eight calls need the same audio at the same time."""
    reservation_id = names.reservation()
    vendors.apaleo.set_provider_state("a reservation", id=reservation_id, guest={"lastName": names.call()})
    vendors.tts.inject_fault("delay", seconds=0.5)
    events = [call_started(names.call(), reservation_id=reservation_id) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(operator.send_event, events))

    assert {tuple(response["warnings"]) for response in responses} == {()}
    assert len({response["reply"] for response in responses}) == 1
    assert len(vendors.tts.requests()) == 1


def test_metrics_count_outcomes_of_calls_and_interactions(
    anonymous: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
) -> None:
    """A call with a warning is degraded; every outcome of an interaction has its own series."""
    before = _metrics(anonymous)
    vendors.apaleo.inject_fault("status", "getReservation", status=503)
    call_id = names.call()
    operator.send_event(call_started(call_id, reservation_id=names.reservation()))
    operator.send_event(call_interaction(call_id, "guest_info_request", second=1))
    operator.send_event(call_interaction(call_id, "booking_request", second=2))
    operator.send_event(call_interaction(call_id, "transfer_request", second=3))
    operator.send_event(call_interaction(call_id, "small_talk", second=4))
    operator.send_event(call_ended(call_id))

    after = _metrics(anonymous)

    series = {
        'call_total{outcome="degraded"}': 1,
        'call_total{outcome="completed"}': 0,
        'call_interaction_total{outcome="degraded",type="guest_info_request"}': 1,
        'call_interaction_total{outcome="input_required",type="booking_request"}': 1,
        'call_interaction_total{outcome="refused",type="transfer_request"}': 1,
        'call_interaction_total{outcome="done",type="small_talk"}': 1,
        'call_interaction_total{outcome="done",type="guest_info_request"}': 0,
    }
    assert {name: after.get(name, 0) - before.get(name, 0) for name in series} == series


@pytest.mark.slow
def test_expired_records_are_deleted_when_the_service_starts(
    tmp_path: Path, names: IdFactory, control: httpx.Client
) -> None:
    """A record older than RETENTION_DAYS is gone after a restart; a recent one stays, whatever its call's times are.

    So are its recording and the recording's file.
    """
    require_local_stack("restarts the service")
    settings = LENIENT_SETTINGS | {"RETENTION_DAYS": "90", "RECORDINGS_FOLDER": str(tmp_path)}
    ages = {names.phone(): timedelta(days=91), names.phone(): timedelta(days=89)}
    with run_stack(tmp_path, settings) as stack, closing(login_client(stack.url, *ADMIN)) as api:
        StubClients(stack.stub_urls, control).livekit.set_provider_state("an egress worker")
        for phone, age in ages.items():
            call_id = names.call()
            consent = call_interaction(call_id, "recording_consent", confirmed=True)
            for event in (call_started(call_id, phone), consent, call_ended(call_id)):
                api.send_event(event | {"timestamp": "0001-05-01T10:00:00+00:00"})
            [recording] = api.get_json(f"/gdpr/export/{phone}")["recordings"]
            (tmp_path / recording["file"]).write_bytes(b"OggS")
            age_call_records(tmp_path / "orchestrator.sqlite", call_id, age)
            age_recordings(tmp_path / "orchestrator.sqlite", call_id, age)
        before = [_stored(api, phone) for phone in ages]
    with run_stack(tmp_path, settings) as stack, closing(login_client(stack.url, *ADMIN)) as api:
        after = [_stored(api, phone) for phone in ages]

    assert (before, after) == ([(1, 1), (1, 1)], [(0, 0), (1, 1)])
    assert [file.name for file in tmp_path.glob("*.ogg")] == [recording["file"]]


def _stored(api: ApiClient, phone: str) -> tuple[int, int]:
    """Return how many calls and recordings of a caller are stored."""
    export = api.get_json(f"/gdpr/export/{phone}")
    return len(export["calls"]), len(export["recordings"])


def _metrics(api: ApiClient) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in api.get("/metrics").text.splitlines() if line[0] != "#"]
    return {name: float(value) for name, _, value in lines}
