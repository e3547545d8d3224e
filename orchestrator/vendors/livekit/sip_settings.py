"""The settings of SIP trunks and dispatch rules, as LiveKit is sent them and as it returns them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundTrunkSettings:
    """A trunk that accepts calls.

    Attributes:
        name: the name that LiveKit's users see.
        metadata: any text.
        numbers: the numbers that are called, as E.164.
        allowed_addresses: IP addresses and networks that may send calls; empty for all.
        allowed_numbers: callers that the trunk accepts; empty for all.
        auth_username: of SIP authentication; empty for none.
        auth_password: LiveKit returns it in clear text, as was recorded of its server.
    """

    name: str
    metadata: str
    numbers: tuple[str, ...]
    allowed_addresses: tuple[str, ...]
    allowed_numbers: tuple[str, ...]
    auth_username: str
    auth_password: SecretStr

    def to_json(self) -> dict[str, Any]:
        """Return LiveKit's `SIPInboundTrunkInfo`."""
        return {**asdict(self), "auth_password": self.auth_password.get_secret_value()}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundTrunkSettings:
    """A trunk for outgoing calls.

    Attributes:
        address: host and optional port of the provider, not a SIP URI.
        transport: one of LiveKit's `SIP_TRANSPORT_…`.
        numbers: the numbers that calls come from, as E.164; LiveKit chooses one at random.

    The other attributes are those of an inbound trunk.
    """

    name: str
    metadata: str
    address: str
    transport: str
    numbers: tuple[str, ...]
    auth_username: str
    auth_password: SecretStr

    def to_json(self) -> dict[str, Any]:
        """Return LiveKit's `SIPOutboundTrunkInfo`."""
        return {**asdict(self), "auth_password": self.auth_password.get_secret_value()}


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchRuleSettings:
    """A rule that gives every call on its trunks a room of its own.

    Attributes:
        name: the name that LiveKit's users see.
        metadata: any text; LiveKit copies it to the participants of the calls.
        trunk_ids: the inbound trunks. LiveKit takes a rule without trunks for one of all trunks.
        room_prefix: the start of the rooms' names; None if an existing rule chooses rooms in another way.
        agents: names of the agents that LiveKit dispatches to each room.
    """

    name: str
    metadata: str
    trunk_ids: tuple[str, ...]
    room_prefix: str | None
    agents: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return LiveKit's `SIPDispatchRuleInfo`."""
        agents = [{"agent_name": agent} for agent in self.agents]
        return {
            "name": self.name,
            "metadata": self.metadata,
            "trunk_ids": self.trunk_ids,
            "rule": {"dispatch_rule_individual": {"room_prefix": self.room_prefix}},
            # left out without agents: LiveKit then dispatches the agent without a name, as to any room
            **({"room_config": {"agents": agents}} if agents else {}),
        }
