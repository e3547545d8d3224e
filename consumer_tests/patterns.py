"""Regular expressions of the values that a vendor must send, for the Pact verifier and for Python."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MONTH_AND_DAY = (
    r"((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))"
)
_LEAP_YEAR = r"(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
_CALENDAR_DATE = rf"(\d{{4}}-{_MONTH_AND_DAY}|{_LEAP_YEAR}-02-29)"
_TIME_WITH_OFFSET = (
    r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d)"  # offsets end at +14:00
)

DATE = f"^{_CALENDAR_DATE}$"
"""A date that exists: neither 9999-99-99 nor 2027-02-30."""
DATE_TIME = f"^{_CALENDAR_DATE}{_TIME_WITH_OFFSET}$"
"""A date-time of RFC 3339 on a date that exists, with an offset."""
WHOLE_NUMBER = r"^-?\d+$"
UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

PATTERN_BY_FORMAT = {"date": DATE, "date-time": DATE_TIME, "uuid": UUID}
"""The patterns of the formats of JSON Schema; other formats, such as `int32`, are no matter of text."""


def any_of_pattern(values: Iterable[object]) -> str:
    """Return the pattern of exactly these values."""
    return "^(" + "|".join(re.escape(str(value)) for value in values) + ")$"


def date_time_on(dates: Iterable[str]) -> str:
    """Return the pattern of a date-time on one of these dates, at any time."""
    return "^(" + "|".join(map(re.escape, dates)) + f"){_TIME_WITH_OFFSET}$"
