"""AgentDispatchService: agents sent into rooms. Its times are in nanoseconds."""

from __future__ import annotations

from livekit.protocol.agent_dispatch import ListAgentDispatchResponse
from livekit.protocol.models import Room

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.hooks import twirp_error
from provider_verification.stubs.vendors.livekit.participants import no_response_error
from provider_verification.stubs.vendors.livekit.state import LiveKitState


@stub.operation("CreateDispatch")
def create_dispatch(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Makes the room too, if there is none."""
    room = server.open_room(Room(name=call.body.get("room", "")))
    return ok(
        protojson.to_twirp_json(
            server.dispatch(room.name, call.body.get("agent_name", ""), call.body.get("metadata", ""))
        )
    )


@stub.operation("ListDispatch")
def list_dispatch(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Of a room, or one by its id."""
    room, identifier = call.body.get("room", ""), call.body.get("dispatch_id")
    if room not in server.rooms:
        return no_response_error()
    found = [one for one in server.dispatches.values() if one.room == room and identifier in {None, one.id}]
    return ok(protojson.to_twirp_json(ListAgentDispatchResponse(agent_dispatches=found)))


@stub.operation("DeleteDispatch")
def delete_dispatch(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Gives it once more."""
    found = server.dispatches.pop(call.body.get("dispatch_id", ""), None)
    if found is None:
        return twirp_error("not_found", "twirp error unknown: dispatch ID not found")
    return ok(protojson.to_twirp_json(found))
