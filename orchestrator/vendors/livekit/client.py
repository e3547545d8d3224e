"""LiveKit's operations that the orchestrator uses: Twirp over JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from orchestrator.resilience.policy import Policy
from orchestrator.vendors.livekit.errors import read_refusal
from orchestrator.vendors.livekit.models import ParticipantList, Room, RoomList
from orchestrator.vendors.livekit.tokens import AccessTokens, room_admin
from orchestrator.vendors.transport import Transport, VendorAnswer, VendorCall


class LiveKitClient:
    """Speaks to LiveKit.

    Args:
        base_url: the server; `ws(s)://` is taken as `http(s)://`.
        tokens: makes access tokens.
        http: the shared connection pool.
        policy: deadline and retries; LiveKit itself may take 3 s to say that nobody answers.
    """

    def __init__(
        self, *, base_url: str, tokens: AccessTokens, http: httpx.AsyncClient, policy: Policy
    ) -> None:
        self._tokens = tokens
        self._transport = Transport(
            vendor="livekit",
            base_url=base_url.replace("ws", "http", 1) if base_url.startswith("ws") else base_url,
            http=http,
            policy=policy,
            read_refusal=read_refusal,
        )

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
        answer = await self._call("CreateRoom", body, video={"roomCreate": True}, idempotent=True)
        return self._transport.parse(Room, answer)

    async def rooms(self, names: Sequence[str] = ()) -> RoomList:
        """All rooms, or those of these names that exist."""
        body = {"names": list(names)} if names else {}
        answer = await self._call("ListRooms", body, video={"roomList": True}, idempotent=True)
        return self._transport.parse(RoomList, answer)

    async def participants(self, room: str) -> ParticipantList:
        """Who is in a room. LiveKit's open-source server answers an unknown room with an empty list."""
        answer = await self._call("ListParticipants", {"room": room}, video=room_admin(room), idempotent=True)
        return self._transport.parse(ParticipantList, answer)

    async def remove_participant(self, room: str, identity: str) -> None:
        """Make a participant leave.

        Raises:
            NotFound: nobody of that identity is in the room.
        """
        body = {"room": room, "identity": identity}
        await self._call("RemoveParticipant", body, video=room_admin(room))

    async def delete_room(self, room: str) -> None:
        """Close a room; whoever is in it leaves.

        Raises:
            NotFound: there is no such room.
        """
        await self._call("DeleteRoom", {"room": room}, video={"roomCreate": True})

    async def _call(
        self,
        method: str,
        body: Mapping[str, Any],
        *,
        service: str = "RoomService",
        video: Mapping[str, Any] | None = None,
        sip: Mapping[str, Any] | None = None,
        idempotent: bool = False,
    ) -> VendorAnswer:
        token = self._tokens.make(video=video, sip=sip)
        return await self._transport.send(
            VendorCall(
                operation=method,
                method="POST",
                path=f"/twirp/livekit.{service}/{method}",
                headers={"Authorization": f"Bearer {token}"},
                json=dict(body),
                idempotent=idempotent,
            )
        )
