"""LiveKit's room service, and the clients of its other services."""

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
from orchestrator.vendors.livekit.tokens import AccessTokens, room_admin_grant
from orchestrator.vendors.livekit.twirp import TwirpClient

ROOM_SERVICE = "RoomService"
T = TypeVar("T")


class LiveKitClient:
    """A client of LiveKit's services.

    Args:
        base_url: the address of the server; `ws(s)://` is read as `http(s)://`.
        tokens: creates access tokens.
        http: the vendor's connection pool.
        policy: timeouts, retries and guard.

    Attributes:
        agents: dispatches agents to rooms.
        recordings: records rooms.
        sip: SIP trunks, dispatch rules, outgoing calls and transfers.
    """

    def __init__(
        self, *, base_url: str, tokens: AccessTokens, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._twirp = TwirpClient(base_url=base_url, tokens=tokens, http=http, policy=policy)
        self.agents = AgentDispatchClient(self._twirp)
        self.recordings = EgressClient(self._twirp)
        self.sip = SipClient(self._twirp)

    async def create_room(
        self, name: str, *, metadata: str = "", max_participants: int = 0, empty_timeout: int = 300
    ) -> Room:
        """Create a room, or return the existing one of that name, whose settings do not change.

        Args:
            name: at most 256 bytes.
            metadata: at most 512 KiB.
            max_participants: 0 means no limit.
            empty_timeout: seconds after which a room without participants is closed.
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
        """Return all rooms, or those of the given names that exist."""
        body = {"names": list(names)} if names else {}
        return await self._twirp.call_and_parse(
            RoomList, ROOM_SERVICE, "ListRooms", body, video={"roomList": True}, idempotent=True
        )

    async def update_room_metadata(self, room: str, metadata: str) -> Room:
        """Replace a room's metadata.

        Raises:
            NotFound: the room does not exist.
            RequestRejected: the metadata is longer than 512 KiB.
        """
        body = {"room": room, "metadata": metadata}
        return await self._twirp.call_and_parse(
            Room, ROOM_SERVICE, "UpdateRoomMetadata", body, video=room_admin_grant(room), idempotent=True
        )

    async def delete_room(self, room: str) -> None:
        """Delete a room; its participants are disconnected.

        Raises:
            NotFound: the room does not exist.
        """
        # not idempotent: a second attempt would report the room as missing that the first one deleted
        await self._twirp.call(ROOM_SERVICE, "DeleteRoom", {"room": room}, video={"roomCreate": True})

    async def list_participants(self, room: str) -> ParticipantList:
        """Return the participants of a room; for an unknown room LiveKit's open-source server returns an empty list."""
        return await self._twirp.call_and_parse(
            ParticipantList,
            ROOM_SERVICE,
            "ListParticipants",
            {"room": room},
            video=room_admin_grant(room),
            idempotent=True,
        )

    async def get_participant(self, room: str, identity: str) -> Participant:
        """Return a participant of a room.

        Raises:
            NotFound: the participant is not in the room.
        """
        return await self._call_for_participant(
            Participant, "GetParticipant", (room, identity), {}, idempotent=True
        )

    async def update_participant(
        self, room: str, identity: str, *, name: str = "", attributes: Mapping[str, str] | None = None
    ) -> Participant:
        """Change name and attributes. An empty attribute value deletes the attribute; omitted ones stay unchanged.

        Raises:
            NotFound: the participant is not in the room.
            RequestRejected: the attributes are longer than 64 KiB.
        """
        changes = {"name": name, "attributes": dict(attributes or {})}
        non_empty = {key: value for key, value in changes.items() if value}
        return await self._call_for_participant(Participant, "UpdateParticipant", (room, identity), non_empty)

    async def remove_participant(self, room: str, identity: str) -> None:
        """Disconnect a participant from a room.

        Raises:
            NotFound: the participant is not in the room.
        """
        body = {"room": room, "identity": identity}
        await self._twirp.call(ROOM_SERVICE, "RemoveParticipant", body, video=room_admin_grant(room))

    async def mute_track(self, room: str, identity: str, track_sid: str) -> MuteTrackResponse:
        """Mute a track. LiveKit does not allow a server to unmute it.

        Raises:
            VendorUnavailable: the participant is not in the room; LiveKit reports this after 3 s.
        """
        changes = {"track_sid": track_sid, "muted": True}
        return await self._call_for_participant(
            MuteTrackResponse, "MutePublishedTrack", (room, identity), changes
        )

    async def update_subscriptions(
        self, room: str, identity: str, track_sids: Sequence[str], *, subscribe: bool
    ) -> None:
        """Subscribe a participant to tracks, or unsubscribe it from them.

        Raises:
            VendorUnavailable: the participant is not in the room; LiveKit reports this after 3 s.
        """
        body = {"room": room, "identity": identity, "track_sids": list(track_sids), "subscribe": subscribe}
        await self._twirp.call(
            ROOM_SERVICE, "UpdateSubscriptions", body, video=room_admin_grant(room), idempotent=True
        )

    async def send_data(self, room: str, data: bytes, *, topic: str) -> None:
        """Send data to all participants of a room; a room without participants is not an error.

        Raises:
            VendorUnavailable: the room does not exist; LiveKit reports this after 3 s.
        """
        # not idempotent: a repeated request would deliver the data twice
        body = {"room": room, "data": base64.b64encode(data).decode(), "kind": "RELIABLE", "topic": topic}
        await self._twirp.call(ROOM_SERVICE, "SendData", body, video=room_admin_grant(room))

    async def perform_rpc(self, room: str, identity: str, method: str, payload: str) -> PerformRpcResponse:
        """Call an RPC method that a participant, such as an agent, has registered.

        Raises:
            RequestRejected: the participant has no such method.
            VendorUnavailable: the participant is not in the room.
        """
        body = {"room": room, "destination_identity": identity, "method": method, "payload": payload}
        return await self._twirp.call_and_parse(
            PerformRpcResponse, ROOM_SERVICE, "PerformRpc", body, video=room_admin_grant(room)
        )

    async def move_participant(self, room: str, identity: str, destination: str) -> None:
        """Move a participant to another room, which LiveKit's open-source server does not support.

        Raises:
            VendorUnavailable: the server does not support it, or the participant is not in the room.
        """
        await self._relocate_participant("MoveParticipant", room, identity, destination)

    async def forward_participant(self, room: str, identity: str, destination: str) -> None:
        """Forward a participant's tracks to another room too, which LiveKit's open-source server does not support.

        Raises:
            VendorUnavailable: the server does not support it, or the participant is not in the room.
        """
        await self._relocate_participant("ForwardParticipant", room, identity, destination)

    async def _relocate_participant(self, method: str, room: str, identity: str, destination: str) -> None:
        body = {"room": room, "identity": identity, "destination_room": destination}
        await self._twirp.call(
            ROOM_SERVICE, method, body, video={**room_admin_grant(room), "destinationRoom": destination}
        )

    async def _call_for_participant(
        self,
        model: type[T],
        method: str,
        participant: tuple[str, str],
        changes: Mapping[str, Any],
        *,
        idempotent: bool = False,
    ) -> T:
        """Call a method for a participant, which is a room and an identity."""
        room, identity = participant
        body = {"room": room, "identity": identity, **changes}
        return await self._twirp.call_and_parse(
            model, ROOM_SERVICE, method, body, video=room_admin_grant(room), idempotent=idempotent
        )
