"""LiveKit's SIP service: trunks and dispatch rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from orchestrator.vendors.livekit.sip_models import (
    CreatedDispatchRule,
    CreatedTrunk,
    DispatchRuleList,
    InboundTrunkList,
    OutboundTrunkList,
)
from orchestrator.vendors.livekit.sip_settings import (
    DispatchRuleSettings,
    InboundTrunkSettings,
    OutboundTrunkSettings,
)
from orchestrator.vendors.livekit.twirp import TwirpClient

SERVICE = "SIP"
SIP_ADMIN_GRANT = {"admin": True}
T = TypeVar("T")


class SipSetupClient:
    """Creates, lists, replaces and deletes trunks and dispatch rules.

    LiveKit checks only new objects for conflicts: one that is replaced may get a number or a trunk of another one.
    """

    def __init__(self, twirp: TwirpClient) -> None:
        self._twirp = twirp

    async def create_inbound_trunk(self, trunk: InboundTrunkSettings) -> CreatedTrunk:
        """Create a trunk that accepts calls.

        Raises:
            RequestRejected: another trunk accepts calls to one of the numbers.
        """
        return await self._create(CreatedTrunk, "CreateSIPInboundTrunk", {"trunk": trunk.to_json()})

    async def list_inbound_trunks(self) -> InboundTrunkList:
        """Return all inbound trunks.

        Raises:
            AccessDenied: LiveKit does not know the API key, or the token has another secret's signature.
        """
        return await self._list(InboundTrunkList, "ListSIPInboundTrunk")

    async def replace_inbound_trunk(self, trunk_id: str, trunk: InboundTrunkSettings) -> None:
        """Replace all settings of an inbound trunk; those that are not sent get their defaults."""
        await self._call("UpdateSIPInboundTrunk", {"sip_trunk_id": trunk_id, "replace": trunk.to_json()})

    async def create_outbound_trunk(self, trunk: OutboundTrunkSettings) -> CreatedTrunk:
        """Create a trunk for outgoing calls."""
        return await self._create(CreatedTrunk, "CreateSIPOutboundTrunk", {"trunk": trunk.to_json()})

    async def list_outbound_trunks(self) -> OutboundTrunkList:
        """Return all outbound trunks."""
        return await self._list(OutboundTrunkList, "ListSIPOutboundTrunk")

    async def replace_outbound_trunk(self, trunk_id: str, trunk: OutboundTrunkSettings) -> None:
        """Replace all settings of an outbound trunk; those that are not sent get their defaults."""
        await self._call("UpdateSIPOutboundTrunk", {"sip_trunk_id": trunk_id, "replace": trunk.to_json()})

    async def delete_trunk(self, trunk_id: str) -> None:
        """Delete an inbound or outbound trunk; an unknown id is not an error."""
        await self._call("DeleteSIPTrunk", {"sip_trunk_id": trunk_id})

    async def create_dispatch_rule(self, rule: DispatchRuleSettings) -> CreatedDispatchRule:
        """Create a dispatch rule.

        Raises:
            RequestRejected: another rule is for one of the trunks.
        """
        return await self._create(
            CreatedDispatchRule, "CreateSIPDispatchRule", {"dispatch_rule": rule.to_json()}
        )

    async def list_dispatch_rules(self) -> DispatchRuleList:
        """Return all dispatch rules."""
        return await self._list(DispatchRuleList, "ListSIPDispatchRule")

    async def replace_dispatch_rule(self, rule_id: str, rule: DispatchRuleSettings) -> None:
        """Replace all settings of a rule: LiveKit has no other way to change the agents of an existing one."""
        await self._call(
            "UpdateSIPDispatchRule", {"sip_dispatch_rule_id": rule_id, "replace": rule.to_json()}
        )

    async def delete_dispatch_rule(self, rule_id: str) -> None:
        """Delete a dispatch rule.

        Raises:
            NotFound: the rule does not exist.
        """
        # not idempotent: a second attempt would report the rule as missing that the first one deleted
        body = {"sip_dispatch_rule_id": rule_id}
        await self._twirp.call(SERVICE, "DeleteSIPDispatchRule", body, sip=SIP_ADMIN_GRANT)

    async def _create(self, model: type[T], method: str, body: Mapping[str, Any]) -> T:
        return await self._twirp.call_and_parse(model, SERVICE, method, body, sip=SIP_ADMIN_GRANT)

    async def _list(self, model: type[T], method: str) -> T:
        return await self._twirp.call_and_parse(
            model, SERVICE, method, {}, sip=SIP_ADMIN_GRANT, idempotent=True
        )

    async def _call(self, method: str, body: Mapping[str, Any]) -> None:
        await self._twirp.call(SERVICE, method, body, sip=SIP_ADMIN_GRANT, idempotent=True)
