"""What LiveKit checks in SIP trunks. The messages are those of the recorded server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from livekit.protocol.sip import SIPInboundTrunkInfo, SIPOutboundTrunkInfo

from provider_verification.stubs.vendors.livekit.sip_headers import (
    check_header_names,
    check_headers,
    normalize_number,
)
from provider_verification.stubs.vendors.livekit.twirp_errors import TwirpRejection, go_quote

UNRESTRICTED_TRUNK_MESSAGE = (
    "for security, one of the fields must be set: AuthUsername+AuthPassword, AllowedAddresses or Numbers"
)


def check_trunk(trunk: Any) -> None:
    """Check an inbound or outbound trunk.

    Raises:
        TwirpRejection: a field is missing or not allowed.
    """
    if isinstance(trunk, SIPInboundTrunkInfo):
        # The server's code: one of the two is enough, although its message says both.
        has_credentials = trunk.auth_username or trunk.auth_password
        if not (trunk.numbers or trunk.allowed_addresses or has_credentials):
            raise TwirpRejection(UNRESTRICTED_TRUNK_MESSAGE)
    else:
        _check_outbound(trunk)
    check_headers(trunk.headers)
    check_header_names(trunk.attributes_to_headers.values())
    check_header_names(trunk.headers_to_attributes)


def _check_outbound(trunk: SIPOutboundTrunkInfo) -> None:
    if not trunk.numbers:
        raise TwirpRejection("no trunk numbers specified")
    if not trunk.address:
        raise TwirpRejection("no outbound address specified")
    if "transport=" in trunk.address:
        raise TwirpRejection("trunk address should not contain transport parameter")
    if is_sip_uri(trunk.address):
        raise TwirpRejection("trunk address should be a hostname or IP, not SIP URI")


def is_sip_uri(address: str) -> bool:
    """Whether the server takes an address for a URI, and not for the name of a host."""
    return address.startswith(("sip:", "sips:")) or "@" in address or ";" in address


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
                f"using the same number(s) {_print_numbers(new.numbers)} {restriction}",
                depends_on_state=True,
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
