"""Agent dispatches, and recordings of rooms."""

from __future__ import annotations

from dataclasses import replace

from consumer_tests.contract import expected_error, ok, provider_state
from consumer_tests.livekit import (
    contract,
    empty_success,
    room_admin_token,
    token_with_grants,
    twirp_error,
    twirp_request,
)
from consumer_tests.words import exactly
from orchestrator.vendors.errors import AccessDenied, NotFound, VendorUnavailable
from orchestrator.vendors.livekit.models import AgentDispatch, DispatchList, EgressInfo, EgressList

ROOM_ADMIN_TOKEN = room_admin_token("call-1")
TOKEN_WITHOUT_GRANT = replace(
    ROOM_ADMIN_TOKEN, state=provider_state("an access token", video={"roomList": True})
)
ROOM_RECORD_TOKEN = token_with_grants(video={"roomRecord": True})
AGENT_DISPATCH_SERVICE = "AgentDispatchService"
ROOM = provider_state("a room", name="call-1")
DISPATCHED_AGENT_STATE = provider_state(
    "an agent in a room", room="call-1", id="AD_example", agent="concierge"
)
DISPATCH = {"id": "AD_example", "agent_name": "concierge", "room": "call-1"}
CREATE_DISPATCH_BODY = {"room": "call-1", "agent_name": "concierge", "metadata": ""}
EGRESS_STATE = provider_state("a recording", room="call-1", id="EG_example")
EGRESS_INFO = {"egress_id": "EG_example", "room_name": "call-1", "status": exactly("EGRESS_ACTIVE")}
START_EGRESS_BODY = {
    "room_name": "call-1",
    "audio_only": True,
    "file_outputs": [{"file_type": "OGG", "filepath": "call-1.ogg"}],
}
NO_RESPONSE_ERROR = expected_error(VendorUnavailable, code="unavailable")
NOT_FOUND_ERROR = expected_error(NotFound, code="not_found")

contract.add_interaction(
    "an agent being sent into a room",
    credential=ROOM_ADMIN_TOKEN,
    given=ROOM,
    invoke=lambda livekit: livekit.agents.create_dispatch("call-1", "concierge"),
    request=twirp_request("CreateDispatch", CREATE_DISPATCH_BODY, AGENT_DISPATCH_SERVICE),
    response=ok(AgentDispatch, DISPATCH),
)
contract.add_interaction(
    "an agent being sent into a room that does not exist yet",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.agents.create_dispatch("call-1", "concierge"),
    request=twirp_request("CreateDispatch", CREATE_DISPATCH_BODY, AGENT_DISPATCH_SERVICE),
    response=ok(AgentDispatch, DISPATCH),
)
contract.add_interaction(
    "an agent being sent with a token without the grant",
    credential=TOKEN_WITHOUT_GRANT,
    given=ROOM,
    invoke=lambda livekit: livekit.agents.create_dispatch("call-1", "concierge"),
    request=twirp_request("CreateDispatch", CREATE_DISPATCH_BODY, AGENT_DISPATCH_SERVICE),
    response=twirp_error(401, "unauthenticated"),
    raises=expected_error(AccessDenied, code="unauthenticated"),
)
contract.add_interaction(
    "the agents of a room",
    credential=ROOM_ADMIN_TOKEN,
    given=DISPATCHED_AGENT_STATE,
    invoke=lambda livekit: livekit.agents.list_dispatches("call-1"),
    request=twirp_request("ListDispatch", {"room": "call-1"}, AGENT_DISPATCH_SERVICE),
    response=ok(DispatchList, {"agent_dispatches": [DISPATCH]}),
)
contract.add_interaction(
    "the agents of a room that does not exist",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.agents.list_dispatches("call-1"),
    request=twirp_request("ListDispatch", {"room": "call-1"}, AGENT_DISPATCH_SERVICE),
    response=twirp_error(503, "unavailable"),
    raises=NO_RESPONSE_ERROR,
)
contract.add_interaction(
    "an agent being called back",
    credential=ROOM_ADMIN_TOKEN,
    given=DISPATCHED_AGENT_STATE,
    invoke=lambda livekit: livekit.agents.delete_dispatch("call-1", "AD_example"),
    request=twirp_request(
        "DeleteDispatch", {"room": "call-1", "dispatch_id": "AD_example"}, AGENT_DISPATCH_SERVICE
    ),
    response=empty_success(),
)
contract.add_interaction(
    "an agent who was called back before being called back",
    credential=ROOM_ADMIN_TOKEN,
    given=ROOM,
    invoke=lambda livekit: livekit.agents.delete_dispatch("call-1", "AD_example"),
    request=twirp_request(
        "DeleteDispatch", {"room": "call-1", "dispatch_id": "AD_example"}, AGENT_DISPATCH_SERVICE
    ),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "a recording being started",
    credential=ROOM_RECORD_TOKEN,
    given=(ROOM, provider_state("an egress worker")),
    invoke=lambda livekit: livekit.recordings.start_room_composite("call-1", "call-1.ogg"),
    request=twirp_request("StartRoomCompositeEgress", START_EGRESS_BODY, "Egress"),
    response=ok(EgressInfo, {**EGRESS_INFO, "status": exactly("EGRESS_STARTING")}),
)
contract.add_interaction(
    "a recording being started while no recorder is free",
    credential=ROOM_RECORD_TOKEN,
    given=ROOM,
    invoke=lambda livekit: livekit.recordings.start_room_composite("call-1", "call-1.ogg"),
    request=twirp_request("StartRoomCompositeEgress", START_EGRESS_BODY, "Egress"),
    response=twirp_error(503, "unavailable"),
    raises=NO_RESPONSE_ERROR,
)
contract.add_interaction(
    "a recording being started of a room that does not exist",
    credential=ROOM_RECORD_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.recordings.start_room_composite("call-1", "call-1.ogg"),
    request=twirp_request("StartRoomCompositeEgress", START_EGRESS_BODY, "Egress"),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "the recordings of a room",
    credential=ROOM_RECORD_TOKEN,
    given=EGRESS_STATE,
    invoke=lambda livekit: livekit.recordings.list_egress("call-1"),
    request=twirp_request("ListEgress", {"room_name": "call-1"}, "Egress"),
    response=ok(EgressList, {"items": [EGRESS_INFO]}),
)
contract.add_interaction(
    "a recording being stopped",
    credential=ROOM_RECORD_TOKEN,
    given=EGRESS_STATE,
    invoke=lambda livekit: livekit.recordings.stop("EG_example"),
    request=twirp_request("StopEgress", {"egress_id": "EG_example"}, "Egress"),
    response=ok(EgressInfo, {**EGRESS_INFO, "status": exactly("EGRESS_ENDING")}),
)
contract.add_interaction(
    "a recording that does not exist being stopped",
    credential=ROOM_RECORD_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.recordings.stop("EG_gone"),
    request=twirp_request("StopEgress", {"egress_id": "EG_gone"}, "Egress"),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
