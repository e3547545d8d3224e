"""LiveKit's SIP service: outgoing calls and transfers. Provider states decide what the remote party does."""

from __future__ import annotations

from typing import Any

from livekit.protocol.sip import (
    CreateSIPParticipantRequest,
    SIPParticipantInfo,
    TransferSIPParticipantRequest,
)

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.sip_call_validation import check_call, check_transfer
from provider_verification.stubs.vendors.livekit.sip_errors import sip_error
from provider_verification.stubs.vendors.livekit.sip_trunks import find_outbound_trunk
from provider_verification.stubs.vendors.livekit.state import LiveKitState
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    UNKNOWN_PREFIX,
    TwirpRejection,
    no_response_error,
    participant_not_found,
    respond_to_rejections,
    twirp_error,
)

STATUSES_OF_FAILED_INVITE = {404, 480, 486, 488}
"""Recorded: these statuses have another error text than the rest."""


@stub.operation("CreateSIPParticipant")
@respond_to_rejections
def create_sip_participant(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Call a number. Only with `wait_until_answered` a rejected call is an error response."""
    message = protojson.from_dict(request.body, CreateSIPParticipantRequest())
    check_call(message)
    trunk = find_outbound_trunk(state, message.sip_trunk_id) if message.sip_trunk_id else None
    if not state.sip_service_running:
        return no_response_error()
    error = _unanswered_call_error(state, message) if message.wait_until_answered else None
    return error or _start_call(state, message, trunk)


def _unanswered_call_error(state: LiveKitState, message: CreateSIPParticipantRequest) -> StubResponse | None:
    if not state.remote_answers:
        # Recorded: a ringing_timeout that expires is `canceled`; without one the request itself expires.
        if message.HasField("ringing_timeout"):
            return twirp_error("canceled", f"{UNKNOWN_PREFIX}sip request timed out")
        return twirp_error("deadline_exceeded", f"{UNKNOWN_PREFIX}request timed out")
    if not state.remote_sip_status:
        return None
    if state.remote_sip_status in STATUSES_OF_FAILED_INVITE:
        return sip_error(state.remote_sip_status, "INVITE failed: ")
    return sip_error(state.remote_sip_status, "unexpected status from INVITE response: ")


def _start_call(state: LiveKitState, message: CreateSIPParticipantRequest, trunk: Any) -> StubResponse:
    host = trunk.address if trunk else message.trunk.hostname
    if not host:
        raise TwirpRejection(f"{UNKNOWN_PREFIX}invalid request URI: address must be set")
    # Recorded: the server derives a missing identity from the called number.
    identity = message.participant_identity or f"sip_{message.sip_call_to}"
    attributes = _call_attributes(state, message, host, message.sip_number or trunk.numbers[0])
    participant = state.join(message.room_name, identity, attributes, kind="SIP")
    # Recorded: participants of the SIP service have no client capabilities.
    del participant.capabilities[:]
    participant.name, participant.metadata = message.participant_name, message.participant_metadata
    state.publish(message.room_name, identity, identity)
    info = SIPParticipantInfo(
        participant_id=participant.sid,
        participant_identity=identity,
        room_name=message.room_name,
        sip_call_id=attributes["sip.callID"],
    )
    return ok(protojson.to_twirp_json(info))


def _call_attributes(
    state: LiveKitState, message: CreateSIPParticipantRequest, host: str, number: str
) -> dict[str, str]:
    """The `sip.*` attributes of the participant; `hide_phone_number` also hides host and trunk number."""
    is_answered = state.remote_answers and not state.remote_sip_status
    call_id = state.new_id("SCL")
    attributes = {"sip.callID": call_id, "sip.callStatus": "active" if is_answered else "ringing"}
    if not message.hide_phone_number:
        attributes |= {
            "sip.phoneNumber": message.sip_call_to,
            "sip.hostname": host,
            "sip.trunkPhoneNumber": number,
        }
    if message.sip_trunk_id:
        attributes["sip.trunkID"] = message.sip_trunk_id
    if is_answered:
        attributes |= {"sip.callIDFull": f"{call_id}@stub", "sip.callTag": "stub"}
    return {**attributes, **message.participant_attributes}


@stub.operation("TransferSIPParticipant")
@respond_to_rejections
def transfer(state: LiveKitState, request: StubRequest) -> StubResponse:
    """Transfer a call. Recorded: the caller is still in the room at the response and leaves about a second later."""
    message = protojson.from_dict(request.body, TransferSIPParticipantRequest())
    check_transfer(message)
    participant = state.participants.get(message.room_name, {}).get(message.participant_identity)
    if participant is None:
        return participant_not_found()
    if not state.sip_service_running:
        return no_response_error()
    if "sip.callID" not in participant.attributes:
        raise TwirpRejection(
            f"{UNKNOWN_PREFIX}no SIP session associated with participant", depends_on_state=True
        )
    if not state.remote_answers:
        return twirp_error("deadline_exceeded", f"{UNKNOWN_PREFIX}request timed out")
    if state.remote_sip_status:
        # Recorded: a refused request has another text than a transfer that was accepted and failed.
        stage = "" if state.remote_refuses_transfer else "call transfer failed: "
        return sip_error(state.remote_sip_status, stage)
    return ok({})
