"""RoomService: rooms."""

from __future__ import annotations

from livekit.protocol.models import Room
from livekit.protocol.room import CreateRoomRequest, ListRoomsResponse

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.hooks import twirp_error
from provider_verification.stubs.vendors.livekit.state import LiveKitState

NAME_LIMIT = 256
METADATA_LIMIT = 512 * 1024


@stub.operation("CreateRoom")
def create_room(server: LiveKitState, call: StubRequest) -> StubResponse:
    """A new room, or the one of that name with its old settings."""
    wanted = protojson.from_dict(call.body, CreateRoomRequest())
    if len(wanted.name.encode()) > NAME_LIMIT:
        message = f"twirp error unknown: room name length exceeds limits: max length {NAME_LIMIT}"
        return twirp_error("invalid_argument", message)
    if len(wanted.metadata.encode()) > METADATA_LIMIT:
        return _too_much_metadata()
    settings = Room(
        name=wanted.name,
        empty_timeout=wanted.empty_timeout,
        departure_timeout=wanted.departure_timeout,
        max_participants=wanted.max_participants,
        metadata=wanted.metadata,
    )
    is_new = wanted.name not in server.rooms
    room = server.open_room(settings)
    for agent in wanted.agents if is_new else ():
        server.dispatch(room.name, agent.agent_name, agent.metadata)
    return ok(protojson.to_twirp_json(room))


@stub.operation("ListRooms")
def list_rooms(server: LiveKitState, call: StubRequest) -> StubResponse:
    """All rooms, or those of the names that exist."""
    names = call.body.get("names")
    found = [room for room in server.rooms.values() if not names or room.name in names]
    return ok(protojson.to_twirp_json(ListRoomsResponse(rooms=found)))


@stub.operation("DeleteRoom")
def delete_room(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Its participants leave with it."""
    name = call.body.get("room", "")
    if name and name not in server.rooms:
        return twirp_error("not_found", "twirp error unknown: requested room does not exist")
    server.rooms.pop(name, None)
    server.participants.pop(name, None)
    return ok({})


@stub.operation("UpdateRoomMetadata")
def update_metadata(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Of a room that exists."""
    metadata = call.body.get("metadata", "")
    if len(metadata.encode()) > METADATA_LIMIT:
        return _too_much_metadata()
    room = server.rooms.get(call.body.get("room", ""))
    if room is None:
        return twirp_error("not_found", "twirp error unknown: requested room does not exist")
    room.metadata = metadata
    return ok(protojson.to_twirp_json(room))


@stub.operation("health")
def health(_server: LiveKitState, _call: StubRequest) -> StubResponse:
    """The server runs."""
    return StubResponse(200, b"OK", media_type="text/plain; charset=utf-8")


def _too_much_metadata() -> StubResponse:
    message = f"metadata size exceeds limits {METADATA_LIMIT}"
    return twirp_error("invalid_argument", message, argument="metadata size exceeds limits")
