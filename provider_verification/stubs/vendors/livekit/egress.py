"""LiveKit's Egress service: recordings of rooms. Recorded: without an egress worker none can be started."""

from __future__ import annotations

from livekit.protocol.egress import EgressInfo, EgressStatus, ListEgressResponse

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.state import FIXED_TIME, LiveKitState
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    UNKNOWN_PREFIX,
    no_response_error,
    room_not_found,
    twirp_error,
)

FIXED_TIME_NS = FIXED_TIME * 1_000_000_000


@stub.operation("StartRoomCompositeEgress")
def start_room_composite(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Start to record a room."""
    room = state.rooms.get(request.body.get("room_name", ""))
    if room is None:
        return room_not_found()
    if not state.egress_worker:
        return no_response_error()
    egress = EgressInfo(
        egress_id=state.new_id("EG"),
        room_id=room.sid,
        room_name=room.name,
        status=EgressStatus.EGRESS_STARTING,
        started_at=FIXED_TIME_NS,
        updated_at=FIXED_TIME_NS,
    )
    state.egresses[egress.egress_id] = egress
    return ok(protojson.to_twirp_json(egress))


@stub.operation("ListEgress")
def list_egress(state: LiveKitState, request: StubRequest) -> StubResponse:
    """All egresses, those of a room, or the one with an id. An unknown room is an empty list."""
    room, egress_id = request.body.get("room_name"), request.body.get("egress_id")
    if egress_id and egress_id not in state.egresses:
        return _egress_not_found()
    items = [
        egress
        for egress in state.egresses.values()
        if room in {None, egress.room_name} and egress_id in {None, egress.egress_id}
    ]
    return ok(protojson.to_twirp_json(ListEgressResponse(items=items)))


@stub.operation("StopEgress")
def stop_egress(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Stop a recording; it stays in the list."""
    egress = state.egresses.get(request.body.get("egress_id", ""))
    if egress is None:
        return _egress_not_found()
    egress.status = EgressStatus.EGRESS_ENDING
    egress.ended_at = FIXED_TIME_NS
    return ok(protojson.to_twirp_json(egress))


def _egress_not_found() -> StubResponse:
    return twirp_error("not_found", f"{UNKNOWN_PREFIX}egress does not exist")
