"""What LiveKit checks in SIP headers and telephone numbers. Source: `livekit/protocol`, `livekit/sip*.go`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from provider_verification.stubs.vendors.livekit.twirp_errors import TwirpRejection

MAX_NAME_BYTES, MAX_VALUE_BYTES = 255, 1024
NAME_PATTERN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
CONTROL_CHARACTER_PATTERN = re.compile(r"[\x00-\x1f\x7f]")
NUMBER_PATTERN = re.compile(r"\+?[0-9 ()-]+")
FORBIDDEN_HEADERS = {
    "accept", "accept-encoding", "accept-language", "allow", "allow-events", "call-id", "contact", "content-encoding",
    "content-length", "content-type", "cseq", "event", "expires", "from", "max-forwards", "record-route", "refer-to",
    "reply-to", "k", "l", "m", "o", "r", "t", "u", "v",
}  # fmt: skip
"""Names of headers that belong to SIP itself, and their short forms."""


def check_headers(headers: Mapping[str, str]) -> None:
    """Check headers that are to be sent.

    Raises:
        TwirpRejection: a name is not allowed or belongs to SIP itself, or a value is not allowed.
    """
    for name, value in headers.items():
        check_header_names([name])
        if name.lower() in FORBIDDEN_HEADERS:
            raise TwirpRejection(f"invalid header name: header name {name} not supported")
        if len(value.encode()) > MAX_VALUE_BYTES:
            reason = f"value too long (max {MAX_VALUE_BYTES} characters)"
            raise TwirpRejection(f"invalid header value for {name}: header {name}: {reason}")
        if CONTROL_CHARACTER_PATTERN.search(value):
            raise TwirpRejection(f"invalid header value for {name}: header {name}: value: invalid character")


def check_header_names(names: Iterable[str]) -> None:
    """Check names of headers.

    Raises:
        TwirpRejection: one is empty, too long, or has a character that is not allowed.
    """
    for name in names:
        if not name:
            raise TwirpRejection("invalid header name: header name cannot be empty")
        if len(name.encode()) > MAX_NAME_BYTES:
            raise TwirpRejection(
                f"invalid header name: header name too long (max {MAX_NAME_BYTES} characters)"
            )
        if not NAME_PATTERN.fullmatch(name):
            raise TwirpRejection(f"invalid header name: header name {name} contains invalid characters")


def normalize_number(number: str) -> str:
    """A telephone number as `+` and digits; a text that is none is returned as it is."""
    if not NUMBER_PATTERN.fullmatch(number):
        return number
    return f"+{re.sub(r'[^0-9]', '', number)}"
