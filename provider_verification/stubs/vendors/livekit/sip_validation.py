"""What LiveKit checks in SIP trunks, headers and numbers. The messages are those of the recorded server."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from livekit.protocol.sip import SIPInboundTrunkInfo, SIPOutboundTrunkInfo

from provider_verification.stubs.vendors.livekit.twirp_errors import TwirpRejection

UNRESTRICTED_TRUNK_MESSAGE = (
    "for security, one of the fields must be set: AuthUsername+AuthPassword, AllowedAddresses or Numbers"
)
RESERVED_HEADERS = {"call-id", "contact", "cseq", "from", "max-forwards", "route", "to", "via"}


def check_trunk(trunk: Any) -> None:
    """Check an inbound or outbound trunk.

    Raises:
        TwirpRejection: a field is missing or not allowed.
    """
    if isinstance(trunk, SIPInboundTrunkInfo):
        has_credentials = trunk.auth_username and trunk.auth_password
        if not (trunk.numbers or trunk.allowed_addresses or has_credentials):
            raise TwirpRejection(UNRESTRICTED_TRUNK_MESSAGE)
    else:
        _check_outbound(trunk)
    check_headers(trunk.headers)


def _check_outbound(trunk: SIPOutboundTrunkInfo) -> None:
    if not trunk.numbers:
        raise TwirpRejection("no trunk numbers specified")
    if not trunk.address:
        raise TwirpRejection("no outbound address specified")
    if "transport=" in trunk.address:
        raise TwirpRejection("trunk address should not contain transport parameter")
    if trunk.address.startswith(("sip:", "sips:")):
        raise TwirpRejection("trunk address should be a hostname or IP, not SIP URI")


def check_headers(headers: Iterable[str]) -> None:
    """Check that no header belongs to SIP itself.

    Raises:
        TwirpRejection: one does; the message names it.
    """
    for name in headers:
        if name.lower() in RESERVED_HEADERS:
            raise TwirpRejection(f"invalid header name: header name {name} not supported")


def check_conflicts(new: SIPInboundTrunkInfo, others: Iterable[SIPInboundTrunkInfo]) -> None:
    """Check that no other inbound trunk takes the same calls.

    Raises:
        TwirpRejection: one does; the message names it and the shared numbers.
    """
    new_numbers = set(map(normalize_number, new.numbers))
    for other in others:
        other_numbers = set(map(normalize_number, other.numbers))
        shared = new_numbers & other_numbers if new_numbers or other_numbers else {"any"}
        shared_callers = set(new.allowed_numbers) & set(other.allowed_numbers)
        both_unrestricted = not new.allowed_numbers and not other.allowed_numbers
        if shared and (shared_callers or both_unrestricted):
            names = f'"<new>" and "{other.sip_trunk_id}"'
            raise TwirpRejection(
                f"Conflicting inbound SIP Trunks: {names}, using the same number(s) {sorted(shared)}"
            )


def normalize_number(number: str) -> str:
    """A phone number as `+` and digits; a text without digits is returned as it is."""
    digits = re.sub(r"\D", "", number)
    return f"+{digits}" if digits else number
