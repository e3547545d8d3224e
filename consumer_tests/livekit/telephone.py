"""The telephone: trunks, dispatch rules, calls out, transfers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from consumer_tests.contract import failure, ok, refused, state
from consumer_tests.expectation import Request, Response
from consumer_tests.livekit import contract, done, grants, twirp, twirp_error
from orchestrator.vendors.errors import NotFound, RateLimited, Rejected, Unauthorised, VendorUnavailable
from orchestrator.vendors.livekit.models import (
    DialledCall,
    DispatchRule,
    DispatchRuleList,
    Trunk,
    TrunkAnswer,
    TrunkList,
    TwirpError,
)

ADMIN = grants(sip={"admin": True})
CALL = grants(sip={"call": True})
TRANSFER = grants(video={"roomAdmin": True, "room": "call-1"}, sip={"call": True})
NUMBER, CALLEE = "+4930111111", "+4930222222"
INBOUND = state("an inbound trunk", id="ST_in", number=NUMBER)
OUTBOUND = state("an outbound trunk", id="ST_out", number=NUMBER)
RULE = state("a dispatch rule", id="SDR_calls", trunk="ST_in")
IN = {"sip_trunk_id": "ST_in", "name": "hotel", "numbers": [NUMBER]}
OUT = {"sip_trunk_id": "ST_out", "name": "hotel", "numbers": [NUMBER]}
CALLS = {"sip_dispatch_rule_id": "SDR_calls", "name": "calls", "trunk_ids": ["ST_in"]}
NEW_OUT = {"name": "hotel", "address": "sip.example.org", "numbers": [NUMBER]}
NEW_RULE = {
    "name": "calls",
    "trunk_ids": ["ST_in"],
    "rule": {"dispatch_rule_individual": {"room_prefix": "call-"}},
}
DIAL = {
    "sip_trunk_id": "ST_out",
    "sip_call_to": CALLEE,
    "room_name": "call-1",
    "participant_identity": "manager",
    "wait_until_answered": True,
    "ringing_timeout": "30s",
}
DIALLED = {"participant_id": "PA_example", "participant_identity": "manager", "room_name": "call-1"}
TO = {"room_name": "call-1", "participant_identity": "guest", "transfer_to": f"tel:{CALLEE}"}
CALLER = state(
    "a participant in a room", room="call-1", identity="guest", kind="SIP", attributes={"sip.callID": "SCL_example"}
)  # fmt: skip
NO_TRUNK = failure(NotFound, code="not_found")


def sip(method: str, body: dict[str, Any]) -> Request:
    """A request to the SIP service."""
    return twirp(method, body, "SIP")


def peer_refuses(status: int, code: str, sip_status: str) -> Response:
    """The other end of a call refused it with a SIP status."""
    return refused(status, TwirpError, {"code": code, "meta": {"sip_status_code": sip_status}})


contract.expect(
    "an inbound trunk being created",
    credential=ADMIN,
    call=lambda livekit: livekit.sip.create_inbound_trunk("hotel", [NUMBER]),
    request=sip("CreateSIPInboundTrunk", {"trunk": {"name": "hotel", "numbers": [NUMBER]}}),
    response=ok(Trunk, IN),
)
contract.expect(
    "an inbound trunk being created for a number that is taken",
    credential=ADMIN,
    given=INBOUND,
    call=lambda livekit: livekit.sip.create_inbound_trunk("hotel", [NUMBER]),
    request=sip("CreateSIPInboundTrunk", {"trunk": {"name": "hotel", "numbers": [NUMBER]}}),
    response=twirp_error(400, "invalid_argument"),
    raises=failure(Rejected, code="invalid_argument"),
)
contract.expect(
    "an inbound trunk being created with a token that may only call",
    credential=replace(ADMIN, state=state("an access token", sip={"call": True})),
    call=lambda livekit: livekit.sip.create_inbound_trunk("hotel", [NUMBER]),
    request=sip("CreateSIPInboundTrunk", {"trunk": {"name": "hotel", "numbers": [NUMBER]}}),
    response=twirp_error(401, "unauthenticated"),
    raises=failure(Unauthorised, code="unauthenticated"),
)
contract.expect(
    "the inbound trunks",
    credential=ADMIN,
    given=INBOUND,
    call=lambda livekit: livekit.sip.inbound_trunks(),
    request=sip("ListSIPInboundTrunk", {}),
    response=ok(TrunkList, {"items": [IN]}),
)
contract.expect(
    "an inbound trunk",
    credential=ADMIN,
    given=INBOUND,
    call=lambda livekit: livekit.sip.inbound_trunk("ST_in"),
    request=sip("GetSIPInboundTrunk", {"sip_trunk_id": "ST_in"}),
    response=ok(TrunkAnswer, {"trunk": IN}),
)
contract.expect(
    "an inbound trunk that does not exist",
    credential=ADMIN,
    call=lambda livekit: livekit.sip.inbound_trunk("ST_gone"),
    request=sip("GetSIPInboundTrunk", {"sip_trunk_id": "ST_gone"}),
    response=twirp_error(404, "not_found"),
    raises=NO_TRUNK,
)
contract.expect(
    "an inbound trunk's numbers being replaced",
    credential=ADMIN,
    given=INBOUND,
    call=lambda livekit: livekit.sip.set_numbers("ST_in", [CALLEE]),
    request=sip("UpdateSIPInboundTrunk", {"sip_trunk_id": "ST_in", "update": {"numbers": {"set": [CALLEE]}}}),
    response=ok(Trunk, {**IN, "numbers": [CALLEE]}),
)
contract.expect(
    "an outbound trunk being created",
    credential=ADMIN,
    call=lambda livekit: livekit.sip.create_outbound_trunk("hotel", "sip.example.org", [NUMBER]),
    request=sip("CreateSIPOutboundTrunk", {"trunk": NEW_OUT}),
    response=ok(Trunk, OUT),
)
contract.expect(
    "an outbound trunk being created with a SIP URI for an address",
    credential=ADMIN,
    call=lambda livekit: livekit.sip.create_outbound_trunk("hotel", "sip:hotel@example.org", [NUMBER]),
    request=sip("CreateSIPOutboundTrunk", {"trunk": {**NEW_OUT, "address": "sip:hotel@example.org"}}),
    response=twirp_error(400, "invalid_argument"),
    raises=failure(Rejected, code="invalid_argument"),
)
contract.expect(
    "the outbound trunks",
    credential=ADMIN,
    given=OUTBOUND,
    call=lambda livekit: livekit.sip.outbound_trunks(),
    request=sip("ListSIPOutboundTrunk", {}),
    response=ok(TrunkList, {"items": [OUT]}),
)
contract.expect(
    "an outbound trunk",
    credential=ADMIN,
    given=OUTBOUND,
    call=lambda livekit: livekit.sip.outbound_trunk("ST_out"),
    request=sip("GetSIPOutboundTrunk", {"sip_trunk_id": "ST_out"}),
    response=ok(TrunkAnswer, {"trunk": OUT}),
)
contract.expect(
    "an outbound trunk asked for by the id of an inbound one",
    credential=ADMIN,
    given=INBOUND,
    call=lambda livekit: livekit.sip.outbound_trunk("ST_in"),
    request=sip("GetSIPOutboundTrunk", {"sip_trunk_id": "ST_in"}),
    response=twirp_error(404, "not_found"),
    raises=NO_TRUNK,
)
contract.expect(
    "an outbound trunk moving to another address",
    credential=ADMIN,
    given=OUTBOUND,
    call=lambda livekit: livekit.sip.set_address("ST_out", "sip2.example.org"),
    request=sip(
        "UpdateSIPOutboundTrunk", {"sip_trunk_id": "ST_out", "update": {"address": "sip2.example.org"}}
    ),
    response=ok(Trunk, OUT),
)
contract.expect(
    "a trunk being deleted",
    credential=ADMIN,
    given=INBOUND,
    call=lambda livekit: livekit.sip.delete_trunk("ST_in"),
    request=sip("DeleteSIPTrunk", {"sip_trunk_id": "ST_in"}),
    response=done(),
)
contract.expect(
    "a dispatch rule being created",
    credential=ADMIN,
    given=INBOUND,
    call=lambda livekit: livekit.sip.create_rule("calls", ["ST_in"], room_prefix="call-"),
    request=sip("CreateSIPDispatchRule", {"dispatch_rule": NEW_RULE}),
    response=ok(DispatchRule, CALLS),
)
contract.expect(
    "a dispatch rule being created for a trunk that has one",
    credential=ADMIN,
    given=RULE,
    call=lambda livekit: livekit.sip.create_rule("calls", ["ST_in"], room_prefix="call-"),
    request=sip("CreateSIPDispatchRule", {"dispatch_rule": NEW_RULE}),
    response=twirp_error(400, "invalid_argument"),
    raises=failure(Rejected, code="invalid_argument"),
)
contract.expect(
    "the dispatch rules",
    credential=ADMIN,
    given=RULE,
    call=lambda livekit: livekit.sip.rules(),
    request=sip("ListSIPDispatchRule", {}),
    response=ok(DispatchRuleList, {"items": [CALLS]}),
)
contract.expect(
    "a dispatch rule being renamed",
    credential=ADMIN,
    given=RULE,
    call=lambda livekit: livekit.sip.rename_rule("SDR_calls", "day"),
    request=sip("UpdateSIPDispatchRule", {"sip_dispatch_rule_id": "SDR_calls", "update": {"name": "day"}}),
    response=ok(DispatchRule, {**CALLS, "name": "day"}),
)
contract.expect(
    "a dispatch rule being deleted",
    credential=ADMIN,
    given=RULE,
    call=lambda livekit: livekit.sip.delete_rule("SDR_calls"),
    request=sip("DeleteSIPDispatchRule", {"sip_dispatch_rule_id": "SDR_calls"}),
    response=done(),
)
contract.expect(
    "a dispatch rule that does not exist being deleted",
    credential=ADMIN,
    call=lambda livekit: livekit.sip.delete_rule("SDR_gone"),
    request=sip("DeleteSIPDispatchRule", {"sip_dispatch_rule_id": "SDR_gone"}),
    response=twirp_error(404, "not_found"),
    raises=NO_TRUNK,
)
contract.expect(
    "a number being dialled and answering",
    credential=CALL,
    given=OUTBOUND,
    call=lambda livekit: livekit.sip.dial("ST_out", CALLEE, room="call-1", identity="manager"),
    request=sip("CreateSIPParticipant", DIAL),
    response=ok(DialledCall, DIALLED),
)
contract.expect(
    "a number being dialled that is busy",
    credential=CALL,
    given=(OUTBOUND, state("a SIP peer", status=486)),
    call=lambda livekit: livekit.sip.dial("ST_out", CALLEE, room="call-1", identity="manager"),
    request=sip("CreateSIPParticipant", DIAL),
    response=peer_refuses(429, "resource_exhausted", "486"),
    raises=failure(RateLimited, code="sip 486"),
)
contract.expect(
    "a number being dialled that declines",
    credential=CALL,
    given=(OUTBOUND, state("a SIP peer", status=603)),
    call=lambda livekit: livekit.sip.dial("ST_out", CALLEE, room="call-1", identity="manager"),
    request=sip("CreateSIPParticipant", DIAL),
    response=peer_refuses(403, "permission_denied", "603"),
    raises=failure(Unauthorised, code="sip 603"),
)
contract.expect(
    "a number being dialled that does not exist",
    credential=CALL,
    given=(OUTBOUND, state("a SIP peer", status=404)),
    call=lambda livekit: livekit.sip.dial("ST_out", CALLEE, room="call-1", identity="manager"),
    request=sip("CreateSIPParticipant", DIAL),
    response=peer_refuses(404, "not_found", "404"),
    raises=failure(NotFound, code="sip 404"),
)
contract.expect(
    "a number being dialled that nobody answers",
    credential=CALL,
    given=(OUTBOUND, state("a SIP peer", answers=False)),
    call=lambda livekit: livekit.sip.dial("ST_out", CALLEE, room="call-1", identity="manager"),
    request=sip("CreateSIPParticipant", DIAL),
    response=twirp_error(408, "canceled"),
    raises=failure(Rejected, status=408, code="canceled"),
)
contract.expect(
    "a number being dialled over a trunk that does not exist",
    credential=CALL,
    call=lambda livekit: livekit.sip.dial("ST_out", CALLEE, room="call-1", identity="manager"),
    request=sip("CreateSIPParticipant", DIAL),
    response=twirp_error(404, "not_found"),
    raises=NO_TRUNK,
)
contract.expect(
    "a number being dialled while no SIP service runs",
    credential=CALL,
    given=(OUTBOUND, state("a SIP peer", worker=False)),
    call=lambda livekit: livekit.sip.dial("ST_out", CALLEE, room="call-1", identity="manager"),
    request=sip("CreateSIPParticipant", DIAL),
    response=twirp_error(503, "unavailable"),
    raises=failure(VendorUnavailable, code="unavailable"),
)
contract.expect(
    "a caller being transferred",
    credential=TRANSFER,
    given=CALLER,
    call=lambda livekit: livekit.sip.transfer("call-1", "guest", f"tel:{CALLEE}"),
    request=sip("TransferSIPParticipant", TO),
    response=done(),
)
contract.expect(
    "a caller being transferred to a number that is busy",
    credential=TRANSFER,
    given=(CALLER, state("a SIP peer", status=486)),
    call=lambda livekit: livekit.sip.transfer("call-1", "guest", f"tel:{CALLEE}"),
    request=sip("TransferSIPParticipant", TO),
    response=peer_refuses(429, "resource_exhausted", "486"),
    raises=failure(RateLimited, code="sip 486"),
)
contract.expect(
    "a caller being transferred to a number that nobody answers",
    credential=TRANSFER,
    given=(CALLER, state("a SIP peer", answers=False)),
    call=lambda livekit: livekit.sip.transfer("call-1", "guest", f"tel:{CALLEE}"),
    request=sip("TransferSIPParticipant", TO),
    response=twirp_error(408, "deadline_exceeded"),
    raises=failure(Rejected, code="deadline_exceeded"),
)
contract.expect(
    "a caller who has hung up being transferred",
    credential=TRANSFER,
    given=state("a room", name="call-1"),
    call=lambda livekit: livekit.sip.transfer("call-1", "guest", f"tel:{CALLEE}"),
    request=sip("TransferSIPParticipant", TO),
    response=twirp_error(404, "not_found"),
    raises=NO_TRUNK,
)
contract.expect(
    "somebody who is not on the telephone being transferred",
    credential=TRANSFER,
    given=state("a participant in a room", room="call-1", identity="guest"),
    call=lambda livekit: livekit.sip.transfer("call-1", "guest", f"tel:{CALLEE}"),
    request=sip("TransferSIPParticipant", TO),
    response=twirp_error(400, "invalid_argument"),
    raises=failure(Rejected, code="invalid_argument"),
)
