"""The state of the LiveKit server: rooms and who is in them, kept as the vendor's own protobuf messages."""

from __future__ import annotations

from dataclasses import dataclass, field

from livekit.protocol.agent_dispatch import AgentDispatch, AgentDispatchState
from livekit.protocol.egress import EgressInfo
from livekit.protocol.models import (
    Codec,
    ParticipantInfo,
    ParticipantPermission,
    Room,
    SimulcastCodecInfo,
    TimedVersion,
    TrackInfo,
)
from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo, SIPOutboundTrunkInfo

API_KEY = "stubkey"
API_SECRET = "stub-secret-long-enough-for-any-hmac-signature-that-a-client-may-try"  # noqa: S105 - signs for a stub
FIXED_TIME = 1_795_447_149
"""Seconds since 1970 at which the stub's clock stands."""

CODECS = (
    "audio/PCMU",
    "audio/PCMA",
    "audio/opus",
    "audio/red",
    "video/VP8",
    "video/H264",
    "video/VP9",
    "video/AV1",
    "video/H265",
    "video/rtx",
)
EMPTY_TIMEOUT, DEPARTURE_TIMEOUT = 300, 20


@dataclass
class LiveKitState:
    """The vendor's world. Ids are counted, not drawn."""

    rooms: dict[str, Room] = field(default_factory=dict)
    participants: dict[str, dict[str, ParticipantInfo]] = field(default_factory=dict)
    dispatches: dict[str, AgentDispatch] = field(default_factory=dict)
    egresses: dict[str, EgressInfo] = field(default_factory=dict)
    egress_worker: bool = False
    trunks: dict[str, SIPInboundTrunkInfo | SIPOutboundTrunkInfo] = field(default_factory=dict)
    sip_dispatch_rules: dict[str, SIPDispatchRuleInfo] = field(default_factory=dict)
    rpc_methods: dict[tuple[str, str], str] = field(default_factory=dict)
    redis_connected: bool = True
    sip_service_running: bool = True
    remote_sip_status: int = 0
    remote_answers: bool = True
    id_counter: int = 0
    outage: tuple[int, str] | None = None
    retry_after: int | None = None

    def new_id(self, prefix: str) -> str:
        """An id of the vendor's form."""
        self.id_counter += 1
        return f"{prefix}_stub{self.id_counter:08}"

    def open_room(self, wanted: Room) -> Room:
        """The room of that name as it stands, or a new one with the wanted settings."""
        if wanted.name not in self.rooms:
            room = Room(
                sid=self.new_id("RM"),
                name=wanted.name,
                empty_timeout=wanted.empty_timeout or EMPTY_TIMEOUT,
                departure_timeout=wanted.departure_timeout or DEPARTURE_TIMEOUT,
                max_participants=wanted.max_participants,
                metadata=wanted.metadata,
                creation_time=FIXED_TIME,
                creation_time_ms=FIXED_TIME * 1000,
                turn_password="stub-turn-password",  # noqa: S106 - of a stub
                enabled_codecs=[Codec(mime=mime) for mime in CODECS],
            )
            self.rooms[room.name] = room
            self.participants[room.name] = {}
            self.dispatch(room.name, "", "")
        return self.rooms[wanted.name]

    def join(
        self, room: str, identity: str, attributes: dict[str, str], kind: str = "STANDARD"
    ) -> ParticipantInfo:
        """Let somebody into a room."""
        self.open_room(Room(name=room))
        participant = ParticipantInfo(
            sid=self.new_id("PA"),
            identity=identity,
            state=ParticipantInfo.State.ACTIVE,
            joined_at=FIXED_TIME,
            joined_at_ms=FIXED_TIME * 1000,
            kind=kind,
            attributes=attributes,
            client_protocol=2,
            capabilities=["CAP_PACKET_TRAILER", "CAP_COMPRESSION_DEFLATE_RAW"],
            permission=ParticipantPermission(can_subscribe=True, can_publish=True, can_publish_data=True),
        )
        self.participants[room][identity] = participant
        return participant

    def dispatch(self, room: str, agent: str, metadata: str) -> AgentDispatch:
        """Send an agent into a room; a new room has one without a name."""
        made = AgentDispatch(
            id=self.new_id("AD"),
            room=room,
            agent_name=agent,
            metadata=metadata,
            state=AgentDispatchState(created_at=FIXED_TIME * 1_000_000_000),
        )
        self.dispatches[made.id] = made
        return made

    def publish(self, room: str, identity: str, name: str) -> TrackInfo:
        """Let a participant publish audio, if they do not yet."""
        participant = self.participants[room][identity]
        for published in participant.tracks:
            if published.name == name:
                return published
        participant.is_publisher = True
        track: TrackInfo = participant.tracks.add(
            sid=self.new_id("TR"),
            name=name,
            source="MICROPHONE",
            mime_type="audio/red",
            stream="camera",
            codecs=[SimulcastCodecInfo(mime_type="audio/red", cid="stub")],
            version=TimedVersion(unix_micro=FIXED_TIME * 1_000_000),
        )
        return track
