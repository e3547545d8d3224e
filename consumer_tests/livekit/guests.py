"""What is done to one participant: looked at, named, muted, spoken to."""

from __future__ import annotations

from consumer_tests.contract import failure, ok, refused, state
from consumer_tests.livekit import admin_of, contract, done, grants, twirp, twirp_error
from consumer_tests.livekit.participants import GUEST
from orchestrator.vendors.errors import NotFound, RateLimited, Rejected, VendorUnavailable
from orchestrator.vendors.livekit.models import MutedTrack, Participant, RpcAnswer

ADMIN = admin_of("call-1")
ROOM = state("a room", name="call-1")
CALLER = state("a caller in a room", room="call-1", identity="guest", phone="+4930123456")
TRACK = (CALLER, state("a published track", room="call-1", identity="guest", sid="TR_example"))
WHO = {"room": "call-1", "identity": "guest"}
HELLO = {"room": "call-1", "data": "aGVsbG8=", "kind": "RELIABLE", "topic": "chat"}
RPC = {"room": "call-1", "destination_identity": "guest", "method": "ring", "payload": "{}"}
NO_SERVER = twirp_error(503, "unavailable")
SILENT = failure(VendorUnavailable, code="unavailable")
GONE = failure(NotFound, code="not_found")

contract.expect(
    "a participant",
    credential=ADMIN,
    given=CALLER,
    call=lambda livekit: livekit.participant("call-1", "guest"),
    request=twirp("GetParticipant", WHO),
    response=ok(Participant, GUEST),
)
contract.expect(
    "a participant who has left",
    credential=ADMIN,
    given=ROOM,
    call=lambda livekit: livekit.participant("call-1", "guest"),
    request=twirp("GetParticipant", WHO),
    response=twirp_error(404, "not_found"),
    raises=GONE,
)
contract.expect(
    "a participant while a proxy limits the rate",
    credential=ADMIN,
    given=state("a proxy limits the rate", retry_after=2),
    call=lambda livekit: livekit.participant("call-1", "guest"),
    request=twirp("GetParticipant", WHO),
    response=refused(429, headers={"Retry-After": ("2", r"^\d+$")}),
    raises=failure(RateLimited, retry_after=2.0),
)
contract.expect(
    "a participant's name and attributes being changed",
    credential=ADMIN,
    given=CALLER,
    call=lambda livekit: livekit.update_participant(
        "call-1", "guest", name="Room 101", attributes={"room": "101"}
    ),
    request=twirp("UpdateParticipant", {**WHO, "name": "Room 101", "attributes": {"room": "101"}}),
    response=ok(Participant, {**GUEST, "attributes": {"room": "101"}}),
)
contract.expect(
    "a participant who has left being changed",
    credential=ADMIN,
    given=ROOM,
    call=lambda livekit: livekit.update_participant("call-1", "guest", name="Room 101"),
    request=twirp("UpdateParticipant", {**WHO, "name": "Room 101"}),
    response=twirp_error(404, "not_found"),
    raises=GONE,
)
contract.expect(
    "a track being muted",
    credential=ADMIN,
    given=TRACK,
    call=lambda livekit: livekit.mute("call-1", "guest", "TR_example"),
    request=twirp("MutePublishedTrack", {**WHO, "track_sid": "TR_example", "muted": True}),
    response=ok(MutedTrack, {"track": {"sid": "TR_example", "muted": True}}),
)
contract.expect(
    "a track that is gone being muted",
    credential=ADMIN,
    given=CALLER,
    call=lambda livekit: livekit.mute("call-1", "guest", "TR_gone"),
    request=twirp("MutePublishedTrack", {**WHO, "track_sid": "TR_gone", "muted": True}),
    response=ok(MutedTrack, {"track": None}),
)
contract.expect(
    "a track of a participant who has left being muted",
    credential=ADMIN,
    given=ROOM,
    call=lambda livekit: livekit.mute("call-1", "guest", "TR_example"),
    request=twirp("MutePublishedTrack", {**WHO, "track_sid": "TR_example", "muted": True}),
    response=NO_SERVER,
    raises=SILENT,
)
contract.expect(
    "a participant being kept from a track",
    credential=ADMIN,
    given=TRACK,
    call=lambda livekit: livekit.subscribe("call-1", "guest", ["TR_example"], subscribe=False),
    request=twirp("UpdateSubscriptions", {**WHO, "track_sids": ["TR_example"], "subscribe": False}),
    response=done(),
)
contract.expect(
    "a participant who has left being kept from a track",
    credential=ADMIN,
    given=ROOM,
    call=lambda livekit: livekit.subscribe("call-1", "guest", ["TR_example"], subscribe=False),
    request=twirp("UpdateSubscriptions", {**WHO, "track_sids": ["TR_example"], "subscribe": False}),
    response=NO_SERVER,
    raises=SILENT,
)
contract.expect(
    "data being sent into a room",
    credential=ADMIN,
    given=ROOM,
    call=lambda livekit: livekit.send_data("call-1", b"hello", topic="chat"),
    request=twirp("SendData", HELLO),
    response=done(),
)
contract.expect(
    "data being sent into a room that does not exist",
    credential=ADMIN,
    given=state("no room"),
    call=lambda livekit: livekit.send_data("call-1", b"hello", topic="chat"),
    request=twirp("SendData", HELLO),
    response=NO_SERVER,
    raises=SILENT,
)
contract.expect(
    "a method of a participant being called",
    credential=ADMIN,
    given=(CALLER, state("a registered method", identity="guest", method="ring", payload="ringing")),
    call=lambda livekit: livekit.perform_rpc("call-1", "guest", "ring", "{}"),
    request=twirp("PerformRpc", RPC),
    response=ok(RpcAnswer, {"payload": "ringing"}),
)
contract.expect(
    "a method that a participant does not have being called",
    credential=ADMIN,
    given=CALLER,
    call=lambda livekit: livekit.perform_rpc("call-1", "guest", "ring", "{}"),
    request=twirp("PerformRpc", RPC),
    response=twirp_error(400, "invalid_argument"),
    raises=failure(Rejected, code="invalid_argument"),
)
contract.expect(
    "a method of a participant who has left being called",
    credential=ADMIN,
    given=ROOM,
    call=lambda livekit: livekit.perform_rpc("call-1", "guest", "ring", "{}"),
    request=twirp("PerformRpc", RPC),
    response=NO_SERVER,
    raises=SILENT,
)

TO_ANOTHER = grants(video={"roomAdmin": True, "room": "call-1", "destinationRoom": "call-2"})

contract.expect(
    "a participant being moved by a server that cannot",
    credential=TO_ANOTHER,
    given=CALLER,
    call=lambda livekit: livekit.move_participant("call-1", "guest", "call-2"),
    request=twirp("MoveParticipant", {**WHO, "destination_room": "call-2"}),
    response=NO_SERVER,
    raises=SILENT,
)
contract.expect(
    "a participant being forwarded by a server that cannot",
    credential=TO_ANOTHER,
    given=CALLER,
    call=lambda livekit: livekit.forward_participant("call-1", "guest", "call-2"),
    request=twirp("ForwardParticipant", {**WHO, "destination_room": "call-2"}),
    response=NO_SERVER,
    raises=SILENT,
)
