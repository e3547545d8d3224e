"""Rooms: one for each call."""

from __future__ import annotations

from typing import Any

from consumer_tests.contract import failure, ok, state
from consumer_tests.expectation import Response
from consumer_tests.livekit import UNKNOWN_TOKEN, admin_of, contract, done, grants, twirp, twirp_error
from orchestrator.vendors.errors import NotFound, RateLimited, Rejected, Unauthorised, VendorUnavailable
from orchestrator.vendors.livekit.models import Room, RoomList

CREATE = grants(video={"roomCreate": True})
LIST = grants(video={"roomList": True})
ROOM = {
    "sid": "RM_example",
    "name": "call-1",
    "metadata": "",
    "num_participants": 0,
    "max_participants": 0,
    "creation_time": "1795447149",
}


def new_room(**different: Any) -> dict[str, Any]:
    """The body that creates a room."""
    return {"name": "call-1", "metadata": "", "max_participants": 0, "empty_timeout": 300, **different}


contract.expect(
    "a room being created",
    credential=CREATE,
    given=state("no room"),
    call=lambda livekit: livekit.create_room("call-1"),
    request=twirp("CreateRoom", new_room()),
    response=ok(Room, ROOM),
)
contract.expect(
    "a room being created with limits and metadata",
    credential=CREATE,
    given=state("no room"),
    call=lambda livekit: livekit.create_room("call-1", metadata="{}", max_participants=3, empty_timeout=60),
    request=twirp("CreateRoom", new_room(metadata="{}", max_participants=3, empty_timeout=60)),
    response=ok(Room, {**ROOM, "metadata": "{}", "max_participants": 3}),
)
contract.expect(
    "a room being created that exists with other settings",
    credential=CREATE,
    given=state("a room", name="call-1", metadata="first"),
    call=lambda livekit: livekit.create_room("call-1", metadata="second"),
    request=twirp("CreateRoom", new_room(metadata="second")),
    response=ok(Room, {**ROOM, "metadata": "first"}),
)
contract.expect(
    "a room being created with too long a name",
    credential=CREATE,
    call=lambda livekit: livekit.create_room("n" * 257),
    request=twirp("CreateRoom", new_room(name="n" * 257)),
    response=twirp_error(400, "invalid_argument"),
    raises=failure(Rejected, status=400, code="invalid_argument"),
)
contract.expect(
    "a room being created with a token that is none",
    credential=UNKNOWN_TOKEN,
    call=lambda livekit: livekit.create_room("call-1"),
    request=twirp("CreateRoom", new_room()),
    response=Response(401, text=("invalid authorization token", "^invalid .+")),
    raises=failure(Unauthorised, status=401, code=None, messages=()),
)
contract.expect(
    "a room being created while LiveKit is down",
    credential=CREATE,
    given=state("LiveKit is down", status=503, code="unavailable"),
    call=lambda livekit: livekit.create_room("call-1"),
    request=twirp("CreateRoom", new_room()),
    response=twirp_error(503, "unavailable"),
    raises=failure(VendorUnavailable, status=503, code="unavailable"),
)
contract.expect(
    "a room being created while a proxy before LiveKit limits the rate",
    credential=CREATE,
    given=state("a proxy limits the rate", retry_after=3),
    call=lambda livekit: livekit.create_room("call-1"),
    request=twirp("CreateRoom", new_room()),
    response=Response(429, headers={"Retry-After": ("3", r"^\d+$")}),
    raises=failure(RateLimited, retry_after=3.0),
)
contract.expect(
    "the rooms",
    credential=LIST,
    given=state("a room", name="call-1"),
    call=lambda livekit: livekit.rooms(),
    request=twirp("ListRooms", {}),
    response=ok(RoomList, {"rooms": [ROOM]}),
)
contract.expect(
    "the rooms of a name",
    credential=LIST,
    given=(state("a room", name="call-1"), state("a room", name="call-2")),
    call=lambda livekit: livekit.rooms(["call-2"]),
    request=twirp("ListRooms", {"names": ["call-2"]}),
    response=ok(RoomList, {"rooms": [{**ROOM, "name": "call-2"}]}),
)
contract.expect(
    "the rooms when there are none",
    credential=LIST,
    given=state("no room"),
    call=lambda livekit: livekit.rooms(),
    request=twirp("ListRooms", {}),
    response=ok(RoomList, {"rooms": []}),
)
contract.expect(
    "the rooms while LiveKit fails inside",
    credential=LIST,
    given=state("LiveKit is down", status=500, code="internal"),
    call=lambda livekit: livekit.rooms(),
    request=twirp("ListRooms", {}),
    response=twirp_error(500, "internal"),
    raises=failure(VendorUnavailable, status=500, code="internal"),
)
contract.expect(
    "a room being deleted",
    credential=CREATE,
    given=state("a room", name="call-1"),
    call=lambda livekit: livekit.delete_room("call-1"),
    request=twirp("DeleteRoom", {"room": "call-1"}),
    response=done(),
)
contract.expect(
    "a room that does not exist being deleted",
    credential=CREATE,
    given=state("no room"),
    call=lambda livekit: livekit.delete_room("call-1"),
    request=twirp("DeleteRoom", {"room": "call-1"}),
    response=twirp_error(404, "not_found"),
    raises=failure(NotFound, code="not_found"),
)
contract.expect(
    "a room's metadata being replaced",
    credential=admin_of("call-1"),
    given=state("a room", name="call-1"),
    call=lambda livekit: livekit.update_metadata("call-1", "note"),
    request=twirp("UpdateRoomMetadata", {"room": "call-1", "metadata": "note"}),
    response=ok(Room, {**ROOM, "metadata": "note"}),
)
contract.expect(
    "the metadata of a room that does not exist being replaced",
    credential=admin_of("call-1"),
    given=state("no room"),
    call=lambda livekit: livekit.update_metadata("call-1", "note"),
    request=twirp("UpdateRoomMetadata", {"room": "call-1", "metadata": "note"}),
    response=twirp_error(404, "not_found"),
    raises=failure(NotFound, code="not_found"),
)
