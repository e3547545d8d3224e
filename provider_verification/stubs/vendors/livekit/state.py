"""State of the LiveKit stub, kept in the vendor's own protobuf messages."""

from __future__ import annotations

from dataclasses import dataclass, field

from livekit.protocol.agent_dispatch import (
    AgentDispatch,
    AgentDispatchState,
    CreateAgentDispatchRequest,
    RoomAgentDispatch,
)
from livekit.protocol.egress import EgressInfo
from livekit.protocol.ingress import IngressInfo
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
"""The stub's constant time, in seconds since 1970."""

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
EMPTY_TIMEOUT_SECONDS, DEPARTURE_TIMEOUT_SECONDS = 300, 20
"""Defaults of the recorded server."""


@dataclass
class LiveKitState:
    """Everything the stub remembers. Ids are counted, so the same requests give the same ids."""

    rooms: dict[str, Room] = field(default_factory=dict)
    participants: dict[str, dict[str, ParticipantInfo]] = field(default_factory=dict)
    dispatches: dict[str, AgentDispatch] = field(default_factory=dict)
    egresses: dict[str, EgressInfo] = field(default_factory=dict)
    egress_worker: bool = False
    ingresses: dict[str, IngressInfo] = field(default_factory=dict)
    ingress_worker: bool = False
    trunks: dict[str, SIPInboundTrunkInfo | SIPOutboundTrunkInfo] = field(default_factory=dict)
    sip_dispatch_rules: dict[str, SIPDispatchRuleInfo] = field(default_factory=dict)
    rpc_methods: dict[tuple[str, str], str] = field(default_factory=dict)
    redis_connected: bool = True
    sip_service_running: bool = True
    remote_sip_status: int = 0
    remote_answers: bool = True
    remote_refuses_transfer: bool = False
    id_counter: int = 0
    outage: tuple[int, str] | None = None
    retry_after: int | None = None
    api_key: str = API_KEY

    def new_id(self, prefix: str) -> str:
        """The next id, in LiveKit's form: a prefix for the type, an underscore and a text."""
        self.id_counter += 1
        return f"{prefix}_stub{self.id_counter:08}"

    def open_room(self, settings: Room) -> Room:
        """Return the room of that name unchanged, or create it with these settings."""
        if settings.name not in self.rooms:
            room = Room(
                sid=self.new_id("RM"),
                name=settings.name,
                empty_timeout=settings.empty_timeout or EMPTY_TIMEOUT_SECONDS,
                departure_timeout=settings.departure_timeout or DEPARTURE_TIMEOUT_SECONDS,
                max_participants=settings.max_participants,
                metadata=settings.metadata,
                creation_time=FIXED_TIME,
                creation_time_ms=FIXED_TIME * 1000,
                turn_password="stub-turn-password",  # noqa: S106 - of a stub
                enabled_codecs=[Codec(mime=mime) for mime in CODECS],
            )
            self.rooms[room.name] = room
            self.participants[room.name] = {}
            # Recorded: a new room has a dispatch for the agent without a name.
            self.dispatch(room.name, RoomAgentDispatch())
        return self.rooms[settings.name]

    def join(
        self, room: str, identity: str, attributes: dict[str, str], kind: str = "STANDARD"
    ) -> ParticipantInfo:
        """Add an active participant to a room, which is created if it does not exist."""
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

    def dispatch(self, room: str, agent: RoomAgentDispatch | CreateAgentDispatchRequest) -> AgentDispatch:
        """Dispatch an agent to a room."""
        dispatch = AgentDispatch(
            id=self.new_id("AD"),
            room=room,
            agent_name=agent.agent_name,
            metadata=agent.metadata,
            restart_policy=agent.restart_policy,
            deployment=agent.deployment,
            attributes=agent.attributes,
            state=AgentDispatchState(created_at=FIXED_TIME * 1_000_000_000),
        )
        self.dispatches[dispatch.id] = dispatch
        return dispatch

    def publish(self, room: str, identity: str, name: str) -> TrackInfo:
        """Publish an audio track of a participant, or return the one of that name."""
        participant = self.participants[room][identity]
        for existing in participant.tracks:
            if existing.name == name:
                return existing
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
