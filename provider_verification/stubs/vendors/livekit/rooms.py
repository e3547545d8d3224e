"""LiveKit's RoomService: rooms."""

from __future__ import annotations

from livekit.protocol.models import Room
from livekit.protocol.room import CreateRoomRequest, ListRoomsResponse

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import limits, protojson, stub
from provider_verification.stubs.vendors.livekit.egress import start as start_egress
from provider_verification.stubs.vendors.livekit.state import LiveKitState
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    UNKNOWN_PREFIX,
    invalid_argument,
    room_not_found,
    twirp_error,
)

UNKNOWN_PRESET = "unknown room confguration in create room request"
"""The text of the server's code, with its typing error. No preset is configured in the stub."""


@stub.operation("CreateRoom")
def create_room(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Create a room. Recorded: an existing room is returned with its old settings."""
    message = protojson.from_dict(request.body, CreateRoomRequest())
    if len(message.name.encode()) > limits.MAX_NAME_BYTES:
        text = f"{UNKNOWN_PREFIX}room name length exceeds limits: max length {limits.MAX_NAME_BYTES}"
        return invalid_argument(text)
    error = limits.find_exceeded_limit({"metadata": message.metadata})
    if error is None and message.name not in state.rooms:
        error = _open_new_room(state, message)
    return error or ok(protojson.to_twirp_json(state.rooms[message.name]))


def _open_new_room(state: LiveKitState, message: CreateRoomRequest) -> StubResponse | None:
    """Open the room, send its agents and start its egress; return the error, or None."""
    if message.room_preset:
        return twirp_error("invalid_argument", f"{UNKNOWN_PREFIX}{UNKNOWN_PRESET}")
    room = state.open_room(
        Room(
            name=message.name,
            empty_timeout=message.empty_timeout,
            departure_timeout=message.departure_timeout,
            max_participants=message.max_participants,
            metadata=message.metadata,
        )
    )
    for agent in message.agents:
        state.dispatch(room.name, agent)
    # UNCONFIRMED what the server answers without a worker: the stub opens the room, without an egress.
    if message.egress.HasField("room") and state.egress_worker:
        message.egress.room.room_name = room.name
        start_egress(state, "room_composite", message.egress.room)
    return None


@stub.operation("ListRooms")
def list_rooms(state: LiveKitState, request: StubRequest) -> StubResponse:
    """All rooms, or the named ones in the order of the names, of which unknown ones are left out."""
    names = request.body.get("names") or list(state.rooms)
    rooms = [state.rooms[name] for name in names if name in state.rooms]
    return ok(protojson.to_twirp_json(ListRoomsResponse(rooms=rooms)))


@stub.operation("DeleteRoom")
def delete_room(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Delete a room and disconnect its participants. A request without a name is about the room whose name is empty."""
    name = request.body.get("room", "")
    if name not in state.rooms:
        return room_not_found()
    del state.rooms[name], state.participants[name]
    return ok({})


@stub.operation("UpdateRoomMetadata")
def update_metadata(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Replace the metadata of a room; the size is checked before the grant and the room."""
    error = limits.find_exceeded_limit(request.body)
    if error:
        return error
    room = state.rooms.get(request.body.get("room", ""))
    if room is None:
        return room_not_found()
    room.metadata = request.body.get("metadata", "")
    return ok(protojson.to_twirp_json(room))


@stub.operation("health")
def health(_state: LiveKitState, _request: StubRequest) -> StubResponse:
    """200 with the text `OK`."""
    return StubResponse(200, b"OK", media_type="text/plain; charset=utf-8")
