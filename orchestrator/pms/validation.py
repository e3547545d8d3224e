"""What is asked of a PMS makes sense, before it is asked."""

from __future__ import annotations

import re
from datetime import date

import phonenumbers

from orchestrator.pms.errors import InvalidInput

LONGEST_STAY = 365
"""Nights."""
MOST_ADULTS = 9
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")


def stay_dates(arrival: date, departure: date, today: date) -> None:
    """Nothing, if somebody can stay then.

    Raises:
        InvalidInput: the stay ends before it begins, is too long, or has begun before today.
    """
    if arrival < today:
        raise InvalidInput("arrival", f"should not be before {today}")
    nights = (departure - arrival).days
    if nights < 1:
        raise InvalidInput("departure", "should be after the arrival")
    if nights > LONGEST_STAY:
        raise InvalidInput("departure", f"should be at most {LONGEST_STAY} nights after the arrival")


def occupancy(adults: int) -> None:
    """Nothing, if so many fit a room.

    Raises:
        InvalidInput: nobody, or too many.
    """
    if not 1 <= adults <= MOST_ADULTS:
        raise InvalidInput("adults", f"should be from 1 to {MOST_ADULTS}")


def identifier(field: str, value: str) -> str:
    """The id, if it can be one.

    Raises:
        InvalidInput: it holds something that no id holds.
    """
    if not _ID.fullmatch(value):
        raise InvalidInput(field, "should be letters, digits, '-', '_' and '.', at most 64 of them")
    return value


def phone(field: str, number: str, region: str) -> str:
    """The number in E.164.

    Args:
        field: named when it is none.
        number: as people write it.
        region: of numbers without a country code.

    Raises:
        InvalidInput: it is no telephone number.
    """
    found = phone_or_none(number, region)
    if found is None:
        raise InvalidInput(field, "should be a telephone number, like +49 30 123456")
    return found


def phone_or_none(number: str | None, region: str) -> str | None:
    """The number in E.164, or None if it is none."""
    if not number or len(number) > 40:
        return None
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
