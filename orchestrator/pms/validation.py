"""What is asked of a PMS makes sense, before it is asked."""

from __future__ import annotations

from datetime import date

import phonenumbers

from orchestrator.pms.errors import InvalidInput

LONGEST_STAY = 365
"""Nights."""
MOST_ADULTS = 9


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
