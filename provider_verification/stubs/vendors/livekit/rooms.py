"""LiveKit's RoomService: rooms."""

from __future__ import annotations

from livekit.protocol.models import Room
from livekit.protocol.room import CreateRoomRequest, ListRoomsResponse

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.state import LiveKitState
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    UNKNOWN_PREFIX,
    room_not_found,
    twirp_error,
)

MAX_NAME_BYTES = 256
MAX_METADATA_BYTES = 512 * 1024


@stub.operation("CreateRoom")
def create_room(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Create a room. Recorded: an existing room is returned with its old settings."""
    message = protojson.from_dict(request.body, CreateRoomRequest())
    if len(message.name.encode()) > MAX_NAME_BYTES:
        text = f"{UNKNOWN_PREFIX}room name length exceeds limits: max length {MAX_NAME_BYTES}"
        return twirp_error("invalid_argument", text)
    if len(message.metadata.encode()) > MAX_METADATA_BYTES:
        return _metadata_too_long()
    settings = Room(
        name=message.name,
        empty_timeout=message.empty_timeout,
        departure_timeout=message.departure_timeout,
        max_participants=message.max_participants,
        metadata=message.metadata,
    )
    is_new = message.name not in state.rooms
    room = state.open_room(settings)
    for agent in message.agents if is_new else ():
        state.dispatch(room.name, agent.agent_name, agent.metadata)
    return ok(protojson.to_twirp_json(room))


@stub.operation("ListRooms")
def list_rooms(state: LiveKitState, request: StubRequest) -> StubResponse:
    """All rooms, or the named ones; unknown names are left out."""
    names = request.body.get("names")
    rooms = [room for room in state.rooms.values() if not names or room.name in names]
    return ok(protojson.to_twirp_json(ListRoomsResponse(rooms=rooms)))


@stub.operation("DeleteRoom")
def delete_room(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Delete a room and disconnect its participants."""
    name = request.body.get("room", "")
    # Recorded: an empty name deletes nothing and succeeds.
    if name and name not in state.rooms:
        return room_not_found()
    state.rooms.pop(name, None)
    state.participants.pop(name, None)
    return ok({})


@stub.operation("UpdateRoomMetadata")
def update_metadata(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Replace the metadata of a room; the size is checked before the room is looked up."""
    metadata = request.body.get("metadata", "")
    if len(metadata.encode()) > MAX_METADATA_BYTES:
        return _metadata_too_long()
    room = state.rooms.get(request.body.get("room", ""))
    if room is None:
        return room_not_found()
    room.metadata = metadata
    return ok(protojson.to_twirp_json(room))


@stub.operation("health")
def health(_state: LiveKitState, _request: StubRequest) -> StubResponse:
    """200 with the text `OK`."""
    return StubResponse(200, b"OK", media_type="text/plain; charset=utf-8")


def _metadata_too_long() -> StubResponse:
    message = f"metadata size exceeds limits {MAX_METADATA_BYTES}"
    return twirp_error("invalid_argument", message, argument="metadata size exceeds limits")
