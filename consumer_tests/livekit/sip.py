"""Outgoing SIP calls and transfers."""

from __future__ import annotations

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
from orchestrator.vendors.livekit.models import SipParticipant, TwirpError

SIP_CALL_TOKEN = token_with_grants(sip={"call": True})
SIP_TRANSFER_TOKEN = token_with_grants(video={"roomAdmin": True, "room": "call-1"}, sip={"call": True})
NUMBER, CALLEE = "+4930111111", "+4930222222"
OUTBOUND_TRUNK_STATE = provider_state("an outbound trunk", id="ST_out", number=NUMBER)
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
TRANSFER_BODY = {
    "room_name": "call-1",
    "participant_identity": "guest",
    "transfer_to": f"tel:{CALLEE}",
    "ringing_timeout": "30s",
}
CALLER = provider_state(
    "a participant in a room", room="call-1", identity="guest", kind="SIP", attributes={"sip.callID": "SCL_example"}
)  # fmt: skip
NOT_FOUND_ERROR = expected_error(NotFound, code="not_found")


async def dial(livekit: LiveKitClient) -> SipParticipant:
    """Dial the callee and let the telephone ring for half a minute."""
    return await livekit.sip.create_sip_participant(
        "ST_out", CALLEE, caller_number=NUMBER, room="call-1", identity="guest", ringing_seconds=30
    )


async def transfer(livekit: LiveKitClient) -> None:
    """Transfer the caller and let the telephone ring for half a minute."""
    await livekit.sip.transfer_sip_participant("call-1", "guest", f"tel:{CALLEE}", ringing_seconds=30)


def sip_request(method: str, body: dict[str, Any]) -> Request:
    """A request to the SIP service."""
    return twirp_request(method, body, "SIP")


def sip_rejection_response(status: int, sip_status: str) -> Response:
    """The response if the other end rejects the call with a SIP status."""
    return error_response(status, TwirpError, {"meta": {"sip_status_code": sip_status}})


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
    response=sip_rejection_response(429, "486"),
    raises=expected_error(RateLimited, code="sip 486"),
)
contract.add_interaction(
    "a number being dialled that declines",
    credential=SIP_CALL_TOKEN,
    given=(OUTBOUND_TRUNK_STATE, provider_state("a SIP peer", status=603)),
    invoke=dial,
    request=sip_request("CreateSIPParticipant", CREATE_SIP_PARTICIPANT_BODY),
    response=sip_rejection_response(403, "603"),
    raises=expected_error(AccessDenied, code="sip 603"),
)
contract.add_interaction(
    "a number being dialled that does not exist",
    credential=SIP_CALL_TOKEN,
    given=(OUTBOUND_TRUNK_STATE, provider_state("a SIP peer", status=404)),
    invoke=dial,
    request=sip_request("CreateSIPParticipant", CREATE_SIP_PARTICIPANT_BODY),
    response=sip_rejection_response(404, "404"),
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
    invoke=transfer,
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=empty_success(),
)
contract.add_interaction(
    "a caller being transferred to a number that is busy",
    credential=SIP_TRANSFER_TOKEN,
    given=(CALLER, provider_state("a SIP peer", status=486)),
    invoke=transfer,
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=sip_rejection_response(429, "486"),
    raises=expected_error(RateLimited, code="sip 486"),
)
contract.add_interaction(
    "a caller being transferred to a number that declines",
    credential=SIP_TRANSFER_TOKEN,
    given=(CALLER, provider_state("a SIP peer", status=603)),
    invoke=transfer,
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=sip_rejection_response(403, "603"),
    raises=expected_error(AccessDenied, code="sip 603"),
)
contract.add_interaction(
    "a caller being transferred to a number that nobody answers",
    credential=SIP_TRANSFER_TOKEN,
    given=(CALLER, provider_state("a SIP peer", answers=False)),
    invoke=transfer,
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=twirp_error(408, "deadline_exceeded"),
    raises=expected_error(RequestRejected, code="deadline_exceeded"),
)
contract.add_interaction(
    "a caller who has hung up being transferred",
    credential=SIP_TRANSFER_TOKEN,
    given=provider_state("a room", name="call-1"),
    invoke=transfer,
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=twirp_error(404, "not_found"),
    raises=NOT_FOUND_ERROR,
)
contract.add_interaction(
    "somebody who is not on the telephone being transferred",
    credential=SIP_TRANSFER_TOKEN,
    given=provider_state("a participant in a room", room="call-1", identity="guest"),
    invoke=transfer,
    request=sip_request("TransferSIPParticipant", TRANSFER_BODY),
    response=twirp_error(400, "invalid_argument"),
    raises=expected_error(RequestRejected, code="invalid_argument"),
)
