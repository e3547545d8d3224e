"""Participants: the guest on the telephone, the agent, and a human who takes over."""

from __future__ import annotations

from dataclasses import replace

from consumer_tests.contract import failure, ok, state
from consumer_tests.livekit import admin_of, contract, done, twirp, twirp_error
from orchestrator.vendors.errors import NotFound, Unauthorised
from orchestrator.vendors.livekit.models import ParticipantList

ADMIN = admin_of("call-1")
GUEST = {
    "sid": "PA_example",
    "identity": "guest",
    "state": "ACTIVE",
    "kind": "SIP",
    "attributes": {"sip.phoneNumber": "+4930123456"},
}
WITHOUT_GRANT = replace(ADMIN, state=state("an access token", video={"roomList": True}))

contract.expect(
    "the participants of a call",
    credential=ADMIN,
    given=state("a caller in a room", room="call-1", identity="guest", phone="+4930123456"),
    call=lambda livekit: livekit.participants("call-1"),
    request=twirp("ListParticipants", {"room": "call-1"}),
    response=ok(ParticipantList, {"participants": [GUEST]}),
)
contract.expect(
    "the participants of a room that does not exist",
    credential=ADMIN,
    given=state("no room"),
    call=lambda livekit: livekit.participants("call-1"),
    request=twirp("ListParticipants", {"room": "call-1"}),
    response=ok(ParticipantList, {"participants": []}),
)
contract.expect(
    "the participants with a token without the grant",
    credential=WITHOUT_GRANT,
    given=state("a room", name="call-1"),
    call=lambda livekit: livekit.participants("call-1"),
    request=twirp("ListParticipants", {"room": "call-1"}),
    response=twirp_error(401, "unauthenticated"),
    raises=failure(Unauthorised, status=401, code="unauthenticated"),
)
contract.expect(
    "a participant being removed",
    credential=ADMIN,
    given=state("a caller in a room", room="call-1", identity="guest", phone="+4930123456"),
    call=lambda livekit: livekit.remove_participant("call-1", "guest"),
    request=twirp("RemoveParticipant", {"room": "call-1", "identity": "guest"}),
    response=done(),
)
contract.expect(
    "a participant who has left being removed",
    credential=ADMIN,
    given=state("a room", name="call-1"),
    call=lambda livekit: livekit.remove_participant("call-1", "guest"),
    request=twirp("RemoveParticipant", {"room": "call-1", "identity": "guest"}),
    response=twirp_error(404, "not_found"),
    raises=failure(NotFound, code="not_found"),
)
