"""The participants of a room, and their removal."""

from __future__ import annotations

from dataclasses import replace

from consumer_tests.contract import expected_error, ok, provider_state
from consumer_tests.livekit import contract, empty_success, room_admin_token, twirp_error, twirp_request
from consumer_tests.words import exactly
from orchestrator.vendors.errors import AccessDenied, NotFound
from orchestrator.vendors.livekit.models import ParticipantList

ROOM_ADMIN_TOKEN = room_admin_token("call-1")
GUEST = {
    "sid": "PA_example",
    "identity": "guest",
    "state": "ACTIVE",
    "kind": exactly("SIP"),
    "attributes": {"sip.phoneNumber": "+4930123456"},
}
TOKEN_WITHOUT_GRANT = replace(
    ROOM_ADMIN_TOKEN, state=provider_state("an access token", video={"roomList": True})
)

contract.add_interaction(
    "the participants of a call",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("a caller in a room", room="call-1", identity="guest", phone="+4930123456"),
    invoke=lambda livekit: livekit.list_participants("call-1"),
    request=twirp_request("ListParticipants", {"room": "call-1"}),
    response=ok(ParticipantList, {"participants": [GUEST]}),
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
    "the participants with a token without the grant",
    credential=TOKEN_WITHOUT_GRANT,
    given=provider_state("a room", name="call-1"),
    invoke=lambda livekit: livekit.list_participants("call-1"),
    request=twirp_request("ListParticipants", {"room": "call-1"}),
    response=twirp_error(401, "unauthenticated"),
    raises=expected_error(AccessDenied, status=401, code="unauthenticated"),
)
contract.add_interaction(
    "a participant being removed",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("a caller in a room", room="call-1", identity="guest", phone="+4930123456"),
    invoke=lambda livekit: livekit.remove_participant("call-1", "guest"),
    request=twirp_request("RemoveParticipant", {"room": "call-1", "identity": "guest"}),
    response=empty_success(),
)
contract.add_interaction(
    "a participant who has left being removed",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("a room", name="call-1"),
    invoke=lambda livekit: livekit.remove_participant("call-1", "guest"),
    request=twirp_request("RemoveParticipant", {"room": "call-1", "identity": "guest"}),
    response=twirp_error(404, "not_found"),
    raises=expected_error(NotFound, code="not_found"),
)
