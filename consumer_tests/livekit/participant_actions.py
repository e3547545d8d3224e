"""Operations on one participant: look-up, update, mute, subscriptions, data and RPC."""

from __future__ import annotations

from consumer_tests.contract import error_response, expected_error, ok, provider_state
from consumer_tests.livekit import (
    contract,
    empty_success,
    room_admin_token,
    token_with_grants,
    twirp_error,
    twirp_request,
)
from consumer_tests.livekit.participants import GUEST
from orchestrator.vendors.errors import NotFound, RateLimited, RequestRejected, VendorUnavailable
from orchestrator.vendors.livekit.models import MuteTrackResponse, Participant, PerformRpcResponse

ROOM_ADMIN_TOKEN = room_admin_token("call-1")
ROOM = provider_state("a room", name="call-1")
CALLER = provider_state("a caller in a room", room="call-1", identity="guest", phone="+4930123456")
TRACK = (CALLER, provider_state("a published track", room="call-1", identity="guest", sid="TR_example"))
PARTICIPANT_KEY = {"room": "call-1", "identity": "guest"}
SEND_DATA_BODY = {"room": "call-1", "data": "aGVsbG8=", "kind": "RELIABLE", "topic": "chat"}
PERFORM_RPC_BODY = {"room": "call-1", "destination_identity": "guest", "method": "ring", "payload": "{}"}
UNAVAILABLE_RESPONSE = twirp_error(503, "unavailable")
NO_RESPONSE_ERROR = expected_error(VendorUnavailable, code="unavailable")
NOT_FOUND_ERROR = expected_error(NotFound, code="not_found")

contract.add_interaction(
    "a participant",
    credential=ROOM_ADMIN_TOKEN,
    given=CALLER,
    invoke=lambda livekit: livekit.get_participant("call-1", "guest"),
    request=twirp_request("GetParticipant", PARTICIPANT_KEY),
    response=ok(Participant, GUEST),
)
contract.add_interaction(
    "a participant who has left",
    credential=ROOM_ADMIN_TOKEN,
    given=ROOM,
    invoke=lambda livekit: livekit.get_participant("call-1", "guest"),
    request=twirp_request("GetParticipant", PARTICIPANT_KEY),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "a participant while a proxy limits the rate",
    credential=ROOM_ADMIN_TOKEN,
    given=provider_state("a proxy limits the rate", retry_after=2),
    invoke=lambda livekit: livekit.get_participant("call-1", "guest"),
    request=twirp_request("GetParticipant", PARTICIPANT_KEY),
    response=error_response(429, headers={"Retry-After": ("2", r"^\d+$")}),
    raises=expected_error(RateLimited, retry_after=2.0),
)
contract.add_interaction(
    "a participant's name and attributes being changed",
    credential=ROOM_ADMIN_TOKEN,
    given=CALLER,
    invoke=lambda livekit: livekit.update_participant(
        "call-1", "guest", name="Room 101", attributes={"room": "101"}
    ),
    request=twirp_request(
        "UpdateParticipant", {**PARTICIPANT_KEY, "name": "Room 101", "attributes": {"room": "101"}}
    ),
    response=ok(Participant, {**GUEST, "attributes": {"room": "101"}}),
)
contract.add_interaction(
    "a participant who has left being changed",
    credential=ROOM_ADMIN_TOKEN,
    given=ROOM,
    invoke=lambda livekit: livekit.update_participant("call-1", "guest", name="Room 101"),
    request=twirp_request("UpdateParticipant", {**PARTICIPANT_KEY, "name": "Room 101"}),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "a track being muted",
    credential=ROOM_ADMIN_TOKEN,
    given=TRACK,
    invoke=lambda livekit: livekit.mute_track("call-1", "guest", "TR_example"),
    request=twirp_request(
        "MutePublishedTrack", {**PARTICIPANT_KEY, "track_sid": "TR_example", "muted": True}
    ),
    response=ok(MuteTrackResponse, {"track": {"sid": "TR_example", "muted": True}}),
)
contract.add_interaction(
    "a track that is gone being muted",
    credential=ROOM_ADMIN_TOKEN,
    given=CALLER,
    invoke=lambda livekit: livekit.mute_track("call-1", "guest", "TR_gone"),
    request=twirp_request("MutePublishedTrack", {**PARTICIPANT_KEY, "track_sid": "TR_gone", "muted": True}),
    response=ok(MuteTrackResponse, {"track": None}),
)
contract.add_interaction(
    "a track of a participant who has left being muted",
    credential=ROOM_ADMIN_TOKEN,
    given=ROOM,
    invoke=lambda livekit: livekit.mute_track("call-1", "guest", "TR_example"),
    request=twirp_request(
        "MutePublishedTrack", {**PARTICIPANT_KEY, "track_sid": "TR_example", "muted": True}
    ),
    response=UNAVAILABLE_RESPONSE,
    raises=NO_RESPONSE_ERROR,
)
contract.add_interaction(
    "a participant being kept from a track",
    credential=ROOM_ADMIN_TOKEN,
    given=TRACK,
    invoke=lambda livekit: livekit.update_subscriptions("call-1", "guest", ["TR_example"], subscribe=False),
    request=twirp_request(
        "UpdateSubscriptions", {**PARTICIPANT_KEY, "track_sids": ["TR_example"], "subscribe": False}
    ),
    response=empty_success(),
)
contract.add_interaction(
    "a participant who has left being kept from a track",
    credential=ROOM_ADMIN_TOKEN,
    given=ROOM,
    invoke=lambda livekit: livekit.update_subscriptions("call-1", "guest", ["TR_example"], subscribe=False),
    request=twirp_request(
        "UpdateSubscriptions", {**PARTICIPANT_KEY, "track_sids": ["TR_example"], "subscribe": False}
    ),
    response=UNAVAILABLE_RESPONSE,
    raises=NO_RESPONSE_ERROR,
)
contract.add_interaction(
    "data being sent into a room",
    credential=ROOM_ADMIN_TOKEN,
    given=ROOM,
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
    response=UNAVAILABLE_RESPONSE,
    raises=NO_RESPONSE_ERROR,
)
contract.add_interaction(
    "a method of a participant being called",
    credential=ROOM_ADMIN_TOKEN,
    given=(CALLER, provider_state("a registered method", identity="guest", method="ring", payload="ringing")),
    invoke=lambda livekit: livekit.perform_rpc("call-1", "guest", "ring", "{}"),
    request=twirp_request("PerformRpc", PERFORM_RPC_BODY),
    response=ok(PerformRpcResponse, {"payload": "ringing"}),
)
contract.add_interaction(
    "a method that a participant does not have being called",
    credential=ROOM_ADMIN_TOKEN,
    given=CALLER,
    invoke=lambda livekit: livekit.perform_rpc("call-1", "guest", "ring", "{}"),
    request=twirp_request("PerformRpc", PERFORM_RPC_BODY),
    response=twirp_error(400, "invalid_argument"),
    raises=expected_error(RequestRejected, code="invalid_argument"),
)
contract.add_interaction(
    "a method of a participant who has left being called",
    credential=ROOM_ADMIN_TOKEN,
    given=ROOM,
    invoke=lambda livekit: livekit.perform_rpc("call-1", "guest", "ring", "{}"),
    request=twirp_request("PerformRpc", PERFORM_RPC_BODY),
    response=UNAVAILABLE_RESPONSE,
    raises=NO_RESPONSE_ERROR,
)

MOVE_PARTICIPANT_TOKEN = token_with_grants(
    video={"roomAdmin": True, "room": "call-1", "destinationRoom": "call-2"}
)

contract.add_interaction(
    "a participant being moved by a server that cannot",
    credential=MOVE_PARTICIPANT_TOKEN,
    given=CALLER,
    invoke=lambda livekit: livekit.move_participant("call-1", "guest", "call-2"),
    request=twirp_request("MoveParticipant", {**PARTICIPANT_KEY, "destination_room": "call-2"}),
    response=UNAVAILABLE_RESPONSE,
    raises=NO_RESPONSE_ERROR,
)
contract.add_interaction(
    "a participant being forwarded by a server that cannot",
    credential=MOVE_PARTICIPANT_TOKEN,
    given=CALLER,
    invoke=lambda livekit: livekit.forward_participant("call-1", "guest", "call-2"),
    request=twirp_request("ForwardParticipant", {**PARTICIPANT_KEY, "destination_room": "call-2"}),
    response=UNAVAILABLE_RESPONSE,
    raises=NO_RESPONSE_ERROR,
)
