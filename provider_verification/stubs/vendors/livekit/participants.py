"""RoomService: who is in a room, and what may be done to them."""

from __future__ import annotations

from livekit.protocol.models import ParticipantInfo
from livekit.protocol.room import (
    ListParticipantsResponse,
    MuteRoomTrackResponse,
    PerformRpcResponse,
    UpdateParticipantRequest,
)

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.hooks import twirp_error
from provider_verification.stubs.vendors.livekit.state import LiveKitState

ATTRIBUTES_LIMIT = 64 * 1024
NONCE_LENGTH = 16
PARTICIPANT_NOT_FOUND = "twirp error unknown: participant does not exist"
NO_RESPONSE = "twirp error unknown: no response from servers"


def participant_not_found() -> StubResponse:
    """The room or the participant does not exist; the server does not say which."""
    return twirp_error("not_found", PARTICIPANT_NOT_FOUND)


def no_response_error() -> StubResponse:
    """The node that should answer does not; the real server says so after three seconds, the stub at once."""
    return twirp_error("unavailable", NO_RESPONSE)


def find_participant(
    server: LiveKitState, call: StubRequest, identity: str = "identity"
) -> ParticipantInfo | None:
    """The participant a call is about."""
    return server.participants.get(call.body.get("room", ""), {}).get(call.body.get(identity, ""))


@stub.operation("ListParticipants")
def list_participants(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Of an unknown room: none."""
    inside = server.participants.get(call.body.get("room", ""), {})
    return ok(protojson.to_twirp_json(ListParticipantsResponse(participants=inside.values())))


@stub.operation("GetParticipant")
def get_participant(server: LiveKitState, call: StubRequest) -> StubResponse:
    """One of them."""
    participant = find_participant(server, call)
    return ok(protojson.to_twirp_json(participant)) if participant else participant_not_found()


@stub.operation("RemoveParticipant")
def remove_participant(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Make somebody leave."""
    if not find_participant(server, call):
        return participant_not_found()
    del server.participants[call.body["room"]][call.body["identity"]]
    return ok({})


@stub.operation("UpdateParticipant")
def update_participant(server: LiveKitState, call: StubRequest) -> StubResponse:
    """What is not given stays; an attribute set to nothing is deleted; who may not publish has no tracks."""
    wanted = protojson.from_dict(call.body, UpdateParticipantRequest())
    if sum(len(part.encode()) for item in wanted.attributes.items() for part in item) > ATTRIBUTES_LIMIT:
        limit = f"attribute size exceeds limits {ATTRIBUTES_LIMIT}"
        return twirp_error("invalid_argument", limit, argument="attribute size exceeds limits")
    participant = find_participant(server, call)
    if not participant:
        return participant_not_found()
    _change(participant, wanted)
    return ok(protojson.to_twirp_json(participant))


def _change(participant: ParticipantInfo, wanted: UpdateParticipantRequest) -> None:
    participant.metadata = wanted.metadata or participant.metadata
    participant.name = wanted.name or participant.name
    for name, value in wanted.attributes.items():
        participant.attributes[name] = value
        if not value:
            del participant.attributes[name]
    if wanted.HasField("permission"):
        participant.permission.CopyFrom(wanted.permission)
        if not wanted.permission.can_publish:
            del participant.tracks[:]
            participant.is_publisher = False
    participant.version += 1


@stub.operation("MutePublishedTrack")
def mute_track(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Mutes; unmuting from afar is not enabled. An unknown track is no error, an unknown participant is silence."""
    participant = find_participant(server, call)
    if not participant:
        return no_response_error()
    track = next((one for one in participant.tracks if one.sid == call.body.get("track_sid")), None)
    if track is None:
        return ok(protojson.to_twirp_json(MuteRoomTrackResponse()))
    if not call.body.get("muted"):
        return twirp_error("failed_precondition", "twirp error unknown: remote unmute not enabled")
    track.muted = True
    return ok(protojson.to_twirp_json(MuteRoomTrackResponse(track=track)))


@stub.operation("UpdateSubscriptions")
def update_subscriptions(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Whom a participant hears."""
    return ok({}) if find_participant(server, call) else no_response_error()


@stub.operation("SendData")
def send_data(server: LiveKitState, call: StubRequest) -> StubResponse:
    """To a room; whether anybody is there to hear it does not matter."""
    nonce = call.body.get("nonce", "")
    length = len(nonce) * 3 // 4 - nonce.count("=")
    if nonce and length != NONCE_LENGTH:
        return twirp_error(
            "invalid_argument", f"nonce should be 16-bytes or not present, got: {length} bytes"
        )
    return ok({}) if call.body.get("room", "") in server.rooms else no_response_error()


@stub.operation("PerformRpc")
def perform_rpc(server: LiveKitState, call: StubRequest) -> StubResponse:
    """A participant's own method, if it is registered there."""
    if int(call.headers.get("x-twirp-timeout-ms") or 1000) < 100:
        return twirp_error("canceled", "twirp error unknown: request canceled")
    participant = find_participant(server, call, "destination_identity")
    if not participant:
        return no_response_error()
    payload = server.rpc_methods.get((participant.identity, call.body.get("method", "")))
    if payload is not None:
        return ok(protojson.to_twirp_json(PerformRpcResponse(payload=payload)))
    return twirp_error(
        "invalid_argument", "twirp error unknown: RpcError 1400: Method not supported at destination"
    )


@stub.operation("ForwardParticipant")
@stub.operation("MoveParticipant")
def not_in_open_source(_server: LiveKitState, _call: StubRequest) -> StubResponse:
    """The open-source server has nobody who answers this."""
    return no_response_error()
