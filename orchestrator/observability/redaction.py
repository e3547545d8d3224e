"""Personal data that must not leave: found in text, and replaced."""

from __future__ import annotations

import re
from typing import Any

REDACTED = "[REDACTED]"
SENSITIVE_FIELD_NAMES = frozenset(
    {
        "address", "card_number", "cvv", "date_of_birth", "email", "expiry", "first_name", "from_number", "guest_input",
        "guest_name", "last_name", "name", "passport", "passport_number", "password", "phone", "phone_number", "text",
        "authorization", "api_key", "x_api_key", "access_token", "refresh_token", "token", "secret",
    }
)  # fmt: skip
"""Fields whose whole value is personal or secret, whatever it looks like."""

_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_DIGITS = re.compile(
    r"(?P<id>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)|(?<![\w.])\+?\d(?:[ ().\-/]?\d){6,18}(?![\w])"
)
_PASSPORT = re.compile(r"\b(?=[A-Z0-9]*\d[A-Z0-9]*\d[A-Z0-9]*\d)[A-Z][A-Z0-9]{7,8}\b")
_BEARER = re.compile(r"(?i)\bbearer\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bvh_\w+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def redact_text(text: str) -> str:
    """The text without e-mail addresses, card, telephone and passport numbers, and tokens.

    A date (`2027-05-01`) is left as it is, and an id of ours (a UUID), whatever digits are in it.
    """
    for pattern in (_BEARER, _EMAIL):
        text = pattern.sub(REDACTED, text)
    text = _DIGITS.sub(_number, text)
    return _PASSPORT.sub(REDACTED, text)


def redact_value(value: Any, key: str = "") -> Any:
    """The same for a value of any shape; what stands under a personal key is replaced whole."""
    if key.lower().replace("-", "_") in SENSITIVE_FIELD_NAMES and value not in (None, "", [], {}):
        return REDACTED
    if isinstance(value, dict):
        return {redact_text(str(name)): redact_value(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(item) for item in value]
    return redact_text(value) if isinstance(value, str) else value


def _number(match: re.Match[str]) -> str:
    return match[0] if match["id"] or _DATE.match(match[0]) else REDACTED
