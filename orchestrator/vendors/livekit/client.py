"""LiveKit: rooms and who is in them, and beside them agents, recordings and SIP."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import httpx

from orchestrator.resilience.policy import Policy
from orchestrator.vendors.livekit.agents import Agents
from orchestrator.vendors.livekit.models import (
    MutedTrack,
    Participant,
    ParticipantList,
    Room,
    RoomList,
    RpcAnswer,
)
from orchestrator.vendors.livekit.recordings import Recordings
from orchestrator.vendors.livekit.sip import Sip
from orchestrator.vendors.livekit.tokens import AccessTokens, room_admin
from orchestrator.vendors.livekit.twirp import Twirp

ROOMS = "RoomService"
T = TypeVar("T")


class LiveKitClient:
    """Speaks to LiveKit's room service.

    Args:
        base_url: the server; `ws(s)://` is taken as `http(s)://`.
        tokens: makes access tokens.
        http: the shared connection pool.
        policy: deadline and retries.

    Attributes:
        agents: sends agents into rooms.
        recordings: records rooms.
        sip: the telephone.
    """

    def __init__(
        self, *, base_url: str, tokens: AccessTokens, http: httpx.AsyncClient, policy: Policy
    ) -> None:
        self._twirp = Twirp(base_url=base_url, tokens=tokens, http=http, policy=policy)
        self.agents = Agents(self._twirp)
        self.recordings = Recordings(self._twirp)
        self.sip = Sip(self._twirp)

    async def create_room(
        self, name: str, *, metadata: str = "", max_participants: int = 0, empty_timeout: int = 300
    ) -> Room:
        """Create a room, or get the one of that name as it is: an existing room's settings do not change.

        Args:
            name: at most 256 bytes.
            metadata: at most 512 KiB.
            max_participants: 0 for no limit.
            empty_timeout: seconds after which a room that nobody joined is closed.
        """
        body = {
            "name": name,
            "metadata": metadata,
            "max_participants": max_participants,
            "empty_timeout": empty_timeout,
        }
        return await self._twirp.read(
            Room, ROOMS, "CreateRoom", body, video={"roomCreate": True}, idempotent=True
        )

    async def rooms(self, names: Sequence[str] = ()) -> RoomList:
        """All rooms, or those of these names that exist."""
        body = {"names": list(names)} if names else {}
        return await self._twirp.read(
            RoomList, ROOMS, "ListRooms", body, video={"roomList": True}, idempotent=True
        )

    async def update_metadata(self, room: str, metadata: str) -> Room:
        """Replace a room's metadata.

        Raises:
            NotFound: there is no such room.
            Rejected: it is longer than 512 KiB.
        """
        body = {"room": room, "metadata": metadata}
        return await self._twirp.read(
            Room, ROOMS, "UpdateRoomMetadata", body, video=room_admin(room), idempotent=True
        )

    async def delete_room(self, room: str) -> None:
        """Close a room; whoever is in it leaves.

        Raises:
            NotFound: there is no such room.
        """
        await self._twirp.call(ROOMS, "DeleteRoom", {"room": room}, video={"roomCreate": True})

    async def participants(self, room: str) -> ParticipantList:
        """Who is in a room. LiveKit's open-source server answers an unknown room with an empty list."""
        return await self._twirp.read(
            ParticipantList,
            ROOMS,
            "ListParticipants",
            {"room": room},
            video=room_admin(room),
            idempotent=True,
        )

    async def participant(self, room: str, identity: str) -> Participant:
        """One of them.

        Raises:
            NotFound: nobody of that identity is in the room.
        """
        return await self._about(Participant, "GetParticipant", (room, identity), {}, idempotent=True)

    async def update_participant(
        self, room: str, identity: str, *, name: str = "", attributes: Mapping[str, str] | None = None
    ) -> Participant:
        """Change a name and attributes; an attribute set to nothing is deleted, what is not given stays.

        Raises:
            NotFound: nobody of that identity is in the room.
            Rejected: the attributes are longer than 64 KiB.
        """
        changes = {"name": name, "attributes": dict(attributes or {})}
        given = {key: value for key, value in changes.items() if value}
        return await self._about(Participant, "UpdateParticipant", (room, identity), given)

    async def remove_participant(self, room: str, identity: str) -> None:
        """Make a participant leave.

        Raises:
            NotFound: nobody of that identity is in the room.
        """
        body = {"room": room, "identity": identity}
        await self._twirp.call(ROOMS, "RemoveParticipant", body, video=room_admin(room))

    async def mute(self, room: str, identity: str, track_sid: str) -> MutedTrack:
        """Mute a track; `track` is None when the participant has no such track. Unmuting from afar is not possible.

        Raises:
            VendorUnavailable: nobody of that identity is in the room, after LiveKit's own 3 s.
        """
        changes = {"track_sid": track_sid, "muted": True}
        return await self._about(MutedTrack, "MutePublishedTrack", (room, identity), changes)

    async def subscribe(
        self, room: str, identity: str, track_sids: Sequence[str], *, subscribe: bool
    ) -> None:
        """Let a participant hear tracks, or not.

        Raises:
            VendorUnavailable: nobody of that identity is in the room, after LiveKit's own 3 s.
        """
        body = {"room": room, "identity": identity, "track_sids": list(track_sids), "subscribe": subscribe}
        await self._twirp.call(ROOMS, "UpdateSubscriptions", body, video=room_admin(room), idempotent=True)

    async def send_data(self, room: str, data: bytes, *, topic: str) -> None:
        """Send data to all in a room; nobody there is no error.

        Raises:
            VendorUnavailable: there is no such room, after LiveKit's own 3 s.
        """
        body = {"room": room, "data": base64.b64encode(data).decode(), "kind": "RELIABLE", "topic": topic}
        await self._twirp.call(ROOMS, "SendData", body, video=room_admin(room))

    async def perform_rpc(self, room: str, identity: str, method: str, payload: str) -> RpcAnswer:
        """Call a method that a participant, such as an agent, has registered.

        Raises:
            Rejected: the participant has no such method.
            VendorUnavailable: nobody of that identity is in the room.
        """
        body = {"room": room, "destination_identity": identity, "method": method, "payload": payload}
        return await self._twirp.read(RpcAnswer, ROOMS, "PerformRpc", body, video=room_admin(room))

    async def move_participant(self, room: str, identity: str, destination: str) -> None:
        """Move a participant to another room; the open-source server cannot.

        Raises:
            VendorUnavailable: the server cannot, or nobody of that identity is in the room.
        """
        await self._to("MoveParticipant", room, identity, destination)

    async def forward_participant(self, room: str, identity: str, destination: str) -> None:
        """Let a participant be heard in another room too; the open-source server cannot.

        Raises:
            VendorUnavailable: the server cannot, or nobody of that identity is in the room.
        """
        await self._to("ForwardParticipant", room, identity, destination)

    async def _to(self, method: str, room: str, identity: str, destination: str) -> None:
        body = {"room": room, "identity": identity, "destination_room": destination}
        await self._twirp.call(
            ROOMS, method, body, video={**room_admin(room), "destinationRoom": destination}
        )

    async def _about(
        self,
        shape: type[T],
        method: str,
        whom: tuple[str, str],
        changes: Mapping[str, Any],
        *,
        idempotent: bool = False,
    ) -> T:
        """Call a method about a participant: a room and an identity."""
        room, identity = whom
        body = {"room": room, "identity": identity, **changes}
        return await self._twirp.read(
            shape, ROOMS, method, body, video=room_admin(room), idempotent=idempotent
        )
