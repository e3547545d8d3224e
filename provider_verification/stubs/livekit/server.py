"""The state of the LiveKit server: rooms and who is in them, kept as the vendor's own protobuf messages."""

from __future__ import annotations

from dataclasses import dataclass, field

from livekit.protocol.models import Codec, ParticipantInfo, ParticipantPermission, Room

API_KEY = "stubkey"
API_SECRET = "stub-secret-long-enough-for-hs256-signatures"  # noqa: S105 - signs for a stub
STARTED = 1_795_447_149
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
class Server:
    """The vendor's world. Ids are counted, not drawn."""

    rooms: dict[str, Room] = field(default_factory=dict)
    participants: dict[str, dict[str, ParticipantInfo]] = field(default_factory=dict)
    made: int = 0
    down: tuple[int, str] | None = None
    retry_after: int | None = None

    def new_id(self, prefix: str) -> str:
        """An id of the vendor's form."""
        self.made += 1
        return f"{prefix}_stub{self.made:08}"

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
                creation_time=STARTED,
                creation_time_ms=STARTED * 1000,
                turn_password="stub-turn-password",  # noqa: S106 - of a stub
                enabled_codecs=[Codec(mime=mime) for mime in CODECS],
            )
            self.rooms[room.name] = room
            self.participants[room.name] = {}
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
            joined_at=STARTED,
            joined_at_ms=STARTED * 1000,
            kind=kind,
            attributes=attributes,
            permission=ParticipantPermission(can_subscribe=True, can_publish=True, can_publish_data=True),
        )
        self.participants[room][identity] = participant
        return participant
