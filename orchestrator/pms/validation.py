"""What is asked of a PMS makes sense, before it is asked."""

from __future__ import annotations

from datetime import date

import phonenumbers

from orchestrator.pms.errors import InvalidStayRequestError

MAX_NIGHTS = 365
"""Nights."""
MAX_ADULTS = 9


def validate_stay_dates(arrival: date, departure: date, today: date) -> None:
    """Nothing, if somebody can stay then.

    Raises:
        InvalidStayRequestError: the stay ends before it begins, is too long, or has begun before today.
    """
    if arrival < today:
        raise InvalidStayRequestError("arrival", f"should not be before {today}")
    nights = (departure - arrival).days
    if nights < 1:
        raise InvalidStayRequestError("departure", "should be after the arrival")
    if nights > MAX_NIGHTS:
        raise InvalidStayRequestError("departure", f"should be at most {MAX_NIGHTS} nights after the arrival")


def validate_adults(adults: int) -> None:
    """Nothing, if so many fit a room.

    Raises:
        InvalidStayRequestError: nobody, or too many.
    """
    if not 1 <= adults <= MAX_ADULTS:
        raise InvalidStayRequestError("adults", f"should be from 1 to {MAX_ADULTS}")


def normalize_phone(number: str | None, region: str) -> str | None:
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
