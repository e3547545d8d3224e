"""The call flow's `Agents` protocol on LiveKit."""

from __future__ import annotations

from contextlib import suppress

from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.telephony.vendor_errors import map_vendor_errors
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.models import AGENT_KIND, SIP_KIND, STANDARD_KIND

GUEST_KINDS = frozenset({SIP_KIND, STANDARD_KIND})


class LiveKitAgents:
    """Dispatches the voice agent to rooms.

    Args:
        client: LiveKit's client.
        agent_name: the voice agent.
    """

    def __init__(self, client: LiveKitClient, agent_name: str) -> None:
        self._client = client
        self._agent_name = agent_name

    async def is_agent_missing(self, room_name: str) -> bool:
        """Return whether a guest is in a room and no voice agent."""
        with map_vendor_errors():
            participants = (await self._client.list_participants(room_name)).participants
        kinds = {participant.kind for participant in participants}
        return AGENT_KIND not in kinds and not kinds.isdisjoint(GUEST_KINDS)

    async def list_dispatches(self, room_name: str) -> list[str]:
        """Return the ids of the voice agent's dispatches to a room."""
        with map_vendor_errors():
            dispatches = (await self._client.agents.list_dispatches(room_name)).agent_dispatches
        return [dispatch.id for dispatch in dispatches if dispatch.agent_name == self._agent_name]

    async def replace_agent(self, room_name: str, dispatches: list[str]) -> None:
        """Delete these dispatches of the voice agent and dispatch it to the room again."""
        for dispatch_id in dispatches:
            # LiveKit may restart the job of a dispatch by itself, and the guest would hear two agents. A dispatch that
            # cannot be deleted is no reason to leave the guest alone
            with suppress(DependencyUnavailableError), map_vendor_errors():
                await self._client.agents.delete_dispatch(room_name, dispatch_id)
        with map_vendor_errors():
            await self._client.agents.create_dispatch(room_name, self._agent_name)
