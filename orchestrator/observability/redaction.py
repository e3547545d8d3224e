"""Removes personal data and secrets from text and JSON values.

Every step takes time linear in the length of the text: patterns start only at the beginning of a run of characters and
use possessive quantifiers, so that no position is read more than a bounded number of times.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from orchestrator.observability.digit_redaction import redact_numbers

REDACTED = "[REDACTED]"
MAX_TEXT_CHARACTERS = 10_000
"""Longer texts are cut, which bounds the time that one value costs."""
TRUNCATED = "[TRUNCATED]"
SENSITIVE_FIELD_NAMES = frozenset(
    {
        "address", "card_number", "cvv", "date_of_birth", "email", "expiry", "first_name", "from_number", "guest_input",
        "guest_name", "iban", "last_name", "name", "passport", "passport_number", "password", "phone", "phone_number",
        "text", "authorization", "api_key", "x_api_key", "access_token", "refresh_token", "token", "secret",
    }
)  # fmt: skip
"""Fields whose whole value is personal or secret, whatever it looks like."""

_BEARER = re.compile(r"(?i)\bbearer\s{1,16}+\S++")
_API_KEY = re.compile(r"\bvh_\w++")
_DOTTED_RUN = re.compile(r"(?<![\w.-])[\w.-]{10,}+")
# `eyJ` is the base64 of `{"`, with which the header of every JWT starts
_JWT_HEADER = re.compile(r"(?<![A-Za-z0-9])eyJ")
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)*+")
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \u00a0]?[A-Za-z0-9]{4}){2,7}(?:[ \u00a0]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
)
_PASSPORT = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]{7,8}(?![A-Za-z0-9])")
_LOWER_CASE_PASSPORT = re.compile(r"(?<![\w.:/-])[A-Za-z][A-Za-z0-9]{7,8}(?![\w:/-])")
_SHORT_HEX_ID = re.compile(r"[0-9a-f]{8}")
# a hash must contain a letter, or card numbers written without separators would pass as one
_PROTECTED = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=[0-9]{0,63}[a-f])[0-9a-f]{32,64}"
    r"|(?<!\d[._/-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r")(?![0-9A-Za-z])"
)
"""Ids (UUIDs and hexadecimal hashes) and ISO 8601 dates, which stay readable whatever their digits look like."""


def redact_text(text: str) -> str:
    """Return the text without e-mail addresses, card, phone, passport and bank account numbers, and tokens.

    Dates (`2027-05-01`), UUIDs and hashes are kept. A text longer than `MAX_TEXT_CHARACTERS` is cut.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        text = text[:MAX_TEXT_CHARACTERS] + TRUNCATED
    for step in REDACTION_STEPS:
        text = step(text)
    return text


def redact_value(value: Any, key: str = "") -> Any:
    """Return a JSON value with all its texts redacted; the value of a sensitive field is replaced as a whole."""
    if key.lower().replace("-", "_") in SENSITIVE_FIELD_NAMES and value not in (None, "", [], {}):
        return REDACTED
    if isinstance(value, dict):
        # names of fields come from clients too
        return {redact_text(str(name)): redact_value(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact_text(value.decode(errors="replace") if isinstance(value, bytes) else str(value))


def _redact_tokens(text: str) -> str:
    text = _API_KEY.sub(REDACTED, _BEARER.sub(REDACTED, text))
    return _DOTTED_RUN.sub(_redact_jwt, text)


def _redact_jwt(match: re.Match[str]) -> str:
    return REDACTED if match[0].count(".") >= 2 and _JWT_HEADER.search(match[0]) else match[0]


def _redact_emails(text: str) -> str:
    return _EMAIL.sub(REDACTED, text)


def _redact_identifiers(text: str) -> str:
    """Redact numbers of bank accounts, cards, phones and passports between the protected ids and dates."""
    parts: list[str] = []
    end = 0
    for protected in _PROTECTED.finditer(text):
        parts += [_redact_unprotected(text[end : protected.start()]), protected[0]]
        end = protected.end()
    return "".join([*parts, _redact_unprotected(text[end:])])


def _redact_unprotected(text: str) -> str:
    text = redact_numbers(_IBAN.sub(_redact_iban, text), REDACTED)
    return _LOWER_CASE_PASSPORT.sub(_redact_passport, _PASSPORT.sub(_redact_passport, text))


def _redact_iban(match: re.Match[str]) -> str:
    compact = re.sub(r"\s", "", match[0]).upper()
    # people write an IBAN in groups of four; a misspelled one, without a right checksum, is personal too
    is_grouped = len(compact) < len(match[0]) and sum(map(str.isdecimal, compact)) >= 8
    return REDACTED if is_grouped or _has_iban_checksum(compact) else match[0]


def _has_iban_checksum(compact: str) -> bool:
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def _redact_passport(match: re.Match[str]) -> str:
    digits = sum(map(str.isdecimal, match[0]))
    # eight hexadecimal digits are more often a shortened hash than a passport number
    is_hex_id = _SHORT_HEX_ID.fullmatch(match[0]) and digits < 7
    return match[0] if digits < 3 or is_hex_id else REDACTED


# in this order, because a number that is redacted inside a token or an address would hide the rest of it
REDACTION_STEPS: tuple[Callable[[str], str], ...] = (_redact_tokens, _redact_emails, _redact_identifiers)
