"""LiveKit's agent dispatch service."""

from __future__ import annotations

from orchestrator.vendors.livekit.models import DispatchList
from orchestrator.vendors.livekit.tokens import room_admin_grant
from orchestrator.vendors.livekit.twirp import TwirpClient

SERVICE = "AgentDispatchService"


class AgentDispatchClient:
    """Dispatches agents to rooms."""

    def __init__(self, twirp: TwirpClient) -> None:
        self._twirp = twirp

    async def create_dispatch(self, room: str, agent: str) -> None:
        """Dispatch an agent to a room, which is created if it does not exist; without a name, any agent without one."""
        # not idempotent: a repeated request would dispatch a second agent
        body = {"room": room, "agent_name": agent}
        await self._twirp.call(SERVICE, "CreateDispatch", body, video=room_admin_grant(room))

    async def list_dispatches(self, room: str) -> DispatchList:
        """Return the dispatches of a room; a new room has one, of an agent without a name.

        Raises:
            VendorUnavailable: the room does not exist; LiveKit reports this after 3 s.
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
        """Delete a dispatch, which ends its agent's job.

        Raises:
            NotFound: the dispatch does not exist.
        """
        body = {"room": room, "dispatch_id": dispatch_id}
        await self._twirp.call(SERVICE, "DeleteDispatch", body, video=room_admin_grant(room))
