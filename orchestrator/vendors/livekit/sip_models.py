"""The parts of LiveKit's SIP trunks and dispatch rules that the orchestrator reads.

Lists are sorted, because their order has no meaning.
"""

from __future__ import annotations

from pydantic import SecretStr

from orchestrator.vendors.livekit.sip_settings import (
    DispatchRuleSettings,
    InboundTrunkSettings,
    OutboundTrunkSettings,
)
from orchestrator.vendors.models import ResponseModel


class InboundTrunk(ResponseModel):
    """A trunk that accepts calls."""

    sip_trunk_id: str
    name: str
    metadata: str
    numbers: list[str]
    allowed_addresses: list[str]
    allowed_numbers: list[str]
    auth_username: str
    auth_password: SecretStr

    def settings(self) -> InboundTrunkSettings:
        """Return its settings."""
        return InboundTrunkSettings(
            name=self.name,
            metadata=self.metadata,
            numbers=tuple(sorted(self.numbers)),
            allowed_addresses=tuple(sorted(self.allowed_addresses)),
            allowed_numbers=tuple(sorted(self.allowed_numbers)),
            auth_username=self.auth_username,
            auth_password=self.auth_password,
        )


class InboundTrunkList(ResponseModel):
    """All inbound trunks."""

    items: list[InboundTrunk]


class OutboundTrunk(ResponseModel):
    """A trunk for outgoing calls."""

    sip_trunk_id: str
    name: str
    metadata: str
    address: str
    transport: str
    numbers: list[str]
    auth_username: str
    auth_password: SecretStr

    def settings(self) -> OutboundTrunkSettings:
        """Return its settings."""
        return OutboundTrunkSettings(
            name=self.name,
            metadata=self.metadata,
            address=self.address,
            transport=self.transport,
            numbers=tuple(sorted(self.numbers)),
            auth_username=self.auth_username,
            auth_password=self.auth_password,
        )


class OutboundTrunkList(ResponseModel):
    """All outbound trunks."""

    items: list[OutboundTrunk]


class CreatedTrunk(ResponseModel):
    """A trunk that was created."""

    sip_trunk_id: str


class IndividualRooms(ResponseModel):
    """Each call gets a room of its own."""

    room_prefix: str


class RoomChoice(ResponseModel):
    """How a rule chooses the room; it has exactly one member, and only this one is read."""

    dispatch_rule_individual: IndividualRooms | None = None


class RoomAgent(ResponseModel):
    """An agent that is dispatched to a room."""

    agent_name: str


class RoomConfiguration(ResponseModel):
    """The settings of the rooms that a rule creates."""

    agents: list[RoomAgent]


class DispatchRule(ResponseModel):
    """A rule that chooses the room of an incoming call."""

    sip_dispatch_rule_id: str
    name: str
    metadata: str
    trunk_ids: list[str]
    rule: RoomChoice
    room_config: RoomConfiguration | None

    def settings(self) -> DispatchRuleSettings:
        """Return its settings."""
        rooms = self.rule.dispatch_rule_individual
        agents = self.room_config.agents if self.room_config else []
        return DispatchRuleSettings(
            name=self.name,
            metadata=self.metadata,
            trunk_ids=tuple(sorted(self.trunk_ids)),
            room_prefix=rooms.room_prefix if rooms else None,
            agents=tuple(sorted(agent.agent_name for agent in agents)),
        )


class DispatchRuleList(ResponseModel):
    """All dispatch rules."""

    items: list[DispatchRule]


class CreatedDispatchRule(ResponseModel):
    """A dispatch rule that was created."""

    sip_dispatch_rule_id: str
