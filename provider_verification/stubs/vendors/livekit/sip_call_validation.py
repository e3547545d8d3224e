"""What LiveKit checks in outgoing calls and transfers. The messages are those of the recorded server."""

from __future__ import annotations

import re

from livekit.protocol.sip import CreateSIPParticipantRequest, SIPOutboundConfig, TransferSIPParticipantRequest

from provider_verification.stubs.vendors.livekit.sip_headers import check_header_names, check_headers
from provider_verification.stubs.vendors.livekit.sip_validation import is_sip_uri
from provider_verification.stubs.vendors.livekit.twirp_errors import UNKNOWN_PREFIX, TwirpRejection

MAX_DISPLAY_NAME_BYTES = 128
COUNTRY_CODE_PATTERN = re.compile(r"(?!XX)[A-Z]{2}")
QUOTED_TEXT_PATTERN = re.compile(
    r'(?:[^"\\\n]|\\(?:[abfnrtv\\"]|x[0-9a-fA-F]{2}|[0-3][0-7]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*'
)
"""What may stand between quotation marks in Go."""
TRANSFER_TARGET_PATTERN = re.compile(r"(sips?|tel):.*|<(sips?|tel):.*>", re.DOTALL)


def check_call(message: CreateSIPParticipantRequest) -> None:
    """Check an outgoing call, in the order in which the server checks it.

    Raises:
        TwirpRejection: a field is missing or not allowed.
    """
    has_inline_trunk = message.HasField("trunk")
    if not message.sip_trunk_id and not message.sip_number and not has_inline_trunk:
        raise TwirpRejection("missing sip trunk id and sip number")
    if has_inline_trunk:
        _check_inline_trunk(message.trunk)
    if not message.sip_call_to:
        raise TwirpRejection("missing sip callee number")
    if "@" in message.sip_call_to:
        raise TwirpRejection("SipCallTo should be a phone number or SIP user, not a full SIP URI")
    if not message.room_name:
        raise TwirpRejection("missing room name")
    _check_display_name(message.display_name)
    _check_destination(message)
    check_headers(message.headers)
    # Recorded: this error has another code and the prefix, unlike the other checks.
    if has_inline_trunk and not message.sip_number:
        raise TwirpRejection(f"{UNKNOWN_PREFIX}no numbers on outbound trunk", "failed_precondition")


def _check_inline_trunk(trunk: SIPOutboundConfig) -> None:
    if not trunk.hostname:
        raise TwirpRejection("no outbound hostname specified")
    if "transport=" in trunk.hostname:
        raise TwirpRejection("trunk hostname should not contain transport parameter")
    if is_sip_uri(trunk.hostname):
        raise TwirpRejection("trunk hostname should be a domain name or IP, not SIP URI")
    check_header_names(trunk.attributes_to_headers.values())
    check_header_names(trunk.headers_to_attributes)


def _check_display_name(name: str) -> None:
    if len(name.encode()) > MAX_DISPLAY_NAME_BYTES:
        raise TwirpRejection(f"DisplayName too long (max {MAX_DISPLAY_NAME_BYTES} characters)")
    if not QUOTED_TEXT_PATTERN.fullmatch(name):
        raise TwirpRejection("DisplayName must be a valid quoted string: invalid syntax")


def _check_destination(message: CreateSIPParticipantRequest) -> None:
    destination = message.destination
    if destination.city and not destination.country and not destination.region:
        raise TwirpRejection("if city is specified, country or region must also be specified")
    if destination.country and not COUNTRY_CODE_PATTERN.fullmatch(destination.country):
        raise TwirpRejection(
            "country must be a valid ISO 3166-1 alpha-2 code (2-letter like 'US', 'IN', 'UK')"
        )


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
