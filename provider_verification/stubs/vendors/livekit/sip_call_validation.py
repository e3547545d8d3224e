"""What LiveKit checks in outgoing calls and transfers. The messages are those of the recorded server."""

from __future__ import annotations

import re

from livekit.protocol.sip import CreateSIPParticipantRequest, TransferSIPParticipantRequest

from provider_verification.stubs.vendors.livekit.sip_validation import check_headers
from provider_verification.stubs.vendors.livekit.twirp_errors import UNKNOWN_PREFIX, TwirpRejection

MAX_DISPLAY_NAME_CHARACTERS = 128
COUNTRY_CODE_PATTERN = re.compile(r"(?!XX)[A-Z]{2}")
TRANSFER_TARGET_PATTERN = re.compile(r"(sips?|tel):\S+")


def check_call(message: CreateSIPParticipantRequest) -> None:
    """Check an outgoing call, in the order in which the server checks it.

    Raises:
        TwirpRejection: a field is missing or not allowed.
    """
    has_inline_trunk = message.HasField("trunk")
    if not message.sip_trunk_id and not message.sip_number and not has_inline_trunk:
        raise TwirpRejection("missing sip trunk id and sip number")
    if not message.sip_call_to:
        raise TwirpRejection("missing sip callee number")
    if not message.room_name:
        raise TwirpRejection("missing room name")
    if "@" in message.sip_call_to:
        raise TwirpRejection("SipCallTo should be a phone number or SIP user, not a full SIP URI")
    if len(message.display_name) > MAX_DISPLAY_NAME_CHARACTERS:
        raise TwirpRejection(f"DisplayName too long (max {MAX_DISPLAY_NAME_CHARACTERS} characters)")
    check_headers(message.headers)
    _check_destination(message)
    if has_inline_trunk and not message.trunk.hostname:
        raise TwirpRejection("no outbound hostname specified")
    # Recorded: this error has another code and the prefix, unlike the other checks.
    if has_inline_trunk and not message.sip_number:
        raise TwirpRejection(f"{UNKNOWN_PREFIX}no numbers on outbound trunk", "failed_precondition")


def _check_destination(message: CreateSIPParticipantRequest) -> None:
    destination = message.destination
    if destination.country and not COUNTRY_CODE_PATTERN.fullmatch(destination.country):
        raise TwirpRejection(
            "country must be a valid ISO 3166-1 alpha-2 code (2-letter like 'US', 'IN', 'UK')"
        )
    if destination.city and not destination.country and not destination.region:
        raise TwirpRejection("if city is specified, country or region must also be specified")


def check_transfer(message: TransferSIPParticipantRequest) -> None:
    """Check a transfer, in the order in which the server checks it.

    Raises:
        TwirpRejection: a field is missing or not allowed.
    """
    if not message.room_name:
        raise TwirpRejection(f"{UNKNOWN_PREFIX}Missing room name")
    if not message.participant_identity:
        raise TwirpRejection(f"{UNKNOWN_PREFIX}Missing participant identity")
    if not message.transfer_to:
        raise TwirpRejection("missing transfer to")
    if not TRANSFER_TARGET_PATTERN.fullmatch(message.transfer_to):
        raise TwirpRejection("transfer_to must be a valid SIP(s) or TEL URI (sip:, sips: or tel:)")
    check_headers(message.headers)
