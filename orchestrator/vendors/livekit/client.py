"""LiveKit: rooms and who is in them, and beside them agents, recordings and SIP."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.livekit.agent_dispatch import AgentDispatchClient
from orchestrator.vendors.livekit.egress import EgressClient
from orchestrator.vendors.livekit.models import (
    MuteTrackResponse,
    Participant,
    ParticipantList,
    PerformRpcResponse,
    Room,
    RoomList,
)
from orchestrator.vendors.livekit.sip import SipClient
from orchestrator.vendors.livekit.tokens import AccessTokenFactory, room_admin_grant
from orchestrator.vendors.livekit.twirp import TwirpClient

ROOM_SERVICE = "RoomService"
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
        self, *, base_url: str, tokens: AccessTokenFactory, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._twirp = TwirpClient(base_url=base_url, tokens=tokens, http=http, policy=policy)
        self.agents = AgentDispatchClient(self._twirp)
        self.recordings = EgressClient(self._twirp)
        self.sip = SipClient(self._twirp)

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
        return await self._twirp.call_and_parse(
            Room, ROOM_SERVICE, "CreateRoom", body, video={"roomCreate": True}, idempotent=True
        )

    async def list_rooms(self, names: Sequence[str] = ()) -> RoomList:
        """All rooms, or those of these names that exist."""
        body = {"names": list(names)} if names else {}
        return await self._twirp.call_and_parse(
            RoomList, ROOM_SERVICE, "ListRooms", body, video={"roomList": True}, idempotent=True
        )

    async def update_room_metadata(self, room: str, metadata: str) -> Room:
        """Replace a room's metadata.

        Raises:
            NotFound: there is no such room.
            RequestRejected: it is longer than 512 KiB.
        """
        body = {"room": room, "metadata": metadata}
        return await self._twirp.call_and_parse(
            Room, ROOM_SERVICE, "UpdateRoomMetadata", body, video=room_admin_grant(room), idempotent=True
        )

    async def delete_room(self, room: str) -> None:
        """Close a room; whoever is in it leaves.

        Raises:
            NotFound: there is no such room.
        """
        await self._twirp.call(ROOM_SERVICE, "DeleteRoom", {"room": room}, video={"roomCreate": True})

    async def list_participants(self, room: str) -> ParticipantList:
        """Who is in a room. LiveKit's open-source server answers an unknown room with an empty list."""
        return await self._twirp.call_and_parse(
            ParticipantList,
            ROOM_SERVICE,
            "ListParticipants",
            {"room": room},
            video=room_admin_grant(room),
            idempotent=True,
        )

    async def get_participant(self, room: str, identity: str) -> Participant:
        """One of them.

        Raises:
            NotFound: nobody of that identity is in the room.
        """
        return await self._call_for_participant(
            Participant, "GetParticipant", (room, identity), {}, idempotent=True
        )

    async def update_participant(
        self, room: str, identity: str, *, name: str = "", attributes: Mapping[str, str] | None = None
    ) -> Participant:
        """Change a name and attributes; an attribute set to nothing is deleted, what is not given stays.

        Raises:
            NotFound: nobody of that identity is in the room.
            RequestRejected: the attributes are longer than 64 KiB.
        """
        changes = {"name": name, "attributes": dict(attributes or {})}
        given = {key: value for key, value in changes.items() if value}
        return await self._call_for_participant(Participant, "UpdateParticipant", (room, identity), given)

    async def remove_participant(self, room: str, identity: str) -> None:
        """Make a participant leave.

        Raises:
            NotFound: nobody of that identity is in the room.
        """
        body = {"room": room, "identity": identity}
        await self._twirp.call(ROOM_SERVICE, "RemoveParticipant", body, video=room_admin_grant(room))

    async def mute_track(self, room: str, identity: str, track_sid: str) -> MuteTrackResponse:
        """Mute a track; `track` is None when the participant has no such track. Unmuting from afar is not possible.

        Raises:
            VendorUnavailable: nobody of that identity is in the room, after LiveKit's own 3 s.
        """
        changes = {"track_sid": track_sid, "muted": True}
        return await self._call_for_participant(
            MuteTrackResponse, "MutePublishedTrack", (room, identity), changes
        )

    async def update_subscriptions(
        self, room: str, identity: str, track_sids: Sequence[str], *, subscribe: bool
    ) -> None:
        """Let a participant hear tracks, or not.

        Raises:
            VendorUnavailable: nobody of that identity is in the room, after LiveKit's own 3 s.
        """
        body = {"room": room, "identity": identity, "track_sids": list(track_sids), "subscribe": subscribe}
        await self._twirp.call(
            ROOM_SERVICE, "UpdateSubscriptions", body, video=room_admin_grant(room), idempotent=True
        )

    async def send_data(self, room: str, data: bytes, *, topic: str) -> None:
        """Send data to all in a room; nobody there is no error.

        Raises:
            VendorUnavailable: there is no such room, after LiveKit's own 3 s.
        """
        body = {"room": room, "data": base64.b64encode(data).decode(), "kind": "RELIABLE", "topic": topic}
        await self._twirp.call(ROOM_SERVICE, "SendData", body, video=room_admin_grant(room))

    async def perform_rpc(self, room: str, identity: str, method: str, payload: str) -> PerformRpcResponse:
        """Call a method that a participant, such as an agent, has registered.

        Raises:
            RequestRejected: the participant has no such method.
            VendorUnavailable: nobody of that identity is in the room.
        """
        body = {"room": room, "destination_identity": identity, "method": method, "payload": payload}
        return await self._twirp.call_and_parse(
            PerformRpcResponse, ROOM_SERVICE, "PerformRpc", body, video=room_admin_grant(room)
        )

    async def move_participant(self, room: str, identity: str, destination: str) -> None:
        """Move a participant to another room; the open-source server cannot.

        Raises:
            VendorUnavailable: the server cannot, or nobody of that identity is in the room.
        """
        await self._relocate_participant("MoveParticipant", room, identity, destination)

    async def forward_participant(self, room: str, identity: str, destination: str) -> None:
        """Let a participant be heard in another room too; the open-source server cannot.

        Raises:
            VendorUnavailable: the server cannot, or nobody of that identity is in the room.
        """
        await self._relocate_participant("ForwardParticipant", room, identity, destination)

    async def _relocate_participant(self, method: str, room: str, identity: str, destination: str) -> None:
        body = {"room": room, "identity": identity, "destination_room": destination}
        await self._twirp.call(
            ROOM_SERVICE, method, body, video={**room_admin_grant(room), "destinationRoom": destination}
        )

    async def _call_for_participant(
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
        return await self._twirp.call_and_parse(
            shape, ROOM_SERVICE, method, body, video=room_admin_grant(room), idempotent=idempotent
        )
