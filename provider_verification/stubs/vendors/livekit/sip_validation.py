"""What LiveKit checks in SIP trunks, headers and numbers. The messages are those of the recorded server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from livekit.protocol.sip import SIPInboundTrunkInfo, SIPOutboundTrunkInfo

from provider_verification.stubs.vendors.livekit.twirp_errors import TwirpRejection, go_quote

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
    """Check that no other inbound trunk takes the same calls, and that the new one names nothing twice.

    Raises:
        TwirpRejection: a call would match twice; the message names both trunks and the numbers of the new one.
    """
    taken: dict[tuple[str, str], str] = {}
    for other in others:
        taken |= dict.fromkeys((call for call, _ in _matched_calls(other)), other.sip_trunk_id)
    for call, caller in _matched_calls(new):
        if call in taken:
            # Recorded: the new trunk has no id in the message. The order of the two is not always the same.
            names = f'"<new>" and {go_quote(taken[call])}'
            restriction = f"and AllowedNumber {go_quote(caller)}" if caller else "without AllowedNumbers set"
            raise TwirpRejection(
                f"Conflicting inbound SIP Trunks: {names}, "
                f"using the same number(s) {_print_numbers(new.numbers)} {restriction}"
            )
        taken[call] = "<new>"


def _matched_calls(trunk: SIPInboundTrunkInfo) -> Iterator[tuple[tuple[str, str], str]]:
    """Called and calling number of the calls that a trunk takes, and the latter as given; an empty text stands for any."""
    for number in trunk.numbers or ("",):
        for caller in trunk.allowed_numbers or ("",):
            yield (normalize_number(number), normalize_number(caller)), caller


def _print_numbers(numbers: Iterable[str]) -> str:
    quoted = " ".join(map(go_quote, numbers))
    return f"[{quoted}]" if quoted else "<any>"


def normalize_number(number: str) -> str:
    """A phone number as `+` and digits; a text without digits is returned as it is."""
    digits = re.sub(r"\D", "", number)
    return f"+{digits}" if digits else number
