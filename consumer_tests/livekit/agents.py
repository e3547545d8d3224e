"""Agents in rooms, and recordings of rooms."""

from __future__ import annotations

from dataclasses import replace

from consumer_tests.contract import failure, ok, state
from consumer_tests.livekit import admin_of, contract, done, grants, twirp, twirp_error
from orchestrator.vendors.errors import NotFound, Unauthorised, VendorUnavailable
from orchestrator.vendors.livekit.models import Dispatch, DispatchList, Recording, RecordingList

ADMIN = admin_of("call-1")
WITHOUT_GRANT = replace(ADMIN, state=state("an access token", video={"roomList": True}))
RECORD = grants(video={"roomRecord": True})
AGENTS = "AgentDispatchService"
ROOM = state("a room", name="call-1")
SENT = state("an agent in a room", room="call-1", id="AD_example", agent="concierge")
DISPATCH = {"id": "AD_example", "agent_name": "concierge", "room": "call-1"}
SEND = {"room": "call-1", "agent_name": "concierge", "metadata": ""}
RECORDED = state("a recording", room="call-1", id="EG_example")
RECORDING = {"egress_id": "EG_example", "room_name": "call-1", "status": "EGRESS_ACTIVE"}
START = {
    "room_name": "call-1",
    "audio_only": True,
    "file_outputs": [{"file_type": "OGG", "filepath": "call-1.ogg"}],
}
SILENT = failure(VendorUnavailable, code="unavailable")
UNKNOWN = failure(NotFound, code="not_found")

contract.expect(
    "an agent being sent into a room",
    credential=ADMIN,
    given=ROOM,
    call=lambda livekit: livekit.agents.send("call-1", "concierge"),
    request=twirp("CreateDispatch", SEND, AGENTS),
    response=ok(Dispatch, DISPATCH),
)
contract.expect(
    "an agent being sent into a room that does not exist yet",
    credential=ADMIN,
    given=state("no room"),
    call=lambda livekit: livekit.agents.send("call-1", "concierge"),
    request=twirp("CreateDispatch", SEND, AGENTS),
    response=ok(Dispatch, DISPATCH),
)
contract.expect(
    "an agent being sent with a token without the grant",
    credential=WITHOUT_GRANT,
    given=ROOM,
    call=lambda livekit: livekit.agents.send("call-1", "concierge"),
    request=twirp("CreateDispatch", SEND, AGENTS),
    response=twirp_error(401, "unauthenticated"),
    raises=failure(Unauthorised, code="unauthenticated"),
)
contract.expect(
    "the agents of a room",
    credential=ADMIN,
    given=SENT,
    call=lambda livekit: livekit.agents.of_room("call-1"),
    request=twirp("ListDispatch", {"room": "call-1"}, AGENTS),
    response=ok(DispatchList, {"agent_dispatches": [DISPATCH]}),
)
contract.expect(
    "the agents of a room that does not exist",
    credential=ADMIN,
    given=state("no room"),
    call=lambda livekit: livekit.agents.of_room("call-1"),
    request=twirp("ListDispatch", {"room": "call-1"}, AGENTS),
    response=twirp_error(503, "unavailable"),
    raises=SILENT,
)
contract.expect(
    "an agent being called back",
    credential=ADMIN,
    given=SENT,
    call=lambda livekit: livekit.agents.call_back("call-1", "AD_example"),
    request=twirp("DeleteDispatch", {"room": "call-1", "dispatch_id": "AD_example"}, AGENTS),
    response=done(),
)
contract.expect(
    "an agent who was called back before being called back",
    credential=ADMIN,
    given=ROOM,
    call=lambda livekit: livekit.agents.call_back("call-1", "AD_example"),
    request=twirp("DeleteDispatch", {"room": "call-1", "dispatch_id": "AD_example"}, AGENTS),
    response=twirp_error(404, "not_found"),
    raises=UNKNOWN,
)
contract.expect(
    "a recording being started",
    credential=RECORD,
    given=(ROOM, state("an egress worker")),
    call=lambda livekit: livekit.recordings.start("call-1", "call-1.ogg"),
    request=twirp("StartRoomCompositeEgress", START, "Egress"),
    response=ok(Recording, {**RECORDING, "status": "EGRESS_STARTING"}),
)
contract.expect(
    "a recording being started while no recorder is free",
    credential=RECORD,
    given=ROOM,
    call=lambda livekit: livekit.recordings.start("call-1", "call-1.ogg"),
    request=twirp("StartRoomCompositeEgress", START, "Egress"),
    response=twirp_error(503, "unavailable"),
    raises=SILENT,
)
contract.expect(
    "a recording being started of a room that does not exist",
    credential=RECORD,
    given=state("no room"),
    call=lambda livekit: livekit.recordings.start("call-1", "call-1.ogg"),
    request=twirp("StartRoomCompositeEgress", START, "Egress"),
    response=twirp_error(404, "not_found"),
    raises=UNKNOWN,
)
contract.expect(
    "the recordings of a room",
    credential=RECORD,
    given=RECORDED,
    call=lambda livekit: livekit.recordings.of_room("call-1"),
    request=twirp("ListEgress", {"room_name": "call-1"}, "Egress"),
    response=ok(RecordingList, {"items": [RECORDING]}),
)
contract.expect(
    "a recording being stopped",
    credential=RECORD,
    given=RECORDED,
    call=lambda livekit: livekit.recordings.stop("EG_example"),
    request=twirp("StopEgress", {"egress_id": "EG_example"}, "Egress"),
    response=ok(Recording, {**RECORDING, "status": "EGRESS_ENDING"}),
)
contract.expect(
    "a recording that does not exist being stopped",
    credential=RECORD,
    given=state("no room"),
    call=lambda livekit: livekit.recordings.stop("EG_gone"),
    request=twirp("StopEgress", {"egress_id": "EG_gone"}, "Egress"),
    response=twirp_error(404, "not_found"),
    raises=UNKNOWN,
)
