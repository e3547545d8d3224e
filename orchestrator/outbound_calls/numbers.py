"""Which numbers may be called: protection against toll fraud."""

from __future__ import annotations

from collections.abc import Sequence

import phonenumbers

ALLOWED_TYPES = frozenset(
    {
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.VOIP,
    }
)
"""Types of a person's telephone. The owner of another type may earn from each call, or is an emergency service."""


def country_prefix(region: str) -> str:
    """Return the prefix of a country's numbers, as `+49`; of an unknown country one that no number has."""
    return f"+{phonenumbers.country_code_for_region(region)}"


def is_allowed(number: str, prefixes: Sequence[str]) -> bool:
    """Return whether a number (E.164) may be called: it has an allowed prefix and is that of a person's telephone."""
    if not number.startswith(tuple(prefixes)):
        return False
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    # parse drops the 0 in +490…, which is dialled nevertheless
    is_e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
    # the type of a number that is not valid, such as +4911833, is unknown
    return is_e164 and phonenumbers.number_type(parsed) in ALLOWED_TYPES
