"""Calls over SIP: dialled, and transferred. What the other end does is set by a provider state."""

from __future__ import annotations

import re
from typing import Any

from livekit.protocol.models import Room
from livekit.protocol.sip import (
    CreateSIPParticipantRequest,
    SIPOutboundTrunkInfo,
    SIPParticipantInfo,
    TransferSIPParticipantRequest,
)

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.hooks import twirp_error
from provider_verification.stubs.vendors.livekit.participants import no_response_error, participant_not_found
from provider_verification.stubs.vendors.livekit.sip_trunks import (
    TwirpRejection,
    check_headers,
    trunk_not_found,
)
from provider_verification.stubs.vendors.livekit.state import LiveKitState

SIP_REASON_PHRASES = {
    302: "Moved Temporarily", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
    480: "Temporarily Unavailable", 484: "Address Incomplete", 486: "Busy Here", 488: "Not Acceptable Here",
    500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 600: "Busy Everywhere",
    603: "Decline", 607: "Unwanted",
}  # fmt: skip
TWIRP_CODE_BY_SIP_STATUS = {
    302: "not_found", 403: "permission_denied", 404: "not_found", 405: "invalid_argument", 408: "deadline_exceeded",
    480: "resource_exhausted", 484: "invalid_argument", 486: "resource_exhausted", 488: "invalid_argument",
    500: "failed_precondition", 501: "failed_precondition", 503: "failed_precondition", 600: "resource_exhausted",
    603: "permission_denied", 607: "permission_denied",
}  # fmt: skip
"""By the SIP status of the other end: the Twirp code, recorded from the real server."""

STATUSES_OF_FAILED_INVITE = {404, 480, 486, 488}
NAME_LIMIT = 128
TRANSFER_TARGET_PATTERN = re.compile(r"(sips?|tel):\S+")


def sip_error(status: int, message: str) -> StubResponse:
    """The other end refused; `meta` has its status."""
    reason = SIP_REASON_PHRASES[status]
    text = f"twirp error unknown: {message}sip status: {status}: {reason}"
    return twirp_error(
        TWIRP_CODE_BY_SIP_STATUS[status],
        text,
        error_details="",
        sip_status=reason,
        sip_status_code=str(status),
    )


@stub.operation("CreateSIPParticipant")
def create_sip_participant(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Call a number; with `wait_until_answered` its refusal is the answer, without it only the participant leaves."""
    request = protojson.from_dict(call.body, CreateSIPParticipantRequest())
    try:
        _check(request)
    except TwirpRejection as refused:
        return refused.answer
    trunk = server.trunks.get(request.sip_trunk_id)
    if request.sip_trunk_id and not isinstance(trunk, SIPOutboundTrunkInfo):
        return trunk_not_found()
    if not server.sip_service_running:
        return no_response_error()
    failed = _not_answered(server, request) if request.wait_until_answered else None
    return failed or _connected(server, request, trunk)


def _not_answered(server: LiveKitState, request: CreateSIPParticipantRequest) -> StubResponse | None:
    if not server.remote_answers:
        how = "canceled" if request.HasField("ringing_timeout") else "deadline_exceeded"
        return twirp_error(how, "twirp error unknown: sip request timed out")
    if not server.remote_sip_status:
        return None
    how = (
        "INVITE failed: "
        if server.remote_sip_status in STATUSES_OF_FAILED_INVITE
        else "unexpected status from INVITE response: "
    )
    return sip_error(server.remote_sip_status, how)


def _connected(server: LiveKitState, request: CreateSIPParticipantRequest, trunk: Any) -> StubResponse:
    host = trunk.address if trunk else request.trunk.hostname
    if not host:
        return twirp_error(
            "invalid_argument", "twirp error unknown: invalid request URI: address must be set"
        )
    identity = request.participant_identity or f"sip_{request.sip_call_to}"
    server.open_room(Room(name=request.room_name))
    attributes = _attributes(server, request, host, request.sip_number or trunk.numbers[0])
    joined = server.join(request.room_name, identity, attributes, kind="SIP")
    del joined.capabilities[:]
    joined.name, joined.metadata = request.participant_name, request.participant_metadata
    server.publish(request.room_name, identity, identity)
    made = SIPParticipantInfo(
        participant_id=joined.sid,
        participant_identity=identity,
        room_name=request.room_name,
        sip_call_id=attributes["sip.callID"],
    )
    return ok(protojson.to_twirp_json(made))


def _attributes(
    server: LiveKitState, request: CreateSIPParticipantRequest, host: str, number: str
) -> dict[str, str]:
    answered = server.remote_answers and not server.remote_sip_status
    call = server.new_id("SCL")
    found = {"sip.callID": call, "sip.callStatus": "active" if answered else "ringing"}
    if not request.hide_phone_number:
        found |= {
            "sip.phoneNumber": request.sip_call_to,
            "sip.hostname": host,
            "sip.trunkPhoneNumber": number,
        }
    if request.sip_trunk_id:
        found["sip.trunkID"] = request.sip_trunk_id
    if answered:
        found |= {"sip.callIDFull": f"{call}@stub", "sip.callTag": "stub"}
    return {**found, **request.participant_attributes}


def _check(request: CreateSIPParticipantRequest) -> None:
    inline = request.HasField("trunk")
    if not request.sip_trunk_id and not request.sip_number and not inline:
        raise TwirpRejection("missing sip trunk id and sip number")
    if not request.sip_call_to:
        raise TwirpRejection("missing sip callee number")
    if not request.room_name:
        raise TwirpRejection("missing room name")
    if "@" in request.sip_call_to:
        raise TwirpRejection("SipCallTo should be a phone number or SIP user, not a full SIP URI")
    if len(request.display_name) > NAME_LIMIT:
        raise TwirpRejection(f"DisplayName too long (max {NAME_LIMIT} characters)")
    check_headers(request.headers)
    _check_destination(request)
    if inline and not request.trunk.hostname:
        raise TwirpRejection("no outbound hostname specified")
    if inline and not request.sip_number:
        raise TwirpRejection("twirp error unknown: no numbers on outbound trunk", "failed_precondition")


def _check_destination(request: CreateSIPParticipantRequest) -> None:
    where = request.destination
    if where.country and (not re.fullmatch("[A-Z]{2}", where.country) or where.country == "XX"):
        raise TwirpRejection(
            "country must be a valid ISO 3166-1 alpha-2 code (2-letter like 'US', 'IN', 'UK')"
        )
    if where.city and not where.country and not where.region:
        raise TwirpRejection("if city is specified, country or region must also be specified")


@stub.operation("TransferSIPParticipant")
def transfer(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Hand a call to another number; when this is answered the caller is still there, and leaves a second later."""
    request = protojson.from_dict(call.body, TransferSIPParticipantRequest())
    try:
        _check_transfer(request)
    except TwirpRejection as refused:
        return refused.answer
    person = server.participants.get(request.room_name, {}).get(request.participant_identity)
    if person is None:
        return participant_not_found()
    return _asked_to_transfer(server, on_the_phone="sip.callID" in person.attributes)


def _asked_to_transfer(server: LiveKitState, *, on_the_phone: bool) -> StubResponse:
    if not server.sip_service_running:
        return no_response_error()
    if not on_the_phone:
        return twirp_error(
            "invalid_argument", "twirp error unknown: no SIP session associated with participant"
        )
    if not server.remote_answers:
        return twirp_error("deadline_exceeded", "twirp error unknown: request timed out")
    return (
        sip_error(server.remote_sip_status, "call transfer failed: ") if server.remote_sip_status else ok({})
    )


def _check_transfer(request: TransferSIPParticipantRequest) -> None:
    if not request.room_name:
        raise TwirpRejection("twirp error unknown: Missing room name")
    if not request.participant_identity:
        raise TwirpRejection("twirp error unknown: Missing participant identity")
    if not request.transfer_to:
        raise TwirpRejection("missing transfer to")
    if not TRANSFER_TARGET_PATTERN.fullmatch(request.transfer_to):
        raise TwirpRejection("transfer_to must be a valid SIP(s) or TEL URI (sip:, sips: or tel:)")
    check_headers(request.headers)
