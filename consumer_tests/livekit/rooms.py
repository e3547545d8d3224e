"""Rooms, of which each call has one."""

from __future__ import annotations

from typing import Any

from consumer_tests.contract import expected_error, ok, provider_state
from consumer_tests.interaction import Response
from consumer_tests.livekit import (
    UNKNOWN_TOKEN,
    contract,
    empty_success,
    room_admin_token,
    token_with_grants,
    twirp_error,
    twirp_request,
)
from orchestrator.vendors.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    RequestRejected,
    VendorUnavailable,
)
from orchestrator.vendors.livekit.models import Room, RoomList

ROOM_CREATE_TOKEN = token_with_grants(video={"roomCreate": True})
ROOM_LIST_TOKEN = token_with_grants(video={"roomList": True})
ROOM = {
    "sid": "RM_example",
    "name": "call-1",
    "metadata": "",
    "num_participants": 0,
    "max_participants": 0,
    "creation_time": "1795447149",
}


def create_room_body(**changes: Any) -> dict[str, Any]:
    """The body of a request that creates a room."""
    return {"name": "call-1", "metadata": "", "max_participants": 0, "empty_timeout": 300, **changes}


contract.add_interaction(
    "a room being created",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.create_room("call-1"),
    request=twirp_request("CreateRoom", create_room_body()),
    response=ok(Room, ROOM),
)
contract.add_interaction(
    "a room being created with limits and metadata",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.create_room("call-1", metadata="{}", max_participants=3, empty_timeout=60),
    request=twirp_request(
        "CreateRoom", create_room_body(metadata="{}", max_participants=3, empty_timeout=60)
    ),
    response=ok(Room, {**ROOM, "metadata": "{}", "max_participants": 3}),
)
contract.add_interaction(
    "a room being created that exists with other settings",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("a room", name="call-1", metadata="first"),
    invoke=lambda livekit: livekit.create_room("call-1", metadata="second"),
    request=twirp_request("CreateRoom", create_room_body(metadata="second")),
    response=ok(Room, {**ROOM, "metadata": "first"}),
)
contract.add_interaction(
    "a room being created with too long a name",
    credential=ROOM_CREATE_TOKEN,
    invoke=lambda livekit: livekit.create_room("n" * 257),
    request=twirp_request("CreateRoom", create_room_body(name="n" * 257)),
    response=twirp_error(400, "invalid_argument"),
    raises=expected_error(RequestRejected, status=400, code="invalid_argument"),
)
contract.add_interaction(
    "a room being created with a token that is none",
    credential=UNKNOWN_TOKEN,
    invoke=lambda livekit: livekit.create_room("call-1"),
    request=twirp_request("CreateRoom", create_room_body()),
    response=Response(401, text_matcher=("invalid authorization token", "^invalid .+")),
    raises=expected_error(AccessDenied, status=401, code=None, messages=()),
)
contract.add_interaction(
    "a room being created while LiveKit is down",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("LiveKit is down", status=503, code="unavailable"),
    invoke=lambda livekit: livekit.create_room("call-1"),
    request=twirp_request("CreateRoom", create_room_body()),
    response=twirp_error(503, "unavailable"),
    raises=expected_error(VendorUnavailable, status=503, code="unavailable"),
)
contract.add_interaction(
    "a room being created while a proxy before LiveKit limits the rate",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("a proxy limits the rate", retry_after=3),
    invoke=lambda livekit: livekit.create_room("call-1"),
    request=twirp_request("CreateRoom", create_room_body()),
    response=Response(429, headers={"Retry-After": ("3", r"^\d+$")}),
    raises=expected_error(RateLimited, retry_after=3.0),
)
contract.add_interaction(
    "the rooms",
    credential=ROOM_LIST_TOKEN,
    given=provider_state("a room", name="call-1"),
    invoke=lambda livekit: livekit.list_rooms(),
    request=twirp_request("ListRooms", {}),
    response=ok(RoomList, {"rooms": [ROOM]}),
)
contract.add_interaction(
    "the rooms of a name",
    credential=ROOM_LIST_TOKEN,
    given=(provider_state("a room", name="call-1"), provider_state("a room", name="call-2")),
    invoke=lambda livekit: livekit.list_rooms(["call-2"]),
    request=twirp_request("ListRooms", {"names": ["call-2"]}),
    response=ok(RoomList, {"rooms": [{**ROOM, "name": "call-2"}]}),
)
contract.add_interaction(
    "the rooms when there are none",
    credential=ROOM_LIST_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.list_rooms(),
    request=twirp_request("ListRooms", {}),
    response=ok(RoomList, {"rooms": []}),
)
contract.add_interaction(
    "the rooms while LiveKit fails inside",
    credential=ROOM_LIST_TOKEN,
    given=provider_state("LiveKit is down", status=500, code="internal"),
    invoke=lambda livekit: livekit.list_rooms(),
    request=twirp_request("ListRooms", {}),
    response=twirp_error(500, "internal"),
    raises=expected_error(VendorUnavailable, status=500, code="internal"),
)
contract.add_interaction(
    "a room being deleted",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("a room", name="call-1"),
    invoke=lambda livekit: livekit.delete_room("call-1"),
    request=twirp_request("DeleteRoom", {"room": "call-1"}),
    response=empty_success(),
)
contract.add_interaction(
    "a room that does not exist being deleted",
    credential=ROOM_CREATE_TOKEN,
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.delete_room("call-1"),
    request=twirp_request("DeleteRoom", {"room": "call-1"}),
    response=twirp_error(404, "not_found"),
    raises=expected_error(NotFound, code="not_found"),
)
contract.add_interaction(
    "a room's metadata being replaced",
    credential=room_admin_token("call-1"),
    given=provider_state("a room", name="call-1"),
    invoke=lambda livekit: livekit.update_room_metadata("call-1", "note"),
    request=twirp_request("UpdateRoomMetadata", {"room": "call-1", "metadata": "note"}),
    response=ok(Room, {**ROOM, "metadata": "note"}),
)
contract.add_interaction(
    "the metadata of a room that does not exist being replaced",
    credential=room_admin_token("call-1"),
    given=provider_state("no room"),
    invoke=lambda livekit: livekit.update_room_metadata("call-1", "note"),
    request=twirp_request("UpdateRoomMetadata", {"room": "call-1", "metadata": "note"}),
    response=twirp_error(404, "not_found"),
    raises=expected_error(NotFound, code="not_found"),
)
