"""LiveKit's room service, and the clients of its other services."""

from __future__ import annotations

import base64

import httpx

from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.livekit.agent_dispatch import AgentDispatchClient
from orchestrator.vendors.livekit.egress import EgressClient
from orchestrator.vendors.livekit.models import ParticipantList
from orchestrator.vendors.livekit.sip import SipClient
from orchestrator.vendors.livekit.sip_setup import SipSetupClient
from orchestrator.vendors.livekit.tokens import AccessTokens, room_admin_grant
from orchestrator.vendors.livekit.twirp import TwirpClient

ROOM_SERVICE = "RoomService"


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
        sip: outgoing calls and transfers.
        sip_setup: SIP trunks and dispatch rules.
    """

    def __init__(
        self, *, base_url: str, tokens: AccessTokens, http: httpx.AsyncClient, policy: CallPolicy
    ) -> None:
        self._twirp = TwirpClient(base_url=base_url, tokens=tokens, http=http, policy=policy)
        self.agents = AgentDispatchClient(self._twirp)
        self.recordings = EgressClient(self._twirp)
        self.sip = SipClient(self._twirp)
        self.sip_setup = SipSetupClient(self._twirp)

    async def create_room(self, name: str, *, metadata: str = "", agent: str = "") -> None:
        """Create a room and dispatch an agent to it; an existing room of that name stays as it is, without a new agent.

        Args:
            name: at most 256 bytes.
            metadata: at most 512 KiB.
            agent: the agent's name. Agents without a name join every room by themselves.
        """
        agents = [{"agent_name": agent}] if agent else []
        body = {"name": name, "metadata": metadata, "agents": agents}
        await self._twirp.call(ROOM_SERVICE, "CreateRoom", body, video={"roomCreate": True}, idempotent=True)

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

    async def send_data(self, room: str, data: bytes, *, topic: str) -> None:
        """Send data to all participants of a room; a room without participants is not an error.

        Raises:
            VendorUnavailable: the room does not exist; LiveKit reports this after 3 s.
        """
        # not idempotent: a repeated request would deliver the data twice
        body = {"room": room, "data": base64.b64encode(data).decode(), "kind": "RELIABLE", "topic": topic}
        await self._twirp.call(ROOM_SERVICE, "SendData", body, video=room_admin_grant(room))
