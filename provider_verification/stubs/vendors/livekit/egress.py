"""Egress: recordings of rooms. Without a worker, as in the recorded server, none can be started."""

from __future__ import annotations

from livekit.protocol.egress import EgressInfo, EgressStatus, ListEgressResponse

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.hooks import twirp_error
from provider_verification.stubs.vendors.livekit.participants import no_response_error
from provider_verification.stubs.vendors.livekit.state import FIXED_TIME, LiveKitState

NANOSECONDS = 1_000_000_000


@stub.operation("StartRoomCompositeEgress")
def start_room_composite(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Record a room; needs a worker."""
    room = server.rooms.get(call.body.get("room_name", ""))
    if room is None:
        return twirp_error("not_found", "twirp error unknown: requested room does not exist")
    if not server.egress_worker:
        return no_response_error()
    made = EgressInfo(
        egress_id=server.new_id("EG"),
        room_id=room.sid,
        room_name=room.name,
        status=EgressStatus.EGRESS_STARTING,
        started_at=FIXED_TIME * NANOSECONDS,
        updated_at=FIXED_TIME * NANOSECONDS,
    )
    server.egresses[made.egress_id] = made
    return ok(protojson.to_twirp_json(made))


@stub.operation("ListEgress")
def list_egress(server: LiveKitState, call: StubRequest) -> StubResponse:
    """All, of a room, or one by its id."""
    room, identifier = call.body.get("room_name"), call.body.get("egress_id")
    if identifier and identifier not in server.egresses:
        return _unknown()
    found = [
        one
        for one in server.egresses.values()
        if room in {None, one.room_name} and identifier in {None, one.egress_id}
    ]
    return ok(protojson.to_twirp_json(ListEgressResponse(items=found)))


@stub.operation("StopEgress")
def stop(server: LiveKitState, call: StubRequest) -> StubResponse:
    """It ends, and stays in the list."""
    found = server.egresses.get(call.body.get("egress_id", ""))
    if found is None:
        return _unknown()
    found.status = EgressStatus.EGRESS_ENDING
    found.ended_at = FIXED_TIME * NANOSECONDS
    return ok(protojson.to_twirp_json(found))


def _unknown() -> StubResponse:
    return twirp_error("not_found", "twirp error unknown: egress does not exist")
