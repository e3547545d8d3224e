"""RoomService: who is in a room, and what may be done to them."""

from __future__ import annotations

from livekit.protocol.models import ParticipantInfo
from livekit.protocol.room import (
    ListParticipantsResponse,
    MuteRoomTrackResponse,
    PerformRpcResponse,
    UpdateParticipantRequest,
)

from provider_verification.stubs.livekit import protojson, stub
from provider_verification.stubs.livekit.rules import twirp_error
from provider_verification.stubs.livekit.server import Server
from provider_verification.stubs.stub import Answer, Call, ok

ATTRIBUTES_LIMIT = 64 * 1024
NONCE_LENGTH = 16
NOBODY = "twirp error unknown: participant does not exist"
NO_SERVER = "twirp error unknown: no response from servers"


def nobody() -> Answer:
    """The room or the participant does not exist; the server does not say which."""
    return twirp_error("not_found", NOBODY)


def no_server() -> Answer:
    """The node that should answer does not; the real server says so after three seconds, the stub at once."""
    return twirp_error("unavailable", NO_SERVER)


def found(server: Server, call: Call, identity: str = "identity") -> ParticipantInfo | None:
    """The participant a call is about."""
    return server.participants.get(call.body.get("room", ""), {}).get(call.body.get(identity, ""))


@stub.operation("ListParticipants")
def list_participants(server: Server, call: Call) -> Answer:
    """Of an unknown room: none."""
    inside = server.participants.get(call.body.get("room", ""), {})
    return ok(protojson.twirp(ListParticipantsResponse(participants=inside.values())))


@stub.operation("GetParticipant")
def get_participant(server: Server, call: Call) -> Answer:
    """One of them."""
    participant = found(server, call)
    return ok(protojson.twirp(participant)) if participant else nobody()


@stub.operation("RemoveParticipant")
def remove_participant(server: Server, call: Call) -> Answer:
    """Make somebody leave."""
    if not found(server, call):
        return nobody()
    del server.participants[call.body["room"]][call.body["identity"]]
    return ok({})


@stub.operation("UpdateParticipant")
def update_participant(server: Server, call: Call) -> Answer:
    """What is not given stays; an attribute set to nothing is deleted; who may not publish has no tracks."""
    wanted = protojson.from_dict(call.body, UpdateParticipantRequest())
    if sum(len(part.encode()) for item in wanted.attributes.items() for part in item) > ATTRIBUTES_LIMIT:
        limit = f"attribute size exceeds limits {ATTRIBUTES_LIMIT}"
        return twirp_error("invalid_argument", limit, argument="attribute size exceeds limits")
    participant = found(server, call)
    if not participant:
        return nobody()
    _change(participant, wanted)
    return ok(protojson.twirp(participant))


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
def mute_track(server: Server, call: Call) -> Answer:
    """Mutes; unmuting from afar is not enabled. An unknown track is no error, an unknown participant is silence."""
    participant = found(server, call)
    if not participant:
        return no_server()
    track = next((one for one in participant.tracks if one.sid == call.body.get("track_sid")), None)
    if track is None:
        return ok(protojson.twirp(MuteRoomTrackResponse()))
    if not call.body.get("muted"):
        return twirp_error("failed_precondition", "twirp error unknown: remote unmute not enabled")
    track.muted = True
    return ok(protojson.twirp(MuteRoomTrackResponse(track=track)))


@stub.operation("UpdateSubscriptions")
def update_subscriptions(server: Server, call: Call) -> Answer:
    """Whom a participant hears."""
    return ok({}) if found(server, call) else no_server()


@stub.operation("SendData")
def send_data(server: Server, call: Call) -> Answer:
    """To a room; whether anybody is there to hear it does not matter."""
    nonce = call.body.get("nonce", "")
    length = len(nonce) * 3 // 4 - nonce.count("=")
    if nonce and length != NONCE_LENGTH:
        return twirp_error(
            "invalid_argument", f"nonce should be 16-bytes or not present, got: {length} bytes"
        )
    return ok({}) if call.body.get("room", "") in server.rooms else no_server()


@stub.operation("PerformRpc")
def perform_rpc(server: Server, call: Call) -> Answer:
    """A participant's own method, if it is registered there."""
    if int(call.headers.get("x-twirp-timeout-ms") or 1000) < 100:
        return twirp_error("canceled", "twirp error unknown: request canceled")
    participant = found(server, call, "destination_identity")
    if not participant:
        return no_server()
    payload = server.methods.get((participant.identity, call.body.get("method", "")))
    if payload is not None:
        return ok(protojson.twirp(PerformRpcResponse(payload=payload)))
    return twirp_error(
        "invalid_argument", "twirp error unknown: RpcError 1400: Method not supported at destination"
    )


@stub.operation("ForwardParticipant")
@stub.operation("MoveParticipant")
def not_in_open_source(_server: Server, _call: Call) -> Answer:
    """The open-source server has nobody who answers this."""
    return no_server()
