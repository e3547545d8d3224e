"""The telephone: trunks, which room a call goes to, calls out, and transfers."""

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
    """LiveKit's SIP service. A trunk's password comes back in clear text, and is not read."""

    def __init__(self, twirp: TwirpClient) -> None:
        self._twirp = twirp

    async def create_inbound_trunk(self, name: str, numbers: Sequence[str]) -> SipTrunk:
        """Take calls to these numbers.

        Raises:
            RequestRejected: another trunk takes them already, or no number is given.
        """
        trunk = {"name": name, "numbers": list(numbers)}
        return await self._admin(SipTrunk, "CreateSIPInboundTrunk", {"trunk": trunk})

    async def list_inbound_trunks(self) -> SipTrunkList:
        """All trunks that take calls."""
        return await self._admin(SipTrunkList, "ListSIPInboundTrunk", {}, idempotent=True)

    async def get_inbound_trunk(self, trunk_id: str) -> GetSipTrunkResponse:
        """One of them.

        Raises:
            NotFound: there is none of this id.
        """
        return await self._admin(
            GetSipTrunkResponse, "GetSIPInboundTrunk", {"sip_trunk_id": trunk_id}, idempotent=True
        )

    async def update_inbound_trunk_numbers(self, trunk_id: str, numbers: Sequence[str]) -> SipTrunk:
        """Replace the numbers of an inbound trunk.

        Raises:
            NotFound: there is none of this id.
        """
        body = {"sip_trunk_id": trunk_id, "update": {"numbers": {"set": list(numbers)}}}
        return await self._admin(SipTrunk, "UpdateSIPInboundTrunk", body, idempotent=True)

    async def create_outbound_trunk(self, name: str, address: str, numbers: Sequence[str]) -> SipTrunk:
        """Call out over a provider at an address (host and port, no SIP URI).

        Raises:
            RequestRejected: the address is none, or no number is given.
        """
        trunk = {"name": name, "address": address, "numbers": list(numbers)}
        return await self._admin(SipTrunk, "CreateSIPOutboundTrunk", {"trunk": trunk})

    async def list_outbound_trunks(self) -> SipTrunkList:
        """All trunks that call out."""
        return await self._admin(SipTrunkList, "ListSIPOutboundTrunk", {}, idempotent=True)

    async def get_outbound_trunk(self, trunk_id: str) -> GetSipTrunkResponse:
        """One of them.

        Raises:
            NotFound: there is none of this id.
        """
        return await self._admin(
            GetSipTrunkResponse, "GetSIPOutboundTrunk", {"sip_trunk_id": trunk_id}, idempotent=True
        )

    async def update_outbound_trunk_address(self, trunk_id: str, address: str) -> SipTrunk:
        """Move an outbound trunk to another address.

        Raises:
            NotFound: there is none of this id.
        """
        body = {"sip_trunk_id": trunk_id, "update": {"address": address}}
        return await self._admin(SipTrunk, "UpdateSIPOutboundTrunk", body, idempotent=True)

    async def delete_trunk(self, trunk_id: str) -> None:
        """Delete a trunk; one that does not exist is no error."""
        await self._twirp.call(
            SERVICE, "DeleteSIPTrunk", {"sip_trunk_id": trunk_id}, sip=SIP_ADMIN_GRANT, idempotent=True
        )

    async def create_dispatch_rule(
        self, name: str, trunk_ids: Sequence[str], *, room_prefix: str
    ) -> SipDispatchRule:
        """Give every call on these trunks a room of its own.

        Raises:
            RequestRejected: another rule is for them already.
        """
        rule = {
            "name": name,
            "trunk_ids": list(trunk_ids),
            "rule": {"dispatch_rule_individual": {"room_prefix": room_prefix}},
        }
        return await self._admin(SipDispatchRule, "CreateSIPDispatchRule", {"dispatch_rule": rule})

    async def list_dispatch_rules(self) -> DispatchRuleList:
        """All rules."""
        return await self._admin(DispatchRuleList, "ListSIPDispatchRule", {}, idempotent=True)

    async def rename_dispatch_rule(self, rule_id: str, name: str) -> SipDispatchRule:
        """Change a rule's name.

        Raises:
            NotFound: there is none of this id.
        """
        body = {"sip_dispatch_rule_id": rule_id, "update": {"name": name}}
        return await self._admin(SipDispatchRule, "UpdateSIPDispatchRule", body, idempotent=True)

    async def delete_dispatch_rule(self, rule_id: str) -> None:
        """Delete a rule.

        Raises:
            NotFound: there is none of this id.
        """
        body = {"sip_dispatch_rule_id": rule_id}
        await self._twirp.call(SERVICE, "DeleteSIPDispatchRule", body, sip=SIP_ADMIN_GRANT)

    async def create_sip_participant(
        self, trunk_id: str, number: str, *, room: str, identity: str
    ) -> SipParticipant:
        """Call a number into a room, and wait until it is answered.

        Raises:
            NotFound: there is no such trunk, or nobody of this number.
            RateLimited: it is busy or not there just now; `code` has the SIP status, such as `sip 486`.
            AccessDenied: it does not want the call (`sip 603`).
            RequestRejected: it does not answer, or cannot be reached.
            VendorUnavailable: no SIP service runs.
        """
        body = {
            "sip_trunk_id": trunk_id,
            "sip_call_to": number,
            "room_name": room,
            "participant_identity": identity,
            "wait_until_answered": True,
            "ringing_timeout": "30s",
        }
        return await self._twirp.call_and_parse(
            SipParticipant, SERVICE, "CreateSIPParticipant", body, sip=SIP_CALL_GRANT
        )

    async def transfer_sip_participant(self, room: str, identity: str, to: str) -> None:
        """Hand a caller to another number, as `tel:+49…` or a SIP URI.

        Raises:
            NotFound: the caller has left.
            RequestRejected: `to` is no number, the participant is not on the telephone, or nobody answers there.
            RateLimited: the other end is busy (`sip 486`).
            AccessDenied: the other end does not take it (`sip 603`).
            VendorUnavailable: no SIP service runs.
        """
        body = {"room_name": room, "participant_identity": identity, "transfer_to": to}
        await self._twirp.call(
            SERVICE, "TransferSIPParticipant", body, video=room_admin_grant(room), sip=SIP_CALL_GRANT
        )

    async def _admin(
        self, shape: type[T], method: str, body: Mapping[str, Any], *, idempotent: bool = False
    ) -> T:
        return await self._twirp.call_and_parse(
            shape, SERVICE, method, body, sip=SIP_ADMIN_GRANT, idempotent=idempotent
        )
