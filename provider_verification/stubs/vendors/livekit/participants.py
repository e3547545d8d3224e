"""LiveKit's RoomService: participants of a room."""

from __future__ import annotations

import re

from livekit.protocol.models import ParticipantInfo, Room
from livekit.protocol.room import (
    ListParticipantsResponse,
    MuteRoomTrackResponse,
    PerformRpcResponse,
    UpdateParticipantRequest,
)

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.limits import find_exceeded_limit
from provider_verification.stubs.vendors.livekit.state import LiveKitState
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    UNKNOWN_PREFIX,
    argument_error,
    invalid_argument,
    no_response_error,
    participant_not_found,
    twirp_error,
)

NONCE_BYTES = 16
MIN_TIMEOUT_MS = 100
"""Below this timeout the stub cancels an RPC at once: no participant could respond in time."""

MILLISECONDS_PATTERN = re.compile(r"-?[0-9]{1,18}")


def find_participant(
    state: LiveKitState, request: StubRequest, identity_field: str = "identity"
) -> ParticipantInfo | None:
    """The participant that a request names, or None."""
    return state.participants.get(request.body.get("room", ""), {}).get(request.body.get(identity_field, ""))


@stub.operation("ListParticipants")
def list_participants(state: LiveKitState, request: StubRequest) -> StubResponse:
    """The participants of a room. Recorded: an unknown room is an empty list, not 404 as on LiveKit Cloud."""
    participants = state.participants.get(request.body.get("room", ""), {})
    return ok(protojson.to_twirp_json(ListParticipantsResponse(participants=participants.values())))


@stub.operation("GetParticipant")
def get_participant(state: LiveKitState, request: StubRequest) -> StubResponse:
    """One participant."""
    participant = find_participant(state, request)
    return ok(protojson.to_twirp_json(participant)) if participant else participant_not_found()


@stub.operation("RemoveParticipant")
def remove_participant(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Disconnect a participant."""
    if not find_participant(state, request):
        return participant_not_found()
    del state.participants[request.body["room"]][request.body["identity"]]
    return ok({})


@stub.operation("UpdateParticipant")
def update_participant(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Change the fields that are present; an attribute set to an empty text is deleted."""
    error = find_exceeded_limit(request.body)
    if error:
        return error
    participant = find_participant(state, request)
    if not participant:
        return participant_not_found()
    _apply_update(participant, protojson.from_dict(request.body, UpdateParticipantRequest()))
    return ok(protojson.to_twirp_json(participant))


def _apply_update(participant: ParticipantInfo, message: UpdateParticipantRequest) -> None:
    # An empty text is the zero value of protobuf and means that the field is absent.
    participant.metadata = message.metadata or participant.metadata
    participant.name = message.name or participant.name
    for name, value in message.attributes.items():
        participant.attributes[name] = value
        if not value:
            del participant.attributes[name]
    if message.HasField("permission"):
        participant.permission.CopyFrom(message.permission)
        # Recorded: a participant that loses the permission to publish loses its tracks at once.
        if not message.permission.can_publish:
            del participant.tracks[:]
            participant.is_publisher = False
    participant.version += 1


@stub.operation("MutePublishedTrack")
def mute_track(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Mute a track. Recorded: an unknown track is 200 without a track, an unknown participant 503."""
    participant = find_participant(state, request)
    # Recorded: requests that need a response of a node get 503 if the participant is unknown.
    if not participant:
        return no_response_error()
    track_sid = request.body.get("track_sid")
    track = next((track for track in participant.tracks if track.sid == track_sid), None)
    if track is None:
        return ok(protojson.to_twirp_json(MuteRoomTrackResponse()))
    if not request.body.get("muted"):
        return twirp_error("failed_precondition", f"{UNKNOWN_PREFIX}remote unmute not enabled")
    track.muted = True
    return ok(protojson.to_twirp_json(MuteRoomTrackResponse(track=track)))


@stub.operation("UpdateSubscriptions")
def update_subscriptions(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Change which tracks a participant receives; the stub keeps no subscriptions."""
    return ok({}) if find_participant(state, request) else no_response_error()


@stub.operation("SendData")
def send_data(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Send data to a room, whether or not it has participants."""
    nonce = request.body.get("nonce", "")
    # The nonce is base64 here, and its limit is in bytes.
    length = len(nonce) * 3 // 4 - nonce.count("=")
    if nonce and length != NONCE_BYTES:
        return invalid_argument(f"nonce should be {NONCE_BYTES}-bytes or not present, got: {length} bytes")
    return ok({}) if request.body.get("room", "") in state.rooms else no_response_error()


@stub.operation("PerformRpc")
def perform_rpc(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Call a method that a participant registered."""
    if not request.body.get("destination_identity"):
        return invalid_argument(f"{UNKNOWN_PREFIX}destination identity is required")
    timeout = request.headers.get("x-twirp-timeout-ms", "")
    if MILLISECONDS_PATTERN.fullmatch(timeout) and int(timeout) < MIN_TIMEOUT_MS:
        return twirp_error("canceled", f"{UNKNOWN_PREFIX}request canceled")
    participant = find_participant(state, request, "destination_identity")
    if not participant:
        return no_response_error()
    payload = state.rpc_methods.get((participant.identity, request.body.get("method", "")))
    if payload is not None:
        return ok(protojson.to_twirp_json(PerformRpcResponse(payload=payload)))
    return twirp_error(
        "invalid_argument", f"{UNKNOWN_PREFIX}RpcError 1400: Method not supported at destination"
    )


@stub.operation("ForwardParticipant")
def forward_participant(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Show a participant in a second room too, as LiveKit Cloud does. Recorded: an unknown identity is 503."""
    return _enter_destination(state, request)


@stub.operation("MoveParticipant")
def move_participant(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Move a participant to another room, as LiveKit Cloud does. Recorded: an unknown identity is 503."""
    response = _enter_destination(state, request)
    if response.status == 200:
        del state.participants[request.body.get("room", "")][request.body.get("identity", "")]
    return response


def _enter_destination(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Add the participant to the destination, which is opened if it does not exist."""
    destination = request.body.get("destination_room", "")
    if destination == request.body.get("room", ""):
        return argument_error("destination room cannot be the same as source room", "")
    participant = find_participant(state, request)
    if not participant:
        return no_response_error()
    state.open_room(Room(name=destination))
    state.participants[destination][participant.identity] = participant
    return ok({})
