"""LiveKit's AgentDispatchService: agents sent into rooms. Its times are in nanoseconds."""

from __future__ import annotations

from livekit.protocol.agent_dispatch import CreateAgentDispatchRequest, ListAgentDispatchResponse
from livekit.protocol.models import Room

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.state import LiveKitState
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    UNKNOWN_PREFIX,
    no_response_error,
    twirp_error,
)


@stub.operation("CreateDispatch")
def create_dispatch(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Send an agent into a room; the room is created if it does not exist."""
    message = protojson.from_dict(request.body, CreateAgentDispatchRequest())
    room = state.open_room(Room(name=message.room))
    dispatch = state.dispatch(room.name, message)
    return ok(protojson.to_twirp_json(dispatch))


@stub.operation("ListDispatch")
def list_dispatch(state: LiveKitState, request: StubRequest) -> StubResponse:
    """The dispatches of a room, or the one with an id. Recorded: an unknown room is 503, not 404."""
    room, dispatch_id = request.body.get("room", ""), request.body.get("dispatch_id")
    if room not in state.rooms:
        return no_response_error()
    dispatches = [
        dispatch
        for dispatch in state.dispatches.values()
        if dispatch.room == room and dispatch_id in {None, dispatch.id}
    ]
    return ok(protojson.to_twirp_json(ListAgentDispatchResponse(agent_dispatches=dispatches)))


@stub.operation("DeleteDispatch")
def delete_dispatch(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Delete a dispatch of a room and return it. As in `ListDispatch`, an unknown room is 503."""
    room, dispatch_id = request.body.get("room", ""), request.body.get("dispatch_id", "")
    if room not in state.rooms:
        return no_response_error()
    dispatch = state.dispatches.get(dispatch_id)
    if dispatch is None or dispatch.room != room:
        return twirp_error("not_found", f"{UNKNOWN_PREFIX}dispatch ID not found")
    del state.dispatches[dispatch_id]
    return ok(protojson.to_twirp_json(dispatch))
