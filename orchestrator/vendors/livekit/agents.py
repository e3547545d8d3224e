"""Agents sent into rooms."""

from __future__ import annotations

from orchestrator.vendors.livekit.models import Dispatch, DispatchList
from orchestrator.vendors.livekit.tokens import room_admin
from orchestrator.vendors.livekit.twirp import Twirp

SERVICE = "AgentDispatchService"


class Agents:
    """LiveKit's agent dispatch."""

    def __init__(self, twirp: Twirp) -> None:
        self._twirp = twirp

    async def send(self, room: str, agent: str, *, metadata: str = "") -> Dispatch:
        """Send an agent into a room, which is made if there is none."""
        body = {"room": room, "agent_name": agent, "metadata": metadata}
        return await self._twirp.read(Dispatch, SERVICE, "CreateDispatch", body, video=room_admin(room))

    async def of_room(self, room: str) -> DispatchList:
        """The dispatches of a room; a new room has one of an agent without a name.

        Raises:
            VendorUnavailable: there is no such room, after LiveKit's own 3 s.
        """
        return await self._twirp.read(
            DispatchList, SERVICE, "ListDispatch", {"room": room}, video=room_admin(room), idempotent=True
        )

    async def call_back(self, room: str, dispatch_id: str) -> None:
        """End a dispatch.

        Raises:
            NotFound: there is no such dispatch.
        """
        body = {"room": room, "dispatch_id": dispatch_id}
        await self._twirp.call(SERVICE, "DeleteDispatch", body, video=room_admin(room))
