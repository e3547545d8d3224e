"""LiveKit's Egress service: recordings and streams of rooms, participants, tracks and web pages.

Recorded: without an egress worker none can be started. What a worker answers was not recorded; it follows the code of
`livekit/livekit` and `livekit/egress`. The stub does not wait the 20 s after which the recorded server gave up.
"""

from __future__ import annotations

from google.protobuf.message import Message
from livekit.protocol.egress import (
    EgressInfo,
    EgressStatus,
    ListEgressResponse,
    ParticipantEgressRequest,
    RoomCompositeEgressRequest,
    StartEgressRequest,
    StreamInfo,
    TrackCompositeEgressRequest,
    TrackEgressRequest,
    WebEgressRequest,
)

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.egress_requests import (
    find_invalid_field,
    output_results,
    redact_credentials,
    source_type,
)
from provider_verification.stubs.vendors.livekit.state import FIXED_TIME, LiveKitState
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    UNKNOWN_PREFIX,
    invalid_argument,
    no_response_error,
    room_not_found,
    twirp_error,
)

FIXED_TIME_NS = FIXED_TIME * 1_000_000_000
UNFINISHED = (EgressStatus.EGRESS_STARTING, EgressStatus.EGRESS_ACTIVE, EgressStatus.EGRESS_ENDING)


@stub.operation("StartEgress")
def start_egress(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Start an egress of any source; the method of 2026, which replaces the other five."""
    return start(state, "egress", protojson.from_dict(request.body, StartEgressRequest()))


@stub.operation("StartRoomCompositeEgress")
def start_room_composite(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Record or stream a room as its template shows it."""
    return start(state, "room_composite", protojson.from_dict(request.body, RoomCompositeEgressRequest()))


@stub.operation("StartWebEgress")
def start_web(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Record or stream a web page; it belongs to no room."""
    return start(state, "web", protojson.from_dict(request.body, WebEgressRequest()))


@stub.operation("StartParticipantEgress")
def start_participant(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Record or stream what one participant publishes."""
    return start(state, "participant", protojson.from_dict(request.body, ParticipantEgressRequest()))


@stub.operation("StartTrackCompositeEgress")
def start_track_composite(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Record or stream an audio and a video track together."""
    return start(state, "track_composite", protojson.from_dict(request.body, TrackCompositeEgressRequest()))


@stub.operation("StartTrackEgress")
def start_track(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Write one track to a file or a WebSocket, without transcoding."""
    return start(state, "track", protojson.from_dict(request.body, TrackEgressRequest()))


def start(state: LiveKitState, kind: str, message: Message) -> StubResponse:
    """Start an egress.

    Args:
        state: the stub's state.
        kind: the field of `EgressInfo` that holds the request.
        message: the request.
    """
    room_name = getattr(message, "room_name", "")
    if room_name and room_name not in state.rooms:
        return room_not_found()
    if not state.egress_worker:
        return no_response_error()
    invalid_field = find_invalid_field(kind, message)
    if invalid_field:
        return invalid_argument(f"{UNKNOWN_PREFIX}request has missing or invalid field: {invalid_field}")
    egress = EgressInfo(
        egress_id=state.new_id("EG"),
        room_id=state.rooms[room_name].sid if room_name else "",
        room_name=room_name,
        source_type=source_type(kind, message),
        status=EgressStatus.EGRESS_STARTING,
        started_at=FIXED_TIME_NS,
        updated_at=FIXED_TIME_NS,
        **output_results(message),
    )
    getattr(egress, kind).CopyFrom(redact_credentials(message))
    state.egresses[egress.egress_id] = egress
    return ok(protojson.to_twirp_json(egress))


@stub.operation("ListEgress")
def list_egress(state: LiveKitState, request: StubRequest) -> StubResponse:
    """All egresses, those of a room, those that have not ended, or the one with an id. An unknown room is an empty list."""
    room, egress_id = request.body.get("room_name"), request.body.get("egress_id")
    if egress_id and egress_id not in state.egresses:
        return _egress_not_found()
    items = [
        egress
        for egress in state.egresses.values()
        if room in {None, egress.room_name}
        and egress_id in {None, egress.egress_id}
        and (egress.status in UNFINISHED or not request.body.get("active"))
    ]
    return ok(protojson.to_twirp_json(ListEgressResponse(items=items)))


@stub.operation("UpdateLayout")
def update_layout(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Change the layout of an egress, whose recorder is a participant of the room: without one it is 404."""
    egress = state.egresses.get(request.body.get("egress_id", ""))
    if egress is None:
        return _egress_not_found()
    if not egress.room_name or egress.status not in UNFINISHED:
        return twirp_error("not_found", f"{UNKNOWN_PREFIX}participant does not exist")
    return ok(protojson.to_twirp_json(egress))


@stub.operation("UpdateStream")
def update_stream(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Add URLs to a streaming egress, or remove them."""
    egress = state.egresses.get(request.body.get("egress_id", ""))
    error = _find_obstacle(egress, "updated")
    if egress is None or error:
        return error or _egress_not_found()
    urls = {stream.url for stream in egress.stream_results}
    if not urls:
        text = f"{UNKNOWN_PREFIX}UpdateStream called on non-streaming egress"
        return twirp_error("invalid_argument", text)
    for url in request.body.get("remove_output_urls", ()):
        if url not in urls:
            return twirp_error("not_found", f"{UNKNOWN_PREFIX}stream {url} not found")
    _change_streams(egress, request)
    return ok(protojson.to_twirp_json(egress))


def _change_streams(egress: EgressInfo, request: StubRequest) -> None:
    removed = set(request.body.get("remove_output_urls", ()))
    for stream in egress.stream_results:
        if stream.url in removed:
            stream.status, stream.ended_at = StreamInfo.FINISHED, FIXED_TIME_NS
    for url in request.body.get("add_output_urls", ()):
        egress.stream_results.add(url=url, started_at=FIXED_TIME_NS)
    for destination in request.body.get("add_destinations", ()):
        url, stream_id = destination.get("url", ""), destination.get("id", "")
        egress.stream_results.add(url=url, id=stream_id, started_at=FIXED_TIME_NS)


@stub.operation("StopEgress")
def stop_egress(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Stop an egress; it stays in the list."""
    egress = state.egresses.get(request.body.get("egress_id", ""))
    error = _find_obstacle(egress, "stopped")
    if egress is None or error:
        return error or _egress_not_found()
    egress.status = EgressStatus.EGRESS_ENDING
    egress.ended_at = FIXED_TIME_NS
    return ok(protojson.to_twirp_json(egress))


def _find_obstacle(egress: EgressInfo | None, change: str) -> StubResponse | None:
    """The error for an egress that does not exist or has ended; or None."""
    if egress is None:
        return _egress_not_found()
    if egress.status not in UNFINISHED:
        status = EgressStatus.Name(egress.status)
        return twirp_error("failed_precondition", f"egress with status {status} cannot be {change}")
    return None


def _egress_not_found() -> StubResponse:
    return twirp_error("not_found", f"{UNKNOWN_PREFIX}egress does not exist")
