"""Recordings of rooms."""

from __future__ import annotations

from consumer_tests.contract import expected_error, ok, provider_state
from consumer_tests.livekit import contract, empty_success, token_with_grants, twirp_error, twirp_request
from consumer_tests.value_markers import exactly
from orchestrator.vendors.errors import NotFound, VendorUnavailable
from orchestrator.vendors.livekit.models import EgressList, StartedEgress

SERVICE = "Egress"
ROOM_RECORD_TOKEN = token_with_grants(video={"roomRecord": True})
ROOM = provider_state("a room", name="call-1")
EGRESS_STATE = provider_state("a recording", room="call-1", id="EG_example")
START_BODY = {
    "room_name": "call-1",
    "audio_only": True,
    "file_outputs": [{"file_type": "OGG", "filepath": "call-1.ogg", "disable_manifest": True}],
}
NOT_FOUND_ERROR = expected_error(NotFound, code="not_found")

contract.add_interaction(
    "a recording being started",
    credential=ROOM_RECORD_TOKEN,
    given=(ROOM, provider_state("an egress worker")),
    invoke=lambda livekit: livekit.recordings.start_room_composite("call-1", "call-1.ogg"),
    request=twirp_request("StartRoomCompositeEgress", START_BODY, SERVICE),
    response=ok(StartedEgress, {"egress_id": "EG_example"}),
)
contract.add_interaction(
    "a recording being started while no recorder is free",
    credential=ROOM_RECORD_TOKEN,
    given=ROOM,
    invoke=lambda livekit: livekit.recordings.start_room_composite("call-1", "call-1.ogg"),
    request=twirp_request("StartRoomCompositeEgress", START_BODY, SERVICE),
    response=twirp_error(503, "unavailable"),
    raises=expected_error(VendorUnavailable, code="unavailable"),
)
contract.add_interaction(
    "a recording being started of a room that does not exist",
    credential=ROOM_RECORD_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.recordings.start_room_composite("call-1", "call-1.ogg"),
    request=twirp_request("StartRoomCompositeEgress", START_BODY, SERVICE),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "the recordings of a room",
    credential=ROOM_RECORD_TOKEN,
    given=EGRESS_STATE,
    invoke=lambda livekit: livekit.recordings.list_egress("call-1"),
    request=twirp_request("ListEgress", {"room_name": "call-1"}, SERVICE),
    response=ok(EgressList, {"items": [{"egress_id": "EG_example", "status": exactly("EGRESS_ACTIVE")}]}),
)
contract.add_interaction(
    "a recording being stopped",
    credential=ROOM_RECORD_TOKEN,
    given=EGRESS_STATE,
    invoke=lambda livekit: livekit.recordings.stop("EG_example"),
    request=twirp_request("StopEgress", {"egress_id": "EG_example"}, SERVICE),
    response=empty_success(),
)
contract.add_interaction(
    "a recording that does not exist being stopped",
    credential=ROOM_RECORD_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.recordings.stop("EG_gone"),
    request=twirp_request("StopEgress", {"egress_id": "EG_gone"}, SERVICE),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
