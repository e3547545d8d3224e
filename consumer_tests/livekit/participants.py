"""The participants of a room, and data that is sent to them."""

from __future__ import annotations

from consumer_tests.contract import expected_error, ok, provider_state
from consumer_tests.livekit import contract, empty_success, room_admin_token, twirp_error, twirp_request
from consumer_tests.value_markers import exactly
from orchestrator.vendors.errors import VendorUnavailable
from orchestrator.vendors.livekit.models import ParticipantList

ROOM_ADMIN_TOKEN = room_admin_token("call-1")
SEND_DATA_BODY = {"room": "call-1", "data": "aGVsbG8=", "kind": "RELIABLE", "topic": "chat"}

contract.add_interaction(
    "the participants of a call",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("a caller in a room", room="call-1", identity="guest", phone="+4930123456"),
    invoke=lambda livekit: livekit.list_participants("call-1"),
    request=twirp_request("ListParticipants", {"room": "call-1"}),
    response=ok(ParticipantList, {"participants": [{"identity": "guest", "kind": exactly("SIP")}]}),
)
contract.add_interaction(
    "the participants of a call with a voice agent",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("a participant in a room", room="call-1", identity="agent", kind="AGENT"),
    invoke=lambda livekit: livekit.list_participants("call-1"),
    request=twirp_request("ListParticipants", {"room": "call-1"}),
    response=ok(ParticipantList, {"participants": [{"identity": "agent", "kind": exactly("AGENT")}]}),
)
contract.add_interaction(
    "the participants of a room that does not exist",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.list_participants("call-1"),
    request=twirp_request("ListParticipants", {"room": "call-1"}),
    response=ok(ParticipantList, {"participants": []}),
)
contract.add_interaction(
    "data being sent into a room",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("a room", name="call-1"),
    invoke=lambda livekit: livekit.send_data("call-1", b"hello", topic="chat"),
    request=twirp_request("SendData", SEND_DATA_BODY),
    response=empty_success(),
)
contract.add_interaction(
    "data being sent into a room that does not exist",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.send_data("call-1", b"hello", topic="chat"),
    request=twirp_request("SendData", SEND_DATA_BODY),
    response=twirp_error(503, "unavailable"),
    raises=expected_error(VendorUnavailable, code="unavailable"),
)
