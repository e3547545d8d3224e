"""LiveKit's SIP service: trunks, dispatch rules, outgoing calls and transfers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from orchestrator.vendors.livekit.models import (
    DispatchRuleList,
    GetSipTrunkResponse,
    SipDispatchRule,
    SipParticipant,
    SipTrunk,
    SipTrunkList,
)
from orchestrator.vendors.livekit.tokens import room_admin_grant
from orchestrator.vendors.livekit.twirp import TwirpClient

SERVICE = "SIP"
T = TypeVar("T")
SIP_ADMIN_GRANT = {"admin": True}
SIP_CALL_GRANT = {"call": True}


class SipClient:
    """A client of the SIP service. LiveKit returns a trunk's password in clear text; the models do not read it."""

    def __init__(self, twirp: TwirpClient) -> None:
        self._twirp = twirp

    async def create_inbound_trunk(self, name: str, numbers: Sequence[str]) -> SipTrunk:
        """Create a trunk that accepts calls to these numbers.

        Raises:
            RequestRejected: another trunk has one of the numbers, or `numbers` is empty.
        """
        trunk = {"name": name, "numbers": list(numbers)}
        return await self._call_as_admin(SipTrunk, "CreateSIPInboundTrunk", {"trunk": trunk})

    async def list_inbound_trunks(self) -> SipTrunkList:
        """Return all inbound trunks."""
        return await self._call_as_admin(SipTrunkList, "ListSIPInboundTrunk", {}, idempotent=True)

    async def get_inbound_trunk(self, trunk_id: str) -> GetSipTrunkResponse:
        """Return an inbound trunk.

        Raises:
            NotFound: the trunk does not exist.
        """
        return await self._call_as_admin(
            GetSipTrunkResponse, "GetSIPInboundTrunk", {"sip_trunk_id": trunk_id}, idempotent=True
        )

    async def update_inbound_trunk_numbers(self, trunk_id: str, numbers: Sequence[str]) -> SipTrunk:
        """Replace the numbers of an inbound trunk.

        Raises:
            NotFound: the trunk does not exist.
        """
        body = {"sip_trunk_id": trunk_id, "update": {"numbers": {"set": list(numbers)}}}
        return await self._call_as_admin(SipTrunk, "UpdateSIPInboundTrunk", body, idempotent=True)

    async def create_outbound_trunk(self, name: str, address: str, numbers: Sequence[str]) -> SipTrunk:
        """Create a trunk for outgoing calls over a provider's address (host and port, not a SIP URI).

        Raises:
            RequestRejected: the address is not valid, or `numbers` is empty.
        """
        trunk = {"name": name, "address": address, "numbers": list(numbers)}
        return await self._call_as_admin(SipTrunk, "CreateSIPOutboundTrunk", {"trunk": trunk})

    async def list_outbound_trunks(self) -> SipTrunkList:
        """Return all outbound trunks."""
        return await self._call_as_admin(SipTrunkList, "ListSIPOutboundTrunk", {}, idempotent=True)

    async def get_outbound_trunk(self, trunk_id: str) -> GetSipTrunkResponse:
        """Return an outbound trunk.

        Raises:
            NotFound: the trunk does not exist.
        """
        return await self._call_as_admin(
            GetSipTrunkResponse, "GetSIPOutboundTrunk", {"sip_trunk_id": trunk_id}, idempotent=True
        )

    async def update_outbound_trunk_address(self, trunk_id: str, address: str) -> SipTrunk:
        """Change the address of an outbound trunk.

        Raises:
            NotFound: the trunk does not exist.
        """
        body = {"sip_trunk_id": trunk_id, "update": {"address": address}}
        return await self._call_as_admin(SipTrunk, "UpdateSIPOutboundTrunk", body, idempotent=True)

    async def delete_trunk(self, trunk_id: str) -> None:
        """Delete a trunk; an unknown id is not an error."""
        await self._twirp.call(
            SERVICE, "DeleteSIPTrunk", {"sip_trunk_id": trunk_id}, sip=SIP_ADMIN_GRANT, idempotent=True
        )

    async def create_dispatch_rule(
        self, name: str, trunk_ids: Sequence[str], *, room_prefix: str
    ) -> SipDispatchRule:
        """Create a rule that gives every call on these trunks a room of its own.

        Raises:
            RequestRejected: another rule covers one of the trunks.
        """
        rule = {
            "name": name,
            "trunk_ids": list(trunk_ids),
            "rule": {"dispatch_rule_individual": {"room_prefix": room_prefix}},
        }
        return await self._call_as_admin(SipDispatchRule, "CreateSIPDispatchRule", {"dispatch_rule": rule})

    async def list_dispatch_rules(self) -> DispatchRuleList:
        """Return all dispatch rules."""
        return await self._call_as_admin(DispatchRuleList, "ListSIPDispatchRule", {}, idempotent=True)

    async def rename_dispatch_rule(self, rule_id: str, name: str) -> SipDispatchRule:
        """Rename a dispatch rule.

        Raises:
            NotFound: the rule does not exist.
        """
        body = {"sip_dispatch_rule_id": rule_id, "update": {"name": name}}
        return await self._call_as_admin(SipDispatchRule, "UpdateSIPDispatchRule", body, idempotent=True)

    async def delete_dispatch_rule(self, rule_id: str) -> None:
        """Delete a dispatch rule.

        Raises:
            NotFound: the rule does not exist.
        """
        body = {"sip_dispatch_rule_id": rule_id}
        await self._twirp.call(SERVICE, "DeleteSIPDispatchRule", body, sip=SIP_ADMIN_GRANT)

    async def create_sip_participant(
        self,
        trunk_id: str,
        number: str,
        *,
        caller_number: str,
        room: str,
        identity: str,
        ringing_seconds: int,
    ) -> SipParticipant:
        """Dial a number, wait until it answers, and add it to a room as a participant.

        The request takes as long as the telephone rings, so the client's policy must allow for it.

        Args:
            trunk_id: the outbound trunk.
            number: the number to dial.
            caller_number: the number of the trunk that the called person sees.
            room: the room; LiveKit creates one that does not exist.
            identity: the identity of the called person in the room.
            ringing_seconds: how long the telephone rings.

        Raises:
            NotFound: the trunk or the number does not exist.
            RateLimited: the number is busy or temporarily unavailable; `code` is the SIP status, such as `sip 486`.
            AccessDenied: the number declines the call (`sip 603`).
            RequestRejected: the number does not answer, or cannot be reached.
            VendorUnavailable: no SIP worker is running.
        """
        body = {
            "sip_trunk_id": trunk_id,
            "sip_call_to": number,
            "sip_number": caller_number,
            "room_name": room,
            "participant_identity": identity,
            # without it a success means only that dialling has started
            "wait_until_answered": True,
            "ringing_timeout": f"{ringing_seconds}s",
        }
        return await self._twirp.call_and_parse(
            SipParticipant, SERVICE, "CreateSIPParticipant", body, sip=SIP_CALL_GRANT
        )

    async def transfer_sip_participant(self, room: str, identity: str, to: str) -> None:
        """Transfer a caller to another number, given as `tel:+49…` or a SIP URI.

        Raises:
            NotFound: the participant is not in the room.
            RequestRejected: `to` is not valid, the participant is not a SIP participant, or `to` does not answer.
            RateLimited: `to` is busy (`sip 486`).
            AccessDenied: `to` declines the call (`sip 603`).
            VendorUnavailable: no SIP worker is running.
        """
        # LiveKit requires both grants: to call, and to administer the room
        body = {"room_name": room, "participant_identity": identity, "transfer_to": to}
        await self._twirp.call(
            SERVICE, "TransferSIPParticipant", body, video=room_admin_grant(room), sip=SIP_CALL_GRANT
        )

    async def _call_as_admin(
        self, model: type[T], method: str, body: Mapping[str, Any], *, idempotent: bool = False
    ) -> T:
        return await self._twirp.call_and_parse(
            model, SERVICE, method, body, sip=SIP_ADMIN_GRANT, idempotent=idempotent
        )
