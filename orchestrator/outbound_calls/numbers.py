"""Which numbers may be called: protection against toll fraud."""

from __future__ import annotations

from collections.abc import Sequence

import phonenumbers

EXPENSIVE_TYPES = frozenset(
    {phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST}
)
"""Numbers whose owner earns from each call."""


def country_prefix(region: str) -> str:
    """Return the prefix of a country's numbers, as `+49`; of an unknown country one that no number has."""
    return f"+{phonenumbers.country_code_for_region(region)}"


def is_allowed(number: str, prefixes: Sequence[str]) -> bool:
    """Return whether a number (E.164) may be called: it has an allowed prefix and is not an expensive service."""
    if not number.startswith(tuple(prefixes)):
        return False
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    # is_valid_number would reject ranges that were assigned after the library's release
    return phonenumbers.is_possible_number(parsed) and phonenumbers.number_type(parsed) not in EXPENSIVE_TYPES
