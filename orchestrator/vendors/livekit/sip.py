"""The telephone: trunks, which room a call goes to, calls out, and transfers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from orchestrator.vendors.livekit.models import (
    DialledCall,
    DispatchRule,
    DispatchRuleList,
    Trunk,
    TrunkAnswer,
    TrunkList,
)
from orchestrator.vendors.livekit.tokens import room_admin
from orchestrator.vendors.livekit.twirp import Twirp

SERVICE = "SIP"
T = TypeVar("T")
ADMIN = {"admin": True}
CALL = {"call": True}


class Sip:
    """LiveKit's SIP service. A trunk's password comes back in clear text, and is not read."""

    def __init__(self, twirp: Twirp) -> None:
        self._twirp = twirp

    async def create_inbound_trunk(self, name: str, numbers: Sequence[str]) -> Trunk:
        """Take calls to these numbers.

        Raises:
            Rejected: another trunk takes them already, or no number is given.
        """
        trunk = {"name": name, "numbers": list(numbers)}
        return await self._admin(Trunk, "CreateSIPInboundTrunk", {"trunk": trunk})

    async def inbound_trunks(self) -> TrunkList:
        """All trunks that take calls."""
        return await self._admin(TrunkList, "ListSIPInboundTrunk", {}, idempotent=True)

    async def inbound_trunk(self, trunk_id: str) -> TrunkAnswer:
        """One of them.

        Raises:
            NotFound: there is none of this id.
        """
        return await self._admin(
            TrunkAnswer, "GetSIPInboundTrunk", {"sip_trunk_id": trunk_id}, idempotent=True
        )

    async def set_numbers(self, trunk_id: str, numbers: Sequence[str]) -> Trunk:
        """Replace the numbers of an inbound trunk.

        Raises:
            NotFound: there is none of this id.
        """
        body = {"sip_trunk_id": trunk_id, "update": {"numbers": {"set": list(numbers)}}}
        return await self._admin(Trunk, "UpdateSIPInboundTrunk", body, idempotent=True)

    async def create_outbound_trunk(self, name: str, address: str, numbers: Sequence[str]) -> Trunk:
        """Call out over a provider at an address (host and port, no SIP URI).

        Raises:
            Rejected: the address is none, or no number is given.
        """
        trunk = {"name": name, "address": address, "numbers": list(numbers)}
        return await self._admin(Trunk, "CreateSIPOutboundTrunk", {"trunk": trunk})

    async def outbound_trunks(self) -> TrunkList:
        """All trunks that call out."""
        return await self._admin(TrunkList, "ListSIPOutboundTrunk", {}, idempotent=True)

    async def outbound_trunk(self, trunk_id: str) -> TrunkAnswer:
        """One of them.

        Raises:
            NotFound: there is none of this id.
        """
        return await self._admin(
            TrunkAnswer, "GetSIPOutboundTrunk", {"sip_trunk_id": trunk_id}, idempotent=True
        )

    async def set_address(self, trunk_id: str, address: str) -> Trunk:
        """Move an outbound trunk to another address.

        Raises:
            NotFound: there is none of this id.
        """
        body = {"sip_trunk_id": trunk_id, "update": {"address": address}}
        return await self._admin(Trunk, "UpdateSIPOutboundTrunk", body, idempotent=True)

    async def delete_trunk(self, trunk_id: str) -> None:
        """Delete a trunk; one that does not exist is no error."""
        await self._twirp.call(
            SERVICE, "DeleteSIPTrunk", {"sip_trunk_id": trunk_id}, sip=ADMIN, idempotent=True
        )

    async def create_rule(self, name: str, trunk_ids: Sequence[str], *, room_prefix: str) -> DispatchRule:
        """Give every call on these trunks a room of its own.

        Raises:
            Rejected: another rule is for them already.
        """
        rule = {
            "name": name,
            "trunk_ids": list(trunk_ids),
            "rule": {"dispatch_rule_individual": {"room_prefix": room_prefix}},
        }
        return await self._admin(DispatchRule, "CreateSIPDispatchRule", {"dispatch_rule": rule})

    async def rules(self) -> DispatchRuleList:
        """All rules."""
        return await self._admin(DispatchRuleList, "ListSIPDispatchRule", {}, idempotent=True)

    async def rename_rule(self, rule_id: str, name: str) -> DispatchRule:
        """Change a rule's name.

        Raises:
            NotFound: there is none of this id.
        """
        body = {"sip_dispatch_rule_id": rule_id, "update": {"name": name}}
        return await self._admin(DispatchRule, "UpdateSIPDispatchRule", body, idempotent=True)

    async def delete_rule(self, rule_id: str) -> None:
        """Delete a rule.

        Raises:
            NotFound: there is none of this id.
        """
        body = {"sip_dispatch_rule_id": rule_id}
        await self._twirp.call(SERVICE, "DeleteSIPDispatchRule", body, sip=ADMIN)

    async def dial(self, trunk_id: str, number: str, *, room: str, identity: str) -> DialledCall:
        """Call a number into a room, and wait until it is answered.

        Raises:
            NotFound: there is no such trunk, or nobody of this number.
            RateLimited: it is busy or not there just now; `code` has the SIP status, such as `sip 486`.
            Unauthorised: it does not want the call (`sip 603`).
            Rejected: it does not answer, or cannot be reached.
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
        return await self._twirp.read(DialledCall, SERVICE, "CreateSIPParticipant", body, sip=CALL)

    async def transfer(self, room: str, identity: str, to: str) -> None:
        """Hand a caller to another number, as `tel:+49…` or a SIP URI.

        Raises:
            NotFound: the caller has left.
            Rejected: `to` is no number, the participant is not on the telephone, or nobody answers there.
            RateLimited: the other end is busy (`sip 486`).
            Unauthorised: the other end does not take it (`sip 603`).
            VendorUnavailable: no SIP service runs.
        """
        body = {"room_name": room, "participant_identity": identity, "transfer_to": to}
        await self._twirp.call(SERVICE, "TransferSIPParticipant", body, video=room_admin(room), sip=CALL)

    async def _admin(
        self, shape: type[T], method: str, body: Mapping[str, Any], *, idempotent: bool = False
    ) -> T:
        return await self._twirp.read(shape, SERVICE, method, body, sip=ADMIN, idempotent=idempotent)
