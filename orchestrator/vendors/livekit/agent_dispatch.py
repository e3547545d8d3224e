"""Agents sent into rooms."""

from __future__ import annotations

from orchestrator.vendors.livekit.models import AgentDispatch, DispatchList
from orchestrator.vendors.livekit.tokens import room_admin_grant
from orchestrator.vendors.livekit.twirp import TwirpClient

SERVICE = "AgentDispatchService"


class AgentDispatchClient:
    """LiveKit's agent dispatch."""

    def __init__(self, twirp: TwirpClient) -> None:
        self._twirp = twirp

    async def create_dispatch(self, room: str, agent: str, *, metadata: str = "") -> AgentDispatch:
        """Send an agent into a room, which is made if there is none."""
        body = {"room": room, "agent_name": agent, "metadata": metadata}
        return await self._twirp.call_and_parse(
            AgentDispatch, SERVICE, "CreateDispatch", body, video=room_admin_grant(room)
        )

    async def list_dispatches(self, room: str) -> DispatchList:
        """The dispatches of a room; a new room has one of an agent without a name.

        Raises:
            VendorUnavailable: there is no such room, after LiveKit's own 3 s.
        """
        return await self._twirp.call_and_parse(
            DispatchList,
            SERVICE,
            "ListDispatch",
            {"room": room},
            video=room_admin_grant(room),
            idempotent=True,
        )

    async def delete_dispatch(self, room: str, dispatch_id: str) -> None:
        """End a dispatch.

        Raises:
            NotFound: there is no such dispatch.
        """
        body = {"room": room, "dispatch_id": dispatch_id}
        await self._twirp.call(SERVICE, "DeleteDispatch", body, video=room_admin_grant(room))
