"""Validation of parameters before a PMS is called."""

from __future__ import annotations

import re
from datetime import date

import phonenumbers

from orchestrator.pms.errors import InvalidStayRequestError

MAX_NIGHTS = 365
MAX_ADULTS = 9
MAX_PHONE_CHARACTERS = 40
COMPARED_DIGITS = 4
"""Of the end of two phone numbers, before one of them is parsed. Prefixes can be written in many ways, the end cannot."""
# letters stand for digits or begin an extension
_PLAIN_PHONE = re.compile(r"[0-9 +().-]+")


def validate_stay_dates(arrival: date, departure: date, today: date) -> None:
    """Check the dates of a stay.

    Raises:
        InvalidStayRequestError: the arrival is in the past, or the stay has less than one or too many nights.
    """
    if arrival < today:
        raise InvalidStayRequestError("arrival", f"should not be before {today}")
    nights = (departure - arrival).days
    if nights < 1:
        raise InvalidStayRequestError("departure", "should be after the arrival")
    if nights > MAX_NIGHTS:
        raise InvalidStayRequestError("departure", f"should be at most {MAX_NIGHTS} nights after the arrival")


def validate_adults(adults: int) -> None:
    """Check the number of adults in a room.

    Raises:
        InvalidStayRequestError: the number is not between 1 and `MAX_ADULTS`.
    """
    if not 1 <= adults <= MAX_ADULTS:
        raise InvalidStayRequestError("adults", f"should be from 1 to {MAX_ADULTS}")


def is_phone(number: str | None, region: str, phone: str) -> bool:
    """Return whether a phone number in the PMS is this one: whether `normalize_phone` of it is `phone`.

    Of another number mostly the last digits decide, which takes a fiftieth of the time.
    """
    if number and _PLAIN_PHONE.fullmatch(number):
        digits = "".join(filter(str.isdecimal, number))
        if not phone.endswith(digits[-COMPARED_DIGITS:]):
            return False
    return normalize_phone(number, region) == phone


def normalize_phone(number: str | None, region: str) -> str | None:
    """Return a phone number in E.164, or None if it is not valid.

    Args:
        number: as written in the PMS.
        region: the country of numbers without a country code, as ISO 3166-1 alpha-2.
    """
    # a PMS stores free text here; anything longer is not a phone number
    if not number or len(number) > MAX_PHONE_CHARACTERS:
        return None
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    # is_valid_number would reject ranges that were assigned after the library's release
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
