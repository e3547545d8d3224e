"""SIP trunks, dispatch rules, outgoing calls and transfers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from consumer_tests.contract import error_response, expected_error, ok, provider_state
from consumer_tests.interaction import Request, Response
from consumer_tests.livekit import contract, empty_success, token_with_grants, twirp_error, twirp_request
from orchestrator.vendors.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    RequestRejected,
    VendorUnavailable,
)
from orchestrator.vendors.livekit.client import LiveKitClient
from orchestrator.vendors.livekit.models import (
    DispatchRuleList,
    GetSipTrunkResponse,
    SipDispatchRule,
    SipParticipant,
    SipTrunk,
    SipTrunkList,
    TwirpError,
)

SIP_ADMIN_TOKEN = token_with_grants(sip={"admin": True})
SIP_CALL_TOKEN = token_with_grants(sip={"call": True})
SIP_TRANSFER_TOKEN = token_with_grants(video={"roomAdmin": True, "room": "call-1"}, sip={"call": True})
NUMBER, CALLEE = "+4930111111", "+4930222222"
INBOUND_TRUNK_STATE = provider_state("an inbound trunk", id="ST_in", number=NUMBER)
OUTBOUND_TRUNK_STATE = provider_state("an outbound trunk", id="ST_out", number=NUMBER)
DISPATCH_RULE_STATE = provider_state("a dispatch rule", id="SDR_calls", trunk="ST_in")
INBOUND_TRUNK = {"sip_trunk_id": "ST_in", "name": "hotel", "numbers": [NUMBER]}
OUTBOUND_TRUNK = {"sip_trunk_id": "ST_out", "name": "hotel", "numbers": [NUMBER]}
DISPATCH_RULE = {"sip_dispatch_rule_id": "SDR_calls", "name": "calls", "trunk_ids": ["ST_in"]}
CREATE_OUTBOUND_TRUNK_BODY = {"name": "hotel", "address": "sip.example.org", "numbers": [NUMBER]}
CREATE_DISPATCH_RULE_BODY = {
    "name": "calls",
    "trunk_ids": ["ST_in"],
    "rule": {"dispatch_rule_individual": {"room_prefix": "call-"}},
}
CREATE_SIP_PARTICIPANT_BODY = {
    "sip_trunk_id": "ST_out",
    "sip_call_to": CALLEE,
    "sip_number": NUMBER,
    "room_name": "call-1",
    "participant_identity": "guest",
    "wait_until_answered": True,
    "ringing_timeout": "30s",
}
SIP_PARTICIPANT = {"participant_identity": "guest"}
TRANSFER_BODY = {"room_name": "call-1", "participant_identity": "guest", "transfer_to": f"tel:{CALLEE}"}
CALLER = provider_state(
    "a participant in a room", room="call-1", identity="guest", kind="SIP", attributes={"sip.callID": "SCL_example"}
)  # fmt: skip
NOT_FOUND_ERROR = expected_error(NotFound, code="not_found")


async def dial(livekit: LiveKitClient) -> SipParticipant:
    """Dial the callee and let the telephone ring for half a minute."""
    return await livekit.sip.create_sip_participant(
        "ST_out", CALLEE, caller_number=NUMBER, room="call-1", identity="guest", ringing_seconds=30
    )


def sip_request(method: str, body: dict[str, Any]) -> Request:
    """A request to the SIP service."""
    return twirp_request(method, body, "SIP")


def sip_rejection_response(status: int, code: str, sip_status: str) -> Response:
    """The response if the other end rejects the call with a SIP status."""
    return error_response(status, TwirpError, {"code": code, "meta": {"sip_status_code": sip_status}})


contract.add_interaction(
    "an inbound trunk being created",
    credential=SIP_ADMIN_TOKEN,
    invoke=lambda livekit: livekit.sip.create_inbound_trunk("hotel", [NUMBER]),
    request=sip_request("CreateSIPInboundTrunk", {"trunk": {"name": "hotel", "numbers": [NUMBER]}}),
    response=ok(SipTrunk, INBOUND_TRUNK),
)
contract.add_interaction(
    "an inbound trunk being created for a number that is taken",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip.create_inbound_trunk("hotel", [NUMBER]),
    request=sip_request("CreateSIPInboundTrunk", {"trunk": {"name": "hotel", "numbers": [NUMBER]}}),
    response=twirp_error(400, "invalid_argument"),
    raises=expected_error(RequestRejected, code="invalid_argument"),
)
contract.add_interaction(
    "an inbound trunk being created with a token that may only call",
    credential=replace(SIP_ADMIN_TOKEN, state=provider_state("an access token", sip={"call": True})),
    invoke=lambda livekit: livekit.sip.create_inbound_trunk("hotel", [NUMBER]),
    request=sip_request("CreateSIPInboundTrunk", {"trunk": {"name": "hotel", "numbers": [NUMBER]}}),
    response=twirp_error(401, "unauthenticated"),
    raises=expected_error(AccessDenied, code="unauthenticated"),
)
contract.add_interaction(
    "the inbound trunks",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip.list_inbound_trunks(),
    request=sip_request("ListSIPInboundTrunk", {}),
    response=ok(SipTrunkList, {"items": [INBOUND_TRUNK]}),
)
contract.add_interaction(
    "an inbound trunk",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip.get_inbound_trunk("ST_in"),
    request=sip_request("GetSIPInboundTrunk", {"sip_trunk_id": "ST_in"}),
    response=ok(GetSipTrunkResponse, {"trunk": INBOUND_TRUNK}),
)
contract.add_interaction(
    "an inbound trunk that does not exist",
    credential=SIP_ADMIN_TOKEN,
    invoke=lambda livekit: livekit.sip.get_inbound_trunk("ST_gone"),
    request=sip_request("GetSIPInboundTrunk", {"sip_trunk_id": "ST_gone"}),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "an inbound trunk's numbers being replaced",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip.update_inbound_trunk_numbers("ST_in", [CALLEE]),
    request=sip_request(
        "UpdateSIPInboundTrunk", {"sip_trunk_id": "ST_in", "update": {"numbers": {"set": [CALLEE]}}}
    ),
    response=ok(SipTrunk, {**INBOUND_TRUNK, "numbers": [CALLEE]}),
)
contract.add_interaction(
    "an outbound trunk being created",
    credential=SIP_ADMIN_TOKEN,
    invoke=lambda livekit: livekit.sip.create_outbound_trunk("hotel", "sip.example.org", [NUMBER]),
    request=sip_request("CreateSIPOutboundTrunk", {"trunk": CREATE_OUTBOUND_TRUNK_BODY}),
    response=ok(SipTrunk, OUTBOUND_TRUNK),
)
contract.add_interaction(
    "an outbound trunk being created with a SIP URI for an address",
    credential=SIP_ADMIN_TOKEN,
    invoke=lambda livekit: livekit.sip.create_outbound_trunk("hotel", "sip:hotel@example.org", [NUMBER]),
    request=sip_request(
        "CreateSIPOutboundTrunk",
        {"trunk": {**CREATE_OUTBOUND_TRUNK_BODY, "address": "sip:hotel@example.org"}},
    ),
    response=twirp_error(400, "invalid_argument"),
    raises=expected_error(RequestRejected, code="invalid_argument"),
)
contract.add_interaction(
    "the outbound trunks",
    credential=SIP_ADMIN_TOKEN,
    given=OUTBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip.list_outbound_trunks(),
    request=sip_request("ListSIPOutboundTrunk", {}),
    response=ok(SipTrunkList, {"items": [OUTBOUND_TRUNK]}),
)
contract.add_interaction(
    "an outbound trunk",
    credential=SIP_ADMIN_TOKEN,
    given=OUTBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip.get_outbound_trunk("ST_out"),
    request=sip_request("GetSIPOutboundTrunk", {"sip_trunk_id": "ST_out"}),
    response=ok(GetSipTrunkResponse, {"trunk": OUTBOUND_TRUNK}),
)
contract.add_interaction(
    "an outbound trunk asked for by the id of an inbound one",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip.get_outbound_trunk("ST_in"),
    request=sip_request("GetSIPOutboundTrunk", {"sip_trunk_id": "ST_in"}),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "an outbound trunk moving to another address",
    credential=SIP_ADMIN_TOKEN,
    given=OUTBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip.update_outbound_trunk_address("ST_out", "sip2.example.org"),
    request=sip_request(
        "UpdateSIPOutboundTrunk", {"sip_trunk_id": "ST_out", "update": {"address": "sip2.example.org"}}
    ),
    response=ok(SipTrunk, OUTBOUND_TRUNK),
)
contract.add_interaction(
    "a trunk being deleted",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip.delete_trunk("ST_in"),
    request=sip_request("DeleteSIPTrunk", {"sip_trunk_id": "ST_in"}),
    response=empty_success(),
)
contract.add_interaction(
    "a dispatch rule being created",
    credential=SIP_ADMIN_TOKEN,
    given=INBOUND_TRUNK_STATE,
    invoke=lambda livekit: livekit.sip.create_dispatch_rule("calls", ["ST_in"], room_prefix="call-"),
    request=sip_request("CreateSIPDispatchRule", {"dispatch_rule": CREATE_DISPATCH_RULE_BODY}),
    response=ok(SipDispatchRule, DISPATCH_RULE),
)
contract.add_interaction(
    "a dispatch rule being created for a trunk that has one",
    credential=SIP_ADMIN_TOKEN,
    given=DISPATCH_RULE_STATE,
    invoke=lambda livekit: livekit.sip.create_dispatch_rule("calls", ["ST_in"], room_prefix="call-"),
    request=sip_request("CreateSIPDispatchRule", {"dispatch_rule": CREATE_DISPATCH_RULE_BODY}),
    response=twirp_error(400, "invalid_argument"),
    raises=expected_error(RequestRejected, code="invalid_argument"),
)
contract.add_interaction(
    "the dispatch rules",
    credential=SIP_ADMIN_TOKEN,
    given=DISPATCH_RULE_STATE,
    invoke=lambda livekit: livekit.sip.list_dispatch_rules(),
    request=sip_request("ListSIPDispatchRule", {}),
    response=ok(DispatchRuleList, {"items": [DISPATCH_RULE]}),
)
contract.add_interaction(
    "a dispatch rule being renamed",
    credential=SIP_ADMIN_TOKEN,
    given=DISPATCH_RULE_STATE,
    invoke=lambda livekit: livekit.sip.rename_dispatch_rule("SDR_calls", "day"),
    request=sip_request(
        "UpdateSIPDispatchRule", {"sip_dispatch_rule_id": "SDR_calls", "update": {"name": "day"}}
    ),
    response=ok(SipDispatchRule, {**DISPATCH_RULE, "name": "day"}),
)
contract.add_interaction(
    "a dispatch rule being deleted",
    credential=SIP_ADMIN_TOKEN,
    given=DISPATCH_RULE_STATE,
    invoke=lambda livekit: livekit.sip.delete_dispatch_rule("SDR_calls"),
    request=sip_request("DeleteSIPDispatchRule", {"sip_dispatch_rule_id": "SDR_calls"}),
    response=empty_success(),
)
contract.add_interaction(
    "a dispatch rule that does not exist being deleted",
    credential=SIP_ADMIN_TOKEN,
    invoke=lambda livekit: livekit.sip.delete_dispatch_rule("SDR_gone"),
    request=sip_request("DeleteSIPDispatchRule", {"sip_dispatch_rule_id": "SDR_gone"}),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "a number being dialled and answering",
    credential=SIP_CALL_TOKEN,
    given=OUTBOUND_TRUNK_STATE,
    invoke=dial,
    request=sip_request("CreateSIPParticipant", CREATE_SIP_PARTICIPANT_BODY),
    response=ok(SipParticipant, SIP_PARTICIPANT),
)
contract.add_interaction(
    "a number being dialled that is busy",
    credential=SIP_CALL_TOKEN,
    given=(OUTBOUND_TRUNK_STATE, provider_state("a SIP peer", status=486)),
    invoke=dial,
    request=sip_request("CreateSIPParticipant", CREATE_SIP_PARTICIPANT_BODY),
    response=sip_rejection_response(429, "resource_exhausted", "486"),
    raises=expected_error(RateLimited, code="sip 486"),
)
contract.add_interaction(
    "a number being dialled that declines",
    credential=SIP_CALL_TOKEN,
    given=(OUTBOUND_TRUNK_STATE, provider_state("a SIP peer", status=603)),
    invoke=dial,
    request=sip_request("CreateSIPParticipant", CREATE_SIP_PARTICIPANT_BODY),
    response=sip_rejection_response(403, "permission_denied", "603"),
    raises=expected_error(AccessDenied, code="sip 603"),
)
contract.add_interaction(
    "a number being dialled that does not exist",
    credential=SIP_CALL_TOKEN,
    given=(OUTBOUND_TRUNK_STATE, provider_state("a SIP peer", status=404)),
    invoke=dial,
    request=sip_request("CreateSIPParticipant", CREATE_SIP_PARTICIPANT_BODY),
    response=sip_rejection_response(404, "not_found", "404"),
    raises=expected_error(NotFound, code="sip 404"),
)
contract.add_interaction(
    "a number being dialled that nobody answers",
    credential=SIP_CALL_TOKEN,
    given=(OUTBOUND_TRUNK_STATE, provider_state("a SIP peer", answers=False)),
    invoke=dial,
    request=sip_request("CreateSIPParticipant", CREATE_SIP_PARTICIPANT_BODY),
    response=twirp_error(408, "canceled"),
    raises=expected_error(RequestRejected, status=408, code="canceled"),
)
contract.add_interaction(
    "a number being dialled over a trunk that does not exist",
    credential=SIP_CALL_TOKEN,
    invoke=dial,
    request=sip_request("CreateSIPParticipant", CREATE_SIP_PARTICIPANT_BODY),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "a number being dialled while no SIP service runs",
    credential=SIP_CALL_TOKEN,
    given=(OUTBOUND_TRUNK_STATE, provider_state("a SIP peer", worker=False)),
    invoke=dial,
    request=sip_request("CreateSIPParticipant", CREATE_SIP_PARTICIPANT_BODY),
    response=twirp_error(503, "unavailable"),
    raises=expected_error(VendorUnavailable, code="unavailable"),
)
contract.add_interaction(
    "a caller being transferred",
    credential=SIP_TRANSFER_TOKEN,
    given=CALLER,
    invoke=lambda livekit: livekit.sip.transfer_sip_participant("call-1", "guest", f"tel:{CALLEE}"),
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=empty_success(),
)
contract.add_interaction(
    "a caller being transferred to a number that is busy",
    credential=SIP_TRANSFER_TOKEN,
    given=(CALLER, provider_state("a SIP peer", status=486)),
    invoke=lambda livekit: livekit.sip.transfer_sip_participant("call-1", "guest", f"tel:{CALLEE}"),
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=sip_rejection_response(429, "resource_exhausted", "486"),
    raises=expected_error(RateLimited, code="sip 486"),
)
contract.add_interaction(
    "a caller being transferred to a number that nobody answers",
    credential=SIP_TRANSFER_TOKEN,
    given=(CALLER, provider_state("a SIP peer", answers=False)),
    invoke=lambda livekit: livekit.sip.transfer_sip_participant("call-1", "guest", f"tel:{CALLEE}"),
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=twirp_error(408, "deadline_exceeded"),
    raises=expected_error(RequestRejected, code="deadline_exceeded"),
)
contract.add_interaction(
    "a caller who has hung up being transferred",
    credential=SIP_TRANSFER_TOKEN,
    given=provider_state("a room", name="call-1"),
    invoke=lambda livekit: livekit.sip.transfer_sip_participant("call-1", "guest", f"tel:{CALLEE}"),
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "somebody who is not on the telephone being transferred",
    credential=SIP_TRANSFER_TOKEN,
    given=provider_state("a participant in a room", room="call-1", identity="guest"),
    invoke=lambda livekit: livekit.sip.transfer_sip_participant("call-1", "guest", f"tel:{CALLEE}"),
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=twirp_error(400, "invalid_argument"),
    raises=expected_error(RequestRejected, code="invalid_argument"),
)
